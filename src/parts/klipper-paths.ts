import path from 'node:path'
import { expandHome, followSymlinks, isWithin } from '../config/paths.js'
import { missingFolders } from '../klippy/folders.js'
import type { KlippyConnection } from '../klippy/connection.js'
import { asRecord } from '../klippy/messages.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'
import type { Notices } from './notices.js'
import type { Part } from './part.js'

export interface KlipperPathsSetup {
  readonly printer: Pick<
    KlippyConnection,
    'install' | 'configFile' | 'state' | 'missingRequirements' | 'request' | 'onChange'
  >
  readonly notices: Pick<Notices, 'set'>
  /** check_klipper_config_path */
  readonly checksConfig: () => boolean
  /** The printer's. */
  readonly dataPath: string
  readonly homeFolder: string
  readonly files: Files
  readonly log: Pick<Log, 'warn'>
}

/** compat: the words are Moonraker's. */
const configElsewhere = (file: string, folder: string): string =>
  `file_manager: Klipper configuration file not located in 'config' folder.\n\nKlipper Config Path: ${file}\n\nConfig Folder: ${folder}`

const gcodesElsewhere = (received: string, expected: string): string =>
  `GCode path received from Klipper does not match expected location.\n\nReceived: '${received}'\nExpected: '${expected}'\n\n` +
  `Modify the [virtual_sdcard] section Klipper's configuration to correct this error.\n\n[virtual_sdcard]\npath: ${expected}`

/** Warns when Klipper's files are not where front ends look for them. */
class KlipperPaths {
  /** Where G-code is, as Klipper's configuration has it; null while that is not known. */
  private gcodes: string | null = null
  /** Of the Klipper that is ready now. */
  private asked = false
  private turn: Promise<void> = Promise.resolve()
  private open = true

  constructor(private readonly setup: KlipperPathsSetup) {}

  /** What is under way comes first. */
  look(): Promise<void> {
    if (this.setup.printer.state !== 'ready') this.asked = false
    this.turn = this.turn
      .then(() => this.lookNow())
      .catch((err: unknown) => this.setup.log.warn({ err }, "Klipper's folders could not be looked at"))
    return this.turn
  }

  async close(): Promise<void> {
    this.open = false
    await this.turn
  }

  private async lookNow(): Promise<void> {
    const { printer, notices } = this.setup
    if (!this.open) return
    if (printer.state === 'ready' && !this.asked) {
      this.asked = true
      this.gcodes = await this.askGcodes()
    }
    if (printer.install === null) return
    const folders = await missingFolders(printer.install.path, this.setup.files)
    const texts = [...folders, ...(await this.aboutConfig()), ...(await this.aboutGcodes())]
    notices.set('klipper', ...texts)
  }

  /** @returns null when it is not said, or cannot be asked */
  private async askGcodes(): Promise<string | null> {
    const { printer, homeFolder } = this.setup
    if (printer.missingRequirements.includes('virtual_sdcard')) return null
    const objects = { configfile: ['config'] }
    const answer = await printer.request('objects/query', { objects }).catch(() => null)
    const { config } = asRecord(asRecord(asRecord(answer).status).configfile)
    const { path: written } = asRecord(asRecord(config).virtual_sdcard)
    return typeof written === 'string' ? path.normalize(expandHome(written, homeFolder)) : null
  }

  private async aboutConfig(): Promise<string[]> {
    const { printer, checksConfig, dataPath } = this.setup
    const file = printer.configFile
    if (file === null || !checksConfig()) return []
    const folder = path.join(dataPath, 'config')
    const isThere =
      isWithin(file, folder) || isWithin(await followSymlinks(file), await followSymlinks(folder))
    return isThere ? [] : [configElsewhere(file, folder)]
  }

  private async aboutGcodes(): Promise<string[]> {
    const { dataPath, files } = this.setup
    const expected = path.join(dataPath, 'gcodes')
    if (this.gcodes === null || this.gcodes.replace(/\/$/, '') === expected) return []
    const [one, other] = [await files.stat(this.gcodes), await files.stat(expected)]
    const isSame = one !== null && other !== null && one.dev === other.dev && one.ino === other.ino
    return isSame ? [] : [gcodesElsewhere(this.gcodes, expected)]
  }
}

export const createKlipperPaths = (setup: KlipperPathsSetup): Part => {
  const paths = new KlipperPaths(setup)
  const end = setup.printer.onChange(() => void paths.look())
  return {
    start: () => Promise.resolve(),
    reload: () => paths.look(),
    stop: async () => {
      end()
      await paths.close()
    },
  }
}
