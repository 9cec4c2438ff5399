import assert from 'node:assert/strict'
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { createKlipperPaths } from '../../src/parts/klipper-paths.js'
import { Notices } from '../../src/parts/notices.js'
import type { Part } from '../../src/parts/part.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { klippyRig, until, type FakeKlippy } from '../support/klippy.js'
import { fakeLog } from '../support/rpc.js'

interface Scene {
  readonly home: string
  readonly klippy: FakeKlippy
  readonly part: Part
  /** server.info would warn of this. */
  warnings(): Promise<readonly string[]>
  again(): Promise<void>
}

/** A Klipper that is ready, with its files where the test says. */
const met = async (
  t: TestContext,
  prepare: (klippy: FakeKlippy, data: string, home: string) => void,
  checksConfig = true,
): Promise<Scene> => {
  const home = realpathSync(await temporaryFolder(t))
  const data = path.join(home, 'printer_data')
  for (const name of ['config', 'gcodes']) mkdirSync(path.join(data, name), { recursive: true })
  const { klippy, connection } = await klippyRig(t)
  const notices = new Notices()
  const part = createKlipperPaths({
    printer: connection,
    notices,
    checksConfig: () => checksConfig,
    dataPath: data,
    homeFolder: home,
    files: systemFiles,
    log: fakeLog(),
  })
  t.after(() => part.stop())
  prepare(klippy, data, home)
  await klippy.listen()
  connection.start()
  await until(connection, () => connection.state === 'ready')
  const about = /file_manager|GCode path/
  return {
    home,
    klippy,
    part,
    warnings: async () => {
      await part.reload?.()
      return notices.all().filter((text) => about.test(text))
    },
    again: async () => {
      klippy.drop()
      await until(connection, () => connection.state !== 'ready')
      await until(connection, () => connection.state === 'ready')
    },
  }
}

const printsFrom = (klippy: FakeKlippy, folder: string): void => {
  klippy.objects.configfile = { config: { virtual_sdcard: { path: folder } } }
}

describe("Klipper's files", () => {
  test('where they belong are no warning', async (t) => {
    const scene = await met(t, (klippy, data) => {
      klippy.files = { config_file: path.join(data, 'config/printer.cfg') }
      printsFrom(klippy, '~/printer_data/gcodes/')
    })
    assert.deepEqual(await scene.warnings(), [])
  })

  test('behind a symlink are no warning', async (t) => {
    const scene = await met(t, (klippy, _data, home) => {
      symlinkSync('printer_data', path.join(home, 'link'))
      klippy.files = { config_file: path.join(home, 'link/config/printer.cfg') }
      printsFrom(klippy, path.join(home, 'link/gcodes'))
    })
    assert.deepEqual(await scene.warnings(), [])
  })

  test("elsewhere are warnings, in Moonraker's words, until they are not any more", async (t) => {
    const scene = await met(t, (klippy) => {
      klippy.files = { config_file: '/etc/klipper/printer.cfg' }
      printsFrom(klippy, '/mnt/gcodes')
    })
    const data = path.join(scene.home, 'printer_data')
    assert.deepEqual(await scene.warnings(), [
      "file_manager: Klipper configuration file not located in 'config' folder.\n\n" +
        `Klipper Config Path: /etc/klipper/printer.cfg\n\nConfig Folder: ${data}/config`,
      "GCode path received from Klipper does not match expected location.\n\nReceived: '/mnt/gcodes'\n" +
        `Expected: '${data}/gcodes'\n\nModify the [virtual_sdcard] section Klipper's configuration to correct this ` +
        `error.\n\n[virtual_sdcard]\npath: ${data}/gcodes`,
    ])
    scene.klippy.files = { config_file: path.join(data, 'config/printer.cfg') }
    printsFrom(scene.klippy, path.join(data, 'gcodes'))
    await scene.again()
    assert.deepEqual(await scene.warnings(), [])
  })

  test('are not looked at where check_klipper_config_path says so', async (t) => {
    const scene = await met(t, (klippy) => (klippy.files = { config_file: '/etc/printer.cfg' }), false)
    assert.deepEqual(await scene.warnings(), [])
  })

  test('that it does not name are no warning', async (t) => {
    const scene = await met(t, (klippy) => delete klippy.objects.virtual_sdcard)
    assert.deepEqual(await scene.warnings(), [])
    assert.ok(!scene.klippy.requests.some(({ method }) => method === 'objects/query'))
  })
})
