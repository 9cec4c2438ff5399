import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { Application } from '../../src/engine/application.js'
import { recoverFromCrash, type Outcome } from '../../src/engine/crash-recovery.js'
import { Journal, planFormat, type JournalEntry } from '../../src/engine/journal.js'
import { entryFor, recordOf, stepsOf, type Part } from '../../src/engine/transaction.js'
import { systemClock } from '../../src/system/clock.js'
import { systemFiles } from '../../src/system/files.js'
import type { Json } from '../../src/updaters/contract.js'
import { GitRepoUpdater } from '../../src/updaters/git_repo/index.js'
import { policy } from '../support/engine.js'
import { temporaryFolder } from '../support/folder.js'
import { noRestarts } from '../support/part.js'
import { checkoutAt, git, makeUpstream } from '../support/repositories.js'
import { gitOptions, realSurroundings, silentLog } from '../support/surroundings.js'

interface Scene {
  readonly folder: string
  readonly journal: Journal
  readonly application: Application
  readonly app: string
  recover(): Promise<Outcome>
  entry(change?: Partial<JournalEntry>, type?: string): Promise<JournalEntry>
  /** The journal stands at the merge, and all until then was really done. */
  begun(change?: Partial<JournalEntry>): Promise<JournalEntry>
}

/** A machine on which an upgrade was surveyed, and may have been interrupted. */
const scene = async (t: TestContext): Promise<Scene> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const app = checkoutAt(upstream, path.join(folder, 'app'), 'v1.0.0')
  const options = gitOptions(app, upstream.url)
  const outside = await realSurroundings(folder)
  const make = (): GitRepoUpdater => new GitRepoUpdater('app', options, outside)
  const updater = make()
  const signal = new AbortController().signal
  await updater.inspect({ signal, remote: true })
  const goal = { kind: 'upgrade', version: null } as const
  await updater.survey(goal, { signal, progress: () => {}, shown: false, fresh: false })
  const settings = {
    name: 'app',
    type: 'git_repo',
    policy,
    options: options as unknown as Json,
    refreshInterval: 168,
  }
  const application = new Application(settings, make(), folder, systemFiles)
  const journal = new Journal(folder, systemFiles)
  const plan = updater.plan(goal)
  const partOf = (type: string): Part => ({
    record: recordOf({ ...settings, type }, goal, updater.saved()),
    plan,
  })
  const entry = async (change: Partial<JournalEntry> = {}, type = 'git_repo'): Promise<JournalEntry> => {
    const part = partOf(type)
    const at = plan.steps.findIndex((step) => step.name === 'merge')
    const written = { ...entryFor('job', '1', [part]), at, ...change }
    await journal.write(written)
    return written
  }
  return {
    folder,
    journal,
    application,
    app,
    recover: () =>
      recoverFromCrash({
        journal,
        log: silentLog,
        clock: { ...systemClock, wait: () => Promise.resolve() },
        version: '1',
        restarts: noRestarts,
        rebuild: (entry) => (entry.type === 'git_repo' ? make() : null),
        application: () => application,
        tell: async () => {},
      }),
    entry,
    begun: async (change = {}) => {
      const begun = await entry(change)
      const context = {
        progress: () => {},
        signal,
        workFolder: journal.workFolder(begun.id),
        begun: () => true,
      }
      for (const step of stepsOf([partOf('git_repo')]).slice(0, begun.at + 1)) await step.run?.(context)
      return begun
    },
  }
}

test('nothing under way: nothing to do, and what operations kept is dropped', async (t) => {
  const at = await scene(t)
  await systemFiles.makeFolder(at.journal.workFolder('old'))
  assert.equal(await at.recover(), null)
  assert.equal(existsSync(path.join(at.folder, 'work')), false)
})

test('an interrupted step is undone, and the status looked at again', async (t) => {
  const at = await scene(t)
  await at.begun()
  const outcome = await at.recover()
  assert.match(outcome?.text ?? '', /interrupted .* and undone/)
  assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
  assert.equal(git(at.app, 'status', '--porcelain'), '')
  assert.equal(at.application.status()?.version, 'v1.0.0-0')
  assert.equal(await at.journal.read(), null)
})

test('after the commit line it is finished, never undone', async (t) => {
  const at = await scene(t)
  git(at.app, 'merge', '-q', '--ff-only', 'origin/master')
  await at.entry({ phase: 'committed' })
  assert.match((await at.recover())?.text ?? '', /finished/)
  assert.equal(at.application.status()?.version, 'v1.1.0-1')
  const status = at.application.status()
  assert.ok(status !== null && 'rollback_version' in status)
  assert.equal(status.rollback_version, 'v1.0.0-0')
})

const needsPerson = async (at: Scene): Promise<void> => {
  await at.recover()
  const status = at.application.status()
  assert.match(at.application.needsPerson ?? '', /could not be undone.*hard recovery/)
  assert.equal(await at.journal.read(), null)
  assert.ok(readdirSync(at.folder).some((name) => /^journal\.\d+\.json$/.test(name)))
  if (status !== null) assert.equal(status.is_valid, false)
}

test('steps of another format are not guessed at', async (t) => {
  const at = await scene(t)
  await at.entry({ format: planFormat + 1 })
  await needsPerson(at)
})

test('another version with the same steps undoes what was begun', async (t) => {
  const at = await scene(t)
  await at.begun({ version: '0' })
  assert.match((await at.recover())?.text ?? '', /interrupted .* and undone/)
  assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
  assert.equal(at.application.needsPerson, null)
})

test('other steps than the journal names are not guessed at', async (t) => {
  const at = await scene(t)
  await at.entry({ steps: ['something', 'else'] })
  await needsPerson(at)
})

test('a type that is not known is not guessed at', async (t) => {
  const at = await scene(t)
  await at.entry({}, 'banana')
  await needsPerson(at)
})

test('an undo that cannot work needs a person in the end', async (t) => {
  const at = await scene(t)
  await at.begun()
  await systemFiles.remove(path.join(at.app, '.git/objects'))
  await needsPerson(at)
})

test('a journal that says nothing is put aside', async (t) => {
  const at = await scene(t)
  writeFileSync(path.join(at.folder, 'journal.json'), '{"half')
  const outcome = await at.recover()
  assert.match(outcome?.text ?? '', /not readable/)
  assert.equal(await at.journal.read(), null)
})
