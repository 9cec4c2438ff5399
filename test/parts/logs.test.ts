import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { MoonkeeperError } from '../../src/contract/error.js'
import { Serialized } from '../../src/contract/serialized.js'
import { createLogs, type LogsSetup } from '../../src/parts/logs.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { emptyStatus } from '../support/rpc.js'

interface Scene {
  readonly folder: string
  readonly orders: string[]
  readonly rollOver: (
    application: string | null,
    changed?: Partial<LogsSetup>,
  ) => Promise<{ rolled_over: string[]; failed: object }>
}

const scene = async (t: TestContext): Promise<Scene> => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'klippy.log')
  await writeFile(file, 'old')
  const orders: string[] = []
  const setup: LogsSetup = {
    own: { rollOver: () => void orders.push('own') },
    printer: { printing: false, known: true, logFile: file },
    engine: { status: () => Serialized.of(emptyStatus) },
    names: { klipper: async () => 'klipper-1' },
    services: { order: async (action, service) => void orders.push(`${action} ${service}`) },
    files: systemFiles,
    now: () => new Date(2026, 0, 2, 3, 4, 5),
  }
  return {
    folder,
    orders,
    rollOver: (application, changed = {}) => createLogs({ ...setup, ...changed }).rollOver(application),
  }
}

describe('new logs', () => {
  test('of both, with Klipper stopped meanwhile', async (t) => {
    const { folder, orders, rollOver } = await scene(t)
    assert.deepEqual(await rollOver(null), { rolled_over: ['moonraker', 'klipper'], failed: {} })
    assert.deepEqual(orders, ['own', 'stop klipper-1', 'start klipper-1'])
    assert.deepEqual(await readdir(folder), ['klippy.log.2026-01-02_03-04-05'])
    assert.equal(await readFile(path.join(folder, 'klippy.log.2026-01-02_03-04-05'), 'utf8'), 'old')
  })

  test('of one', async (t) => {
    const { orders, rollOver } = await scene(t)
    assert.deepEqual(await rollOver('moonraker'), { rolled_over: ['moonraker'], failed: {} })
    assert.deepEqual(orders, ['own'])
  })

  for (const name of ['nope', '', 'constructor'])
    test(`of '${name}' are refused`, async (t) => {
      const { rollOver } = await scene(t)
      await assert.rejects(rollOver(name), { kind: 'refused', message: `Unknown application ${name}` })
    })

  test('that are not there are told of, and keep no other from it', async (t) => {
    const { orders, rollOver } = await scene(t)
    const own = {
      rollOver: (): void => {
        throw new MoonkeeperError('refused', 'File Logging Disabled')
      },
    }
    const { rolled_over: done, failed } = await rollOver(null, { own })
    assert.deepEqual([done, failed], [['klipper'], { moonraker: 'File Logging Disabled' }])
    assert.equal(orders.length, 2)
  })

  const printer = { printing: false, known: true, logFile: '/nowhere/klippy.log' }
  const refusals: readonly [string, Partial<LogsSetup>, RegExp][] = [
    ['a print', { printer: { ...printer, printing: true } }, /^Cannot rollover log while printing$/],
    [
      'nobody knows whether it prints',
      { printer: { ...printer, known: false } },
      /does not say whether it prints/,
    ],
    [
      'an update runs',
      { engine: { status: () => Serialized.of({ ...emptyStatus, busy: true }) } },
      /while an update runs/,
    ],
    ['Klipper is no service', { names: { klipper: async () => null } }, /^Unable to detect Klipper Service/],
    ['Klipper has no log', { printer: { ...printer, logFile: null } }, /^Unable to detect path/],
    ['the log is not there', { printer }, /^No file at \/nowhere\/klippy\.log exists/],
    ['the log is a folder', { printer: { ...printer, logFile: '/tmp' } }, /^No file at \/tmp exists/],
  ]
  for (const [when, changed, reason] of refusals)
    test(`of Klipper are refused when ${when}, and it is not stopped`, async (t) => {
      const { orders, rollOver } = await scene(t)
      const { failed } = (await rollOver('klipper', changed)) as { failed: { klipper: string } }
      assert.match(failed.klipper, reason)
      assert.deepEqual(orders, [])
    })

  test('that fail leave Klipper running', async (t) => {
    const { orders, rollOver } = await scene(t)
    const files = {
      ...systemFiles,
      rename: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
    }
    const { failed } = (await rollOver('klipper', { files })) as { failed: { klipper: string } }
    assert.match(failed.klipper, /The disk is full/)
    assert.deepEqual(orders, ['stop klipper-1', 'start klipper-1'])
  })
})
