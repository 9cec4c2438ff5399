import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { Schedule } from '../../src/engine/schedule.js'
import type { Services } from '../../src/machine/services.js'
import { systemClock } from '../../src/system/clock.js'
import type { Commands } from '../../src/system/commands.js'
import { systemFiles } from '../../src/system/files.js'
import type { GitRepoOptions } from '../../src/updaters/git_repo/options.js'
import { latch, makeEngine, makeIdleEngine, type Bench, type Overrides } from '../support/engine.js'
import { temporaryFolder } from '../support/folder.js'
import { checkoutAt, git, makeUpstream, type Upstream } from '../support/repositories.js'
import { gitOptions, realCommands, silentLog } from '../support/surroundings.js'

const kind = (expected: string) => (thrown: unknown) =>
  thrown instanceof MoonkeeperError && thrown.kind === expected

interface Machine {
  readonly folder: string
  readonly upstream: Upstream
  readonly options: Readonly<Record<string, GitRepoOptions>>
  version(name: string): string
}

/** Checkouts at v1.0.0, three commits behind; each restarts the service of its name. */
const machine = async (t: TestContext, ...names: string[]): Promise<Machine> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const optionsOf = (name: string): GitRepoOptions =>
    gitOptions(checkoutAt(upstream, path.join(folder, name), 'v1.0.0'), upstream.url, {
      managed_services: [name],
    })
  const options = Object.fromEntries(names.map((name) => [name, optionsOf(name)]))
  return { folder, upstream, options, version: (name) => git(path.join(folder, name), 'describe', '--tags') }
}

const begin = async (t: TestContext, at: Machine, overrides: Overrides = {}): Promise<Bench> => {
  const bench = await makeEngine(at.folder, at.options, overrides)
  t.after(() => bench.engine.stop())
  return bench
}

/** Services whose first restart waits: whoever restarts it has the turn until then. */
const heldServices = (): {
  services: Pick<Services, 'restart'>
  reached: Promise<void>
  release: () => void
} => {
  const reached = latch()
  const released = latch()
  const restart = (): Promise<void> => {
    reached.open()
    return released.opened
  }
  return { services: { restart }, reached: reached.opened, release: released.open }
}

const lastOf = (bench: Bench, application: string): readonly [string | undefined, boolean | undefined] => {
  const line = bench.lines.findLast((candidate) => candidate.application === application)
  return [line?.message, line?.complete]
}

test('what waited is refused when a print began meanwhile, and ends with its last line', async (t) => {
  const at = await machine(t, 'one', 'two')
  const { services, reached, release } = heldServices()
  const bench = await begin(t, at, { services })
  const first = bench.engine.upgrade('one')
  await reached
  const waiting = [
    bench.engine.upgrade('two'),
    bench.engine.rollback('two'),
    bench.engine.recover('two', { hard: true, updateDependencies: false }),
    bench.engine.upgradeAll(),
  ]
  bench.printer.printing = true
  release()
  await first
  const ends = await Promise.allSettled(waiting)
  const kinds = ends.map((end) => end.status === 'rejected' && (end.reason as MoonkeeperError).kind)
  assert.deepEqual(kinds, ['printing', 'recovery_while_printing', 'recovery_while_printing', 'printing'])
  assert.deepEqual(lastOf(bench, 'two'), ['Error updating two: Update Refused: Klippy is printing', true])
  assert.deepEqual(lastOf(bench, 'rollback_two'), ['Rollback Attempt Refused: Klippy is printing', true])
  assert.deepEqual(lastOf(bench, 'recover_two'), ['Recovery Attempt Refused: Klippy is printing', true])
  assert.deepEqual(lastOf(bench, 'full'), ['Error updating one: Update Refused: Klippy is printing', true])
  assert.equal(at.version('two'), 'v1.0.0')
})

test('a print that begins while an upgrade is surveyed keeps it from changing anything', async (t) => {
  const at = await machine(t, 'one')
  const onLine: Overrides['onLine'] = ({ message }, { printer }) => {
    if (message.endsWith('Updating Repo...')) printer.printing = true
  }
  const bench = await begin(t, at, { onLine })
  await assert.rejects(bench.engine.upgrade('one'), kind('printing'))
  assert.deepEqual(lastOf(bench, 'one'), ['Error updating one: Update Refused: Klippy is printing', true])
  assert.equal(at.version('one'), 'v1.0.0')
})

test('a full update stops before the next application when a print begins', async (t) => {
  const at = await machine(t, 'one', 'two')
  const onLine: Overrides['onLine'] = ({ message }, { printer }) => {
    if (message === 'Git Repo one: Update Finished...') printer.printing = true
  }
  const bench = await begin(t, at, { onLine })
  await assert.rejects(bench.engine.upgradeAll(), kind('printing'))
  assert.deepEqual(lastOf(bench, 'full'), ['Error updating two: Update Refused: Klippy is printing', true])
  assert.equal(at.version('two'), 'v1.0.0')
  assert.match(at.version('one'), /^v1\.1\.0/)
})

test('a restart that was put off is not done in a print, but after it', async (t) => {
  const at = await machine(t, 'one')
  const options = { one: { ...at.options.one, managed_services: ['klipper'] } as GitRepoOptions }
  const restarted: string[] = []
  const bench = await begin(
    t,
    { ...at, options },
    {
      services: { restart: async (service) => void restarted.push(service) },
      onLine: ({ message }, { printer }) => {
        if (message === 'Git Repo one: Update Finished...') printer.printing = true
      },
    },
  )
  await bench.engine.upgradeAll()
  assert.deepEqual(restarted, [])
  assert.ok(
    bench.lines.some(({ message }) => message === 'Service klipper is restarted when no print runs...'),
  )
  assert.deepEqual(lastOf(bench, 'full'), ['Full Update Complete', true])
  bench.printer.printing = false
  await bench.restarts.settle()
  assert.deepEqual(restarted, ['klipper'])
})

test('an operation that waited for a reload is done to what is configured then', async (t) => {
  const at = await machine(t, 'one', 'two', 'elsewhere')
  const { one, two, elsewhere } = at.options as Record<'one' | 'two' | 'elsewhere', GitRepoOptions>
  const { services, reached, release } = heldServices()
  const bench = await begin(t, { ...at, options: { one, two } }, { services })
  const first = bench.engine.upgrade('one')
  await reached
  const reload = bench.manage({ one, two: elsewhere })
  const moved = bench.engine.upgrade('two')
  release()
  await Promise.all([first, reload, moved])
  assert.equal(at.version('two'), 'v1.0.0')
  assert.match(at.version('elsewhere'), /^v1\.1\.0/)
})

test('an operation whose application was forgotten while it waited is refused with its last line', async (t) => {
  const at = await machine(t, 'one', 'two')
  const { one } = at.options as Record<'one', GitRepoOptions>
  const { services, reached, release } = heldServices()
  const bench = await begin(t, at, { services })
  const first = bench.engine.upgrade('one')
  await reached
  const reload = bench.manage({ one })
  const forgotten = bench.engine.upgrade('two')
  release()
  await Promise.all([first, reload, assert.rejects(forgotten, kind('unknown_application'))])
  assert.deepEqual(lastOf(bench, 'two'), ['Error updating two: Updater two not available', true])
  assert.equal(at.version('two'), 'v1.0.0')
})

test('every refusal of an update is followed by notify_update_refreshed, and by no line', async (t) => {
  const at = await machine(t, 'one')
  const { services, reached, release } = heldServices()
  const bench = await begin(t, at, { services })
  const { engine, printer } = bench
  await bench.refreshed()
  const refuse = async (work: () => unknown, text: RegExp): Promise<void> => {
    const refreshed = bench.refreshed()
    await assert.rejects(async () => work(), text)
    await refreshed
  }
  await refuse(() => engine.upgrade('nope'), /not available/)
  await refuse(() => engine.rollback('nope'), /not available/)
  await refuse(() => engine.recover('nope', { hard: true, updateDependencies: false }), /not available/)
  printer.printing = true
  await refuse(() => engine.refuseWhilePrinting('upgrade'), /Update Refused/)
  await refuse(() => engine.refuseWhilePrinting('recover'), /Recovery Attempt Refused/)
  await refuse(() => engine.upgradeAll(), /Update Refused/)
  printer.printing = false
  assert.deepEqual(bench.lines, [])
  const running = engine.upgrade('one')
  await reached
  await refuse(() => engine.upgrade('one'), /currently updating/)
  release()
  await running
})

/** Real commands, with a word before each fetch. */
const watchedCommands = async (onFetch: () => void): Promise<Commands> => {
  const commands = await realCommands()
  return {
    run: (argv, options) => {
      if (argv.includes('fetch')) onFetch()
      return commands.run(argv, options)
    },
  }
}

test('many refreshes at once are one, and a named one joins it', async (t) => {
  const at = await machine(t, 'one', 'two')
  let fetches = 0
  const commands = await watchedCommands(() => (fetches += 1))
  const bench = await begin(t, at, { commands })
  fetches = 0
  const requests = Array.from({ length: 200 }, (_, index) => bench.engine.refresh(index % 2 ? null : 'two'))
  await Promise.all(requests)
  assert.equal(fetches, 2)
})

test('a refresh goes no further when a print begins, and is answered with what is known', async (t) => {
  const names = ['one', 'two', 'three', 'four', 'five', 'six']
  const at = await machine(t, ...names)
  let fetches = 0
  let onFetch = (): void => undefined
  const commands = await watchedCommands(() => onFetch())
  const bench = await begin(t, at, { commands })
  onFetch = () => {
    fetches += 1
    bench.printer.printing = true
  }
  const answer = await bench.engine.refresh(null)
  assert.ok(fetches >= 1 && fetches <= 4, `${fetches} fetches`)
  assert.equal(Object.keys(answer.value.version_info).length, names.length)
})

/** A server that takes connections and never says a word; its URL is what git waits at. */
const silentServer = async (t: TestContext): Promise<{ url: string; reached: Promise<void> }> => {
  const sockets = new Set<Socket>()
  const reached = latch()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    reached.open()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    sockets.forEach((socket) => socket.destroy())
    server.close()
  })
  return { url: `git://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`, reached: reached.opened }
}

test('a remote that does not answer holds up neither the status nor what is done to others', async (t) => {
  const at = await machine(t, 'stalled', 'two')
  const { url, reached } = await silentServer(t)
  git(path.join(at.folder, 'stalled'), 'remote', 'set-url', 'origin', url)
  const { stalled, two } = at.options as Record<'stalled' | 'two', GitRepoOptions>
  const options = { stalled: { ...stalled, origin: url }, two }
  const bench = await makeIdleEngine(at.folder, options)
  const { engine } = bench
  await engine.lookForChanges()
  assert.deepEqual(
    ['stalled', 'two'].map((name) => bench.status(name).version),
    ['v1.0.0-0', 'v1.0.0-0'],
  )
  let over = false
  const first = engine.refreshWhatIsDue().finally(() => (over = true))
  await reached
  await engine.upgrade('two')
  assert.match(at.version('two'), /^v1\.1\.0/)
  await bench.manage(options)
  await engine.rollback('two')
  assert.equal(at.version('two'), 'v1.0.0')
  assert.equal(over, false)
  await engine.stop()
  await first
})

test('an upgrade does not wait until its turn in the first look, and still knows its remote', async (t) => {
  const at = await machine(t, 'one')
  const bench = await makeIdleEngine(at.folder, at.options)
  t.after(() => bench.engine.stop())
  await bench.engine.upgrade('one')
  assert.match(at.version('one'), /^v1\.1\.0/)
})

test('one application that cannot be looked at keeps no other from it', async (t) => {
  const at = await machine(t, 'one', 'two')
  const engineFiles = {
    ...systemFiles,
    writeText: async (file: string, text: string): Promise<void> => {
      if (file.endsWith('one.json')) throw new Error('cannot be written')
      await systemFiles.writeText(file, text)
    },
  }
  const bench = await makeIdleEngine(at.folder, at.options, { engineFiles })
  await bench.engine.lookForChanges()
  assert.equal(bench.status('two').version, 'v1.0.0-0')
})

test('a schedule that was stopped in its first look begins no hourly one', async (t) => {
  const at = await machine(t, 'one')
  const bench = await makeIdleEngine(at.folder, at.options)
  t.after(() => bench.engine.stop())
  const intervals = t.mock.method(globalThis, 'setInterval')
  const schedule = new Schedule(bench.engine, systemClock, silentLog, { enabled: true, window: [0, 24] })
  const started = schedule.start()
  schedule.stop()
  await started
  assert.equal(intervals.mock.callCount(), 0)
})
