import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { temporaryFolder } from '../support/folder.js'
import { aJob, jobId, linesOf } from '../support/job.js'
import { run, type Ran } from './fake-io.js'
import { serveUnix, type Asked } from './fake-server.js'

const other = '0d9bffff-54f6-4a7c-9d1b-6f2f0b9f7a10'
const waiting = aJob({
  id: other,
  applications: [],
  state: 'queued',
  stage: 'begins soon: cancel it to print on',
  starts_at: 4_000_000_000,
  when: 'idle',
})
const failed = aJob({
  id: '77777777-54f6-4a7c-9d1b-6f2f0b9f7a10',
  goal: 'recover',
  state: 'needs_person',
  error: { code: 'recovery_failed', message: 'It lies\x1b[2J in\nedits' },
})

const withJobs = async (
  t: TestContext,
  jobs: readonly unknown[],
  args: readonly string[],
): Promise<Ran & { readonly asked: readonly Asked[] }> => {
  const folder = await temporaryFolder(t)
  const { asked } = await serveUnix(t, path.join(folder, 'printer_data'), {
    'machine.update.jobs.list': (peer, { limit, offset }) => {
      const from = Number(offset)
      peer.answer({ jobs: jobs.slice(from, from + Number(limit)), total: jobs.length })
    },
    'machine.update.jobs.get': (peer) => peer.answer(aJob({ log: linesOf(1, 2) })),
    'machine.update.jobs.start': (peer) => peer.answer(aJob({ state: 'queued' })),
    'machine.update.jobs.cancel': (peer, { id }) =>
      id === other
        ? peer.refuse(409, 'The job is over', 'job_ended')
        : peer.answer(aJob({ state: 'cancelled' })),
  })
  return { ...(await run(folder, args)), asked }
}

describe('jobs', () => {
  it('shows the state of each, the countdown, what is waited for, and what went wrong', async (t) => {
    const { code, out, err } = await withJobs(t, [aJob({ stage: 'checkout' }), waiting, failed], ['jobs'])
    assert.deepEqual([code, err], [0, ''])
    const day = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
    const expected = [
      String.raw`JOB       ASKED                GOAL     APPLICATIONS  STATE         NOW`,
      String.raw`0d9b1c1e  ${day}  upgrade  demo          running 60 %  checkout`,
      String.raw`0d9bffff  ${day}  upgrade  all           queued        begins in \d+ s, at \d\d:\d\d:\d\d: begins soon: cancel it to print on`,
      String.raw`77777777  ${day}  recover  demo          needs person  -`,
      '',
      String.raw`77777777: It lies in edits \[recovery_failed\]`,
      '',
    ]
    assert.match(out, new RegExp(`^${expected.join('\n')}$`))
  })

  it('asks for a state, and shows so many', async (t) => {
    const many = Array.from({ length: 5 }, () => failed)
    const { out, asked } = await withJobs(t, many, [
      'jobs',
      '--state',
      'needs_person',
      '-n',
      '2',
      '--offset',
      '1',
    ])
    assert.deepEqual(asked.at(-1)?.params, { state: 'needs_person', limit: 2, offset: 1 })
    assert.match(out, /\n2 more: see them with --offset 3\.\n$/)
    const json = await withJobs(t, many, ['jobs', '--json'])
    assert.deepEqual(JSON.parse(json.out), { jobs: many, total: 5 })
    assert.equal((await withJobs(t, [], ['jobs'])).out, 'There are no jobs.\n')
  })

  it('tells everything of one', async (t) => {
    const { code, out, asked } = await withJobs(t, [aJob(), waiting], ['jobs', 'get', '0D9B1'])
    assert.equal(code, 0)
    assert.deepEqual(asked.at(-1), { method: 'machine.update.jobs.get', params: { id: jobId } })
    assert.match(out, /^job {10}0d9b1c1e-54f6-.*\n/)
    assert.match(out, /\napplication {2}demo v1\.0\.0-0 -> v1\.1\.0-3\n/)
    assert.match(out, /\nstate {8}running 60 %\n/)
    assert.match(out, /\n\n\d\d:\d\d:\d\d {2}line 1\n\d\d:\d\d:\d\d {2}line 2\n$/)
  })

  it('starts and cancels', async (t) => {
    const started = await withJobs(t, [aJob()], ['jobs', 'start', '0'])
    assert.equal(started.out, 'Job 0d9b1c1e begins. Follow it with `moonkeeper log -f 0d9b1c1e`.\n')
    const cancelled = await withJobs(t, [aJob()], ['jobs', 'cancel', jobId])
    assert.equal(cancelled.out, 'Job 0d9b1c1e is cancelled: nothing was changed, or all was undone.\n')
    assert.deepEqual(cancelled.asked.at(-1)?.params, { id: jobId })
    const over = await withJobs(t, [waiting], ['jobs', 'cancel', '0d9bf'])
    assert.deepEqual([over.code, over.err], [1, 'moonkeeper: The job is over [job_ended]\n'])
  })

  it('wants a beginning that only one job has', async (t) => {
    const { code, err, asked } = await withJobs(t, [aJob(), waiting], ['jobs', 'cancel', '0d9b'])
    assert.equal(code, 1)
    assert.match(err, /'0d9b' begins the ids of 2 jobs: 0d9b1c1e, 0d9bffff\. Give more of it\./)
    assert.equal(asked.at(-1)?.method, 'machine.update.jobs.list')
    assert.equal((await withJobs(t, [aJob()], ['jobs', 'get', 'x'])).code, 1)
  })

  it('finds a job beyond the first page', async (t) => {
    const many = [...Array.from({ length: 100 }, () => failed), waiting]
    const { asked } = await withJobs(t, many, ['jobs', 'start', '0d9b'])
    assert.deepEqual(asked.at(-1)?.params, { id: other })
  })
})
