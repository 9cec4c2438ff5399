import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { Restarts } from '../../src/engine/restarts.js'
import { systemFiles } from '../../src/system/files.js'
import { movingClock } from '../support/clock.js'
import { temporaryFolder } from '../support/folder.js'
import { kind, machine, upgradeOf } from '../support/jobs.js'
import { silentLog } from '../support/surroundings.js'

interface Rig {
  readonly restarts: Restarts
  readonly made: string[]
  readonly printer: { printing: boolean; known: boolean }
  readonly file: string
}

const rig = async (folder: string, printing: boolean, known = true): Promise<Rig> => {
  const made: string[] = []
  const printer = { printing, known }
  const restarts = new Restarts({
    services: { restart: async (service) => void made.push(service) },
    clock: movingClock(),
    files: systemFiles,
    log: silentLog,
    folder,
    isPrinting: () => printer.printing,
    isKnown: () => printer.known,
  })
  await restarts.load()
  return { restarts, made, printer, file: path.join(folder, 'restarts.json') }
}

const silent = (): void => undefined

test('what an undo owes is made up for after the print, once, also by a later start', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await rig(folder, true)
  await first.restarts.settle()
  await first.restarts.for('app').restartWhenIdle('app', silent)
  await first.restarts.startAgain()
  await first.restarts.settle()
  assert.deepEqual(first.made, [])
  const next = await rig(folder, true)
  await next.restarts.settle()
  assert.deepEqual(next.made, [])
  next.printer.printing = false
  await Promise.all([next.restarts.settle(), next.restarts.settle()])
  assert.deepEqual(next.made, ['app'])
  assert.equal(existsSync(next.file), false)
})

test('nothing is restarted as long as it is not known whether a Klipper that answers prints', async (t) => {
  const folder = await temporaryFolder(t)
  const { restarts, made, printer } = await rig(folder, false, false)
  await restarts.for('klipper').restartWhenIdle('klipper', silent)
  await restarts.startAgain()
  await restarts.settle()
  assert.deepEqual(made, [])
  // It prints, as is seen now.
  Object.assign(printer, { known: true, printing: true })
  await restarts.settle()
  assert.deepEqual(made, [])
  printer.printing = false
  await restarts.settle()
  assert.deepEqual(made, ['klipper'])
})

test('what is undone is started again once, when it was restarted', async (t) => {
  const { restarts, made } = await rig(await temporaryFolder(t), false)
  await restarts.settle()
  const one = restarts.for('one')
  const { signal } = new AbortController()
  restarts.watch()
  await one.restart('shared', silent, signal)
  for (const service of ['shared', 'never', 'shared']) await one.restartWhenIdle(service, silent)
  assert.deepEqual(made, ['shared'], 'not before all is undone')
  await restarts.startAgain()
  assert.deepEqual(made, ['shared', 'shared'])
  await restarts.startAgain()
  // The next operation restarts nothing.
  restarts.watch()
  await one.restartWhenIdle('shared', silent)
  await restarts.startAgain()
  assert.deepEqual(made, ['shared', 'shared'])
})

test('a service that we may not restart was not touched: it is not started again', async (t) => {
  const tried: string[] = []
  const restarts = new Restarts({
    services: {
      restart: async (service) => {
        tried.push(service)
        throw new MoonkeeperError(service === 'denied' ? 'refused' : 'command_failed', 'no')
      },
    },
    clock: movingClock(),
    files: systemFiles,
    log: silentLog,
    folder: await temporaryFolder(t),
    isPrinting: () => false,
    isKnown: () => true,
  })
  await restarts.settle()
  restarts.watch()
  const { signal } = new AbortController()
  for (const service of ['denied', 'broken']) {
    await assert.rejects(restarts.for('app').restart(service, silent, signal))
    await restarts.for('app').restartWhenIdle(service, silent)
  }
  await restarts.startAgain()
  assert.deepEqual(tried, ['denied', 'broken', 'broken'])
})

test('a service that does not start on the old files is told, and keeps no other from it', async (t) => {
  const folder = await temporaryFolder(t)
  const made: string[] = []
  const restarts = new Restarts({
    services: {
      restart: async (service) => {
        if (service === 'broken') throw new Error('no such unit')
        made.push(service)
      },
    },
    clock: movingClock(),
    files: systemFiles,
    log: silentLog,
    folder,
    isPrinting: () => false,
    isKnown: () => true,
  })
  await restarts.settle()
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  // Of an earlier life: nobody knows what it restarted.
  for (const service of ['broken', 'app']) await restarts.for('app').restartWhenIdle(service, say)
  await restarts.startAgain()
  assert.deepEqual(made, ['app'])
  assert.match(lines.join('\n'), /but service broken could not be started on it: no such unit/)
})

/** An upgrade whose restart comes when a print has just begun. */
const interrupted = async (t: TestContext) => {
  const at = await machine(t, 'one')
  const clock = movingClock()
  const made: string[] = []
  const bench = await at.begin({
    clock,
    lockTimeout: 180_000,
    services: { restart: async (service) => void made.push(service) },
    onJob: ({ stage }) => {
      if (stage.startsWith('one: ') && made.length === 0) bench.printer.printing = true
    },
  })
  const change = bench.engine.change(upgradeOf('one'))
  const waits = await Promise.race([
    bench.untilTold(({ log }) => log?.some(({ text }) => text.includes('A print runs')) === true),
    change.then(() => assert.fail('it did not wait')),
  ])
  return { at, clock, made, bench, change, id: waits.id }
}

test('a restart waits for the end of a print that began meanwhile, however long: nothing stalls', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { clock, made, bench, change } = await interrupted(t)
  for (let second = 0; second < 600; second += 1) {
    await clock.pass(1)
    t.mock.timers.tick(1000)
  }
  assert.deepEqual(made, [])
  assert.equal(bench.engine.jobs.list({ state: 'running', limit: 1, offset: 0 }).total, 1)
  bench.printer.printing = false
  await clock.pass(1)
  // It does not begin anew: the restart is made.
  await change
  assert.deepEqual(made, ['one'])
})

test('a cancel while a restart waits undoes all under the print; what was not restarted is left alone', async (t) => {
  const { at, made, bench, change, id } = await interrupted(t)
  const told = assert.rejects(change, kind('cancelled'))
  assert.equal((await bench.engine.cancelJob(id)).state, 'cancelled')
  await told
  assert.equal(at.version('one'), 'v1.0.0')
  assert.deepEqual(made, [])
  bench.printer.printing = false
  await bench.restarts.settle()
  assert.deepEqual(made, [])
})
