import { mkdir, realpath, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { loadConfiguration, type Configuration } from '../../src/config/index.js'
import { temporaryFolder } from './folder.js'

/** Writes files with their folders below `folder`. */
export const writeFiles = async (folder: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text, { mode: name.includes('/bin/') ? 0o755 : 0o644 })
  }
}

/** A home folder with printer_data in it. */
export interface ConfigScene {
  /** Symlinks followed. */
  readonly home: string
  readonly data: string
  readonly configFile: string
  load(): Promise<Configuration>
}

/**
 * @param files relative to the home folder
 * @param main moonraker.conf; [server] is put before it
 */
export const configScene = async (
  t: Pick<TestContext, 'after'>,
  main: string,
  files: Readonly<Record<string, string>> = {},
): Promise<ConfigScene> => {
  const home = await realpath(await temporaryFolder(t))
  const data = path.join(home, 'printer_data')
  const configFile = path.join(data, 'config', 'moonraker.conf')
  await writeFiles(home, { 'printer_data/config/moonraker.conf': `[server]\n${main}`, ...files })
  return {
    home,
    data,
    configFile,
    load: () => loadConfiguration({ configFile, dataPath: data, homeFolder: home }),
  }
}
