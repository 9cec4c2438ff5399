import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job as Wire } from '../../src/contract/generated/types.js'
import { newJob } from '../../src/engine/change.js'
import { Chronicle } from '../../src/engine/chronicle.js'
import { History } from '../../src/engine/history.js'
import { JobStore } from '../../src/engine/job-store.js'
import { Jobs } from '../../src/engine/jobs.js'
import { systemClock } from '../../src/system/clock.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { upgradeOf } from '../support/jobs.js'
import { silentLog } from '../support/surroundings.js'

type Part = Wire['applications'][number]
const part = (name: string, change: Partial<Part> = {}): Part => ({
  name,
  from: 'v1',
  to: 'v2',
  outcome: null,
  ...change,
})

interface Case {
  readonly title: string
  readonly parts: readonly Part[]
  readonly installed?: Readonly<Record<string, string>>
  readonly outcome: Parameters<Chronicle['resume']>[1]
  readonly told: readonly [string, readonly (string | null)[]]
}

const outcome = (
  state: 'done' | 'failed' | 'needs_person',
  stuck: readonly string[] = [],
): Case['outcome'] => ({
  job: 'job',
  state,
  stuck,
  text: 'It was interrupted.',
})

const cases: readonly Case[] = [
  {
    title: 'before its first step',
    parts: [part('one', { to: null })],
    outcome: null,
    told: ['failed', ['failed']],
  },
  {
    title: 'in a step, undone',
    parts: [part('one')],
    outcome: outcome('failed'),
    told: ['failed', ['failed']],
  },
  { title: 'after the commit', parts: [part('one')], outcome: outcome('done'), told: ['done', ['done']] },
  {
    title: 'after the last step, before it was written down',
    parts: [part('one')],
    installed: { one: 'v2' },
    outcome: null,
    told: ['done', ['done']],
  },
  {
    title: 'between two',
    parts: [part('one', { outcome: 'done' }), part('two', { to: null })],
    outcome: null,
    told: ['failed', ['done', 'failed']],
  },
  {
    title: 'in the second, undone',
    parts: [part('one', { outcome: 'done' }), part('two'), part('three', { from: null, to: null })],
    outcome: outcome('failed'),
    told: ['failed', ['done', 'failed', null]],
  },
  {
    title: 'after the commit of the second of three',
    parts: [part('one', { outcome: 'done' }), part('two'), part('three', { from: null, to: null })],
    outcome: outcome('done'),
    told: ['failed', ['done', 'done', null]],
  },
  {
    title: 'an undo that did not work for one of a set',
    parts: [part('one'), part('two')],
    outcome: outcome('needs_person', ['two']),
    told: ['needs_person', ['failed', 'needs_person']],
  },
]

for (const { title, parts, installed = {}, outcome: found, told } of cases)
  test(`what a start tells of a job that was killed: ${title}`, async (t) => {
    const folder = await temporaryFolder(t)
    const history = new History(folder, systemFiles, silentLog)
    const store = new JobStore(folder, systemFiles, silentLog)
    const jobs = new Jobs({ store, clock: systemClock, log: silentLog, changed: () => undefined })
    const job = jobs.create(newJob(upgradeOf('one', { names: parts.map(({ name }) => name) })))
    await job.enter('running', { applications: [...parts] })
    const surroundings = {
      history,
      log: silentLog,
      typeOf: () => 'git_repo',
      versionOf: (name: string) => installed[name] ?? null,
      now: () => 1,
    }
    await new Chronicle(surroundings).resume(job, found)
    assert.deepEqual([job.state, job.wire.applications.map((one) => one.outcome)], told)
    assert.equal(job.wire.error?.code, told[0] === 'done' ? undefined : 'interrupted')
    const { entries } = await history.list({ name: null, limit: 10, offset: 0 })
    assert.deepEqual(
      entries.map((entry) => [entry.application, entry.outcome]).reverse(),
      job.wire.applications.flatMap((one) => (one.outcome === null ? [] : [[one.name, one.outcome]])),
    )
    // A start that is killed right behind the history writes nothing twice.
    await new Chronicle(surroundings).resume(job, found)
    assert.equal((await history.list({ name: null, limit: 10, offset: 0 })).total, entries.length)
  })
