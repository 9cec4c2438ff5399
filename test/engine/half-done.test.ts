import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { recoverFromCrash } from '../../src/engine/crash-recovery.js'
import { Journal } from '../../src/engine/journal.js'
import { run } from '../../src/engine/runner.js'
import { undo, UndoFailed, type UndoSurroundings } from '../../src/engine/undo.js'
import { systemClock } from '../../src/system/clock.js'
import type { Part } from '../../src/engine/transaction.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import type { Step } from '../../src/updaters/contract.js'
import type { GitRepoOptions } from '../../src/updaters/git_repo/options.js'
import { failingFiles, makeEngine, makeIdleEngine, type Bench, type Overrides } from '../support/engine.js'
import { entryFor, noRestarts, partOf, runOptions } from '../support/part.js'
import { temporaryFolder } from '../support/folder.js'
import { checkoutAt, git, makeUpstream } from '../support/repositories.js'
import { gitOptions, silentLog } from '../support/surroundings.js'

const kind = (expected: string) => (thrown: unknown) =>
  thrown instanceof MoonkeeperError && thrown.kind === expected

const hastyClock = { ...systemClock, wait: () => Promise.resolve() }
const hard = { hard: true, updateDependencies: false }
const soft = { hard: false, updateDependencies: false }

interface Scene {
  readonly bench: Bench
  readonly folder: string
  readonly app: string
  readonly options: Readonly<Record<string, GitRepoOptions>>
}

const scene = async (t: TestContext, overrides: (app: string) => Overrides = () => ({})): Promise<Scene> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const app = checkoutAt(upstream, path.join(folder, 'app'), 'v1.0.0')
  const options = { app: gitOptions(app, upstream.url, { managed_services: ['app'] }) }
  const bench = await makeEngine(folder, options, { clock: hastyClock, ...overrides(app) })
  t.after(() => bench.engine.stop())
  return { bench, folder, app, options }
}

const isOld = (app: string): void => {
  assert.equal(git(app, 'describe', '--tags'), 'v1.0.0')
  assert.equal(git(app, 'status', '--porcelain'), '')
}

/** Services that cannot be restarted; once. The disk refuses from then on. */
const failingRestart = (refuse: () => void): { restart: () => Promise<void> } => {
  let failed = false
  return {
    restart: async () => {
      if (failed) return
      failed = true
      refuse()
      throw new MoonkeeperError('command_failed', 'the service does not start')
    },
  }
}

test('an upgrade that fails while the disk is full is undone, and says why it failed', async (t) => {
  const disk = failingFiles()
  const services = failingRestart(() => disk.refuse('ENOSPC'))
  const { bench, app } = await scene(t, () => ({ engineFiles: disk.files, services }))
  await assert.rejects(bench.engine.upgrade('app'), /^MoonkeeperError: the service does not start$/)
  isOld(app)
  assert.equal(bench.status('app').is_valid, true)
  assert.equal(existsSync(path.join(bench.dataFolder, 'journal.json')), false)
  disk.refuse(null)
  await bench.engine.upgrade('app')
  assert.match(git(app, 'describe', '--tags'), /^v1\.1\.0/)
})

test('an upgrade that fails while the disk is read-only is undone; nothing else begins before its record is gone', async (t) => {
  const disk = failingFiles()
  const services = failingRestart(() => disk.refuse('EROFS'))
  const { bench, app } = await scene(t, () => ({ engineFiles: disk.files, services }))
  await assert.rejects(
    bench.engine.upgrade('app'),
    /the service does not start\. The old version is back, but the record .* could not be removed: .*read-only/,
  )
  isOld(app)
  assert.equal(existsSync(path.join(bench.dataFolder, 'journal.json')), true)
  await assert.rejects(
    bench.engine.upgrade('app'),
    /An earlier operation could not be ended yet: .*read-only/,
  )
  isOld(app)
  disk.refuse(null)
  await bench.engine.upgrade('app')
  assert.match(git(app, 'describe', '--tags'), /^v1\.1\.0/)
  assert.equal(existsSync(path.join(bench.dataFolder, 'journal.json')), false)
})

test('a full disk at the commit line undoes the operation', async (t) => {
  const disk = failingFiles()
  const { bench, app } = await scene(t, () => ({
    engineFiles: disk.files,
    services: { restart: async () => disk.refuse('ENOSPC') },
  }))
  await assert.rejects(bench.engine.upgrade('app'), kind('no_space'))
  isOld(app)
  assert.match(bench.lines.at(-1)?.message ?? '', /^Error updating app: The disk is full \(ENOSPC\)/)
})

test('no operation begins on a full disk', async (t) => {
  const disk = failingFiles()
  const { bench, app } = await scene(t, () => ({ engineFiles: disk.files }))
  disk.refuse('ENOSPC')
  await assert.rejects(bench.engine.upgrade('app'), /The disk is full/)
  isOld(app)
})

/** The disk is full from the commit line on. */
const fullAfterCommit = async (
  t: TestContext,
): Promise<Scene & { readonly disk: ReturnType<typeof failingFiles> }> => {
  const disk = failingFiles()
  let filled = false
  const files: Files = {
    ...disk.files,
    writeText: async (file, text) => {
      await disk.files.writeText(file, text)
      if (filled || !text.includes('"phase":"committed"')) return
      filled = true
      disk.refuse('ENOSPC')
    },
  }
  return { ...(await scene(t, () => ({ engineFiles: files }))), disk }
}

const newest = (bench: Bench) => bench.engine.jobs.list({ limit: 1, offset: 0 }).jobs[0]

test('what is committed but could not be saved is done, and saved before the next operation', async (t) => {
  const { bench, app, disk } = await fullAfterCommit(t)
  await bench.engine.upgrade('app')
  assert.match(git(app, 'describe', '--tags'), /^v1\.1\.0/)
  assert.equal(existsSync(path.join(bench.dataFolder, 'journal.json')), true)
  const job = newest(bench)
  assert.deepEqual([job?.state, job?.error, job?.applications[0]?.outcome], ['done', null, 'done'])
  assert.equal(bench.status('app').version, 'v1.1.0-1')
  const messages = bench.lines.map(({ message }) => message)
  assert.match(messages.at(-2) ?? '', /It is done, but could not be written down yet: The disk is full/)
  assert.equal(messages.at(-1), 'Git Repo app: Update Finished...')
  disk.refuse(null)
  await bench.engine.rollback('app')
  isOld(app)
})

test('what is committed but could not be saved is done for the next start, too', async (t) => {
  const { bench, folder, options, disk } = await fullAfterCommit(t)
  await bench.engine.upgrade('app')
  const id = newest(bench)?.id
  await bench.engine.stop()
  disk.refuse(null)
  const next = await makeIdleEngine(folder, options, { clock: hastyClock })
  t.after(() => next.engine.stop())
  const updater = (await makeIdleEngine(folder, options)).application('app').updater
  await recoverFromCrash({
    journal: next.journal,
    log: silentLog,
    clock: hastyClock,
    version: 'test',
    restarts: noRestarts,
    rebuild: () => updater,
    application: (name) => next.application(name),
    tell: (outcome) => next.engine.resume(outcome),
  })
  const job = newest(next)
  assert.deepEqual([job?.id, job?.state, job?.applications[0]?.outcome], [id, 'done', 'done'])
  assert.equal(next.status('app').version, 'v1.1.0-1')
  assert.equal(await next.journal.read(), null)
})

const outsideOf = async (t: TestContext, files: Files): Promise<UndoSurroundings & { folder: string }> => {
  const folder = await temporaryFolder(t)
  return {
    journal: new Journal(folder, files),
    log: silentLog,
    clock: hastyClock,
    folder,
    restarts: noRestarts,
  }
}

const nothing = async (): Promise<void> => {}
const planOf = (...steps: readonly Step[]): readonly Part[] => [partOf(steps)]

test('an undo has the reserve to itself, and it is kept again afterwards', async (t) => {
  const outside = await outsideOf(t, systemFiles)
  const reserve = path.join(outside.folder, 'reserve')
  const seen: unknown[] = []
  const look = (): void => void seen.push(existsSync(reserve) ? statSync(reserve).size : null)
  const plan = planOf({
    name: 'one',
    run: async () => {
      look()
      throw new Error('no')
    },
    undo: async () => look(),
  })
  await assert.rejects(run(plan, entryFor(plan), outside, runOptions), /^Error: no$/)
  assert.deepEqual(seen, [65_536, null])
  assert.equal(statSync(reserve).size, 65_536)
})

test('whatever ends an undo is an UndoFailed', async (t) => {
  const outside = await outsideOf(t, systemFiles)
  const clock = { ...hastyClock, wait: () => Promise.reject(new Error('no time')) }
  const failing = planOf({ name: 'one', run: nothing, undo: () => Promise.reject(new Error('no')) })
  await assert.rejects(
    undo(failing, entryFor(failing), { ...outside, clock }, () => {}),
    UndoFailed,
  )
})

test('what is committed on the disk is not undone, though the write that says so failed', async (t) => {
  const files: Files = {
    ...systemFiles,
    writeText: async (file, text) => {
      const committed = (await systemFiles.readText(file))?.includes('"phase":"committed"') === true
      if (!committed) await systemFiles.writeText(file, text)
      if (committed || text.includes('"phase":"committed"')) throw new Error('EIO')
    },
  }
  const outside = await outsideOf(t, files)
  let undone = false
  const plan = planOf({ name: 'one', run: nothing, undo: async () => void (undone = true) })
  await assert.rejects(run(plan, entryFor(plan), outside, runOptions), UndoFailed)
  assert.equal(undone, false)
})

test('no plan is run over the record of another one', async (t) => {
  const outside = await outsideOf(t, systemFiles)
  const plan = planOf({ name: 'one', run: () => Promise.reject(new Error('must not run')) })
  await outside.journal.write(entryFor(plan, { id: 'earlier' }))
  await assert.rejects(run(plan, entryFor(plan), outside, runOptions), kind('refused'))
  const found = await outside.journal.read()
  assert.equal(found === null || found === 'unreadable' ? null : found.id, 'earlier')
})

/** An upgrade whose undo cannot work, as what it needs is gone. */
const halfDone = async (t: TestContext): Promise<Scene> => {
  let failed = false
  const at = await scene(t, (app) => ({
    services: {
      restart: async () => {
        if (failed) return
        failed = true
        await systemFiles.remove(path.join(app, '.git/objects'))
        throw new Error('no')
      },
    },
  }))
  await assert.rejects(at.bench.engine.upgrade('app'), kind('recovery_failed'))
  return at
}

test('an undo that did not work is told with where everything is, and looked at', async (t) => {
  const { bench } = await halfDone(t)
  const status = bench.status('app')
  const text = status.warnings.find((warning) => warning.includes('could not be undone')) ?? ''
  const [, journal = '', work = ''] = /stands in (\S+), .* undo in (\S+)\. /.exec(text) ?? []
  assert.ok(existsSync(journal), journal)
  assert.ok(existsSync(work), work)
  assert.deepEqual([status.is_valid, status.corrupt, status.is_dirty], [false, true, false])
  assert.equal(bench.lines.at(-1)?.complete, true)
  assert.equal(await bench.journal.read(), null)
})

test('what needs a person can only be recovered hard, also after a start; that clears it', async (t) => {
  const { bench, folder, options, app } = await halfDone(t)
  await bench.engine.stop()
  const next = await makeEngine(folder, options)
  t.after(() => next.engine.stop())
  const { engine } = next
  for (const refused of [engine.upgrade('app'), engine.rollback('app'), engine.recover('app', soft)])
    await assert.rejects(
      refused,
      (thrown) => kind('not_valid')(thrown) && /Only a hard recovery/.test(String(thrown)),
    )
  await engine.recover('app', hard)
  assert.equal(next.application('app').needsPerson, null)
  assert.equal(next.status('app').is_valid, true)
  assert.equal(git(app, 'status', '--porcelain'), '')
  await engine.upgrade('app')
})

test('a start that can write nothing forgets nothing', async (t) => {
  const disk = failingFiles()
  const { bench, app } = await scene(t, () => ({ engineFiles: disk.files }))
  const { journal } = bench
  await journal.write(entryFor([partOf([{ name: 'one', run: nothing }], [], 'app', 'banana')]))
  await systemFiles.makeFolder(journal.workFolder('job'))
  disk.refuse('EROFS')
  const outcome = await recoverFromCrash({
    journal,
    log: silentLog,
    clock: hastyClock,
    version: 'test',
    restarts: noRestarts,
    rebuild: () => null,
    application: (name) => bench.application(name),
    tell: async () => {},
  })
  assert.match(outcome?.text ?? '', /could not be undone/)
  assert.notEqual(await journal.read(), null)
  assert.ok(existsSync(journal.workFolder('job')))
  await assert.rejects(bench.engine.upgrade('app'), /read-only/)
  disk.refuse(null)
  await assert.rejects(bench.engine.upgrade('app'), kind('not_valid'))
  assert.equal(await journal.read(), null)
  isOld(app)
})

/** Files that refuse to remove the old checkout of a hard recovery. */
const stubborn = (): { files: Files; yield: () => void } => {
  let refusing = true
  const remove = async (target: string): Promise<void> => {
    if (refusing && target.endsWith('_repo_old'))
      throw Object.assign(new Error('EACCES: not yours'), { code: 'EACCES', path: target })
    await systemFiles.remove(target)
  }
  return { files: { ...systemFiles, remove }, yield: () => (refusing = false) }
}

test('a cleanup that fails is a warning, and is tried again by the next operation', async (t) => {
  const stuck = stubborn()
  const { bench, folder } = await scene(t, () => ({ files: stuck.files }))
  const old = path.join(folder, '.app_repo_old')
  await bench.engine.recover('app', hard)
  const warned = (): boolean => bench.status('app').warnings.some((text) => /EACCES.*_repo_old/.test(text))
  assert.equal(warned(), true)
  assert.equal(bench.status('app').is_valid, true)
  await bench.engine.upgrade('app')
  assert.equal(warned(), true)
  stuck.yield()
  await bench.engine.rollback('app').catch(() => undefined)
  assert.equal(warned(), false)
  assert.equal(existsSync(old), false)
})

test('a cleanup that failed is remembered over a start, and tried again by it', async (t) => {
  const stuck = stubborn()
  const { bench, folder, options } = await scene(t, () => ({ files: stuck.files }))
  await bench.engine.recover('app', hard)
  await bench.engine.stop()
  const next = await makeIdleEngine(folder, options, { files: stuck.files })
  t.after(() => next.engine.stop())
  assert.match(next.status('app').warnings.join(' '), /EACCES.*_repo_old/)
  stuck.yield()
  await next.engine.lookForChanges()
  assert.doesNotMatch(next.status('app').warnings.join(' '), /_repo_old/)
  assert.equal(existsSync(path.join(folder, '.app_repo_old')), false)
})

test('every line of an operation in the log has its job: begin, steps, progress, end', async (t) => {
  const { bench } = await scene(t)
  const { logged } = bench
  logged.length = 0
  await bench.engine.upgrade('app')
  const jobs = new Set(logged.map((line) => line['job']))
  assert.equal(jobs.size, 1)
  assert.ok(!jobs.has(undefined))
  const begun = logged.find((line) => line.message === 'operation begun')
  assert.deepEqual(
    { application: begun?.['application'], goals: begun?.['goals'], level: begun?.level },
    { application: 'app', goals: [{ kind: 'upgrade', version: null }], level: 'info' },
  )
  assert.match(String(begun?.['from']), /^v1\.0\.0-0/)
  const ended = logged.find((line) => line.message === 'operation finished')
  assert.match(String(ended?.['to']), /^v1\.1\.0-1/)
  const progress = logged.filter((line) => line.message === 'progress')
  assert.deepEqual(
    progress.map((line) => line['line']),
    bench.lines.map((line) => line.message),
  )
  assert.ok(progress.every((line) => line.level === 'debug'))
})

test('a failure stands in the log with its job, its error and whether it was undone', async (t) => {
  const { bench } = await scene(t, () => ({ services: failingRestart(() => undefined) }))
  await assert.rejects(bench.engine.upgrade('app'))
  const failed = bench.logged.find((line) => line.message === 'operation failed')
  const begun = bench.logged.find((line) => line.message === 'operation begun')
  assert.deepEqual([failed?.level, failed?.['undone'], failed?.['job']], ['error', true, begun?.['job']])
  assert.match(String(failed?.['err']), /does not start/)
})
