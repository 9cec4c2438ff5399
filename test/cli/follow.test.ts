import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { runCli } from '../../src/cli/index.js'
import { followJob } from '../../src/cli/job-follower.js'
import type { Job } from '../../src/contract/generated/types.js'
import { temporaryFolder } from '../support/folder.js'
import { aJob, jobId, linesOf } from '../support/job.js'
import { recordedIo, run, type Ran } from './fake-io.js'
import { serveUnix, serveWebSocket, type Asked, type Handlers, type Peer } from './fake-server.js'

const tell = (peer: Peer, change: Partial<Job>): void => peer.notify('notify_update_job', aJob(change))

/** What jobs.get answers: the job as it is, with the lines after a number. */
const answerGet = (peer: Peer, { after_seq }: Asked['params'], job: Job): void =>
  peer.answer({ ...job, log: (job.log ?? []).filter(({ seq }) => seq > Number(after_seq)) })

/** A server with one job; `job` is what it is now, `followed` the latest connection that subscribed. */
class Scene {
  job: Job = aJob()
  /** In place of the answer to jobs.get. */
  onGet: (peer: Peer, params: Asked['params']) => void = (peer, params) => answerGet(peer, params, this.job)
  onSubscribe: (peer: Peer) => void = () => undefined

  handlers(): Handlers {
    return {
      'machine.update.jobs.list': (peer, { subscribe }) => {
        peer.answer({ jobs: [this.job], total: 1 })
        if (subscribe === true) this.onSubscribe(peer)
      },
      'machine.update.jobs.get': (peer, params) => this.onGet(peer, params),
    }
  }

  async follow(t: TestContext, given = jobId): Promise<Ran & { readonly asked: readonly Asked[] }> {
    const folder = await temporaryFolder(t)
    const { asked } = await serveUnix(t, path.join(folder, 'printer_data'), this.handlers())
    return { ...(await run(folder, ['log', '-f', given])), asked }
  }
}

/** The numbers of the lines that were printed. */
const numbersIn = (out: string): readonly number[] =>
  [...out.matchAll(/^\d\d:\d\d:\d\d {2}line (\d+)$/gm)].map(([, number]) => Number(number))

const lookedAfter = (asked: readonly Asked[]): readonly unknown[] =>
  asked.filter(({ method }) => method === 'machine.update.jobs.get').map(({ params }) => params['after_seq'])

describe('log -f JOB', () => {
  it('prints what was said, and then what is said, every line once', async (t) => {
    const scene = new Scene()
    scene.job = aJob({ log: linesOf(1, 2, 3), last_seq: 3 })
    let follower: Peer | null = null
    scene.onSubscribe = (peer) => {
      follower = peer
      // Said between the question for news and the answer with all lines.
      tell(peer, { log: linesOf(3) })
    }
    scene.onGet = (peer, params) => {
      answerGet(peer, params, scene.job)
      if (follower === null || scene.job.state === 'done') return
      tell(follower, { log: linesOf(3) })
      tell(follower, { stage: 'checkout' })
      tell(follower, { id: 'another', log: [{ seq: 4, time: 1, text: 'of another' }] })
      tell(follower, { log: linesOf(4) })
      scene.job = aJob({ state: 'done', log: linesOf(1, 2, 3, 4, 5) })
      tell(follower, { log: linesOf(5) })
      tell(follower, { state: 'done' })
    }
    const { code, out, err, asked } = await scene.follow(t)
    assert.deepEqual([code, err], [0, ''])
    assert.deepEqual(numbersIn(out), [1, 2, 3, 4, 5])
    assert.match(out, /\nJob 0d9b1c1e is done\.\n$/)
    assert.deepEqual(lookedAfter(asked), [0, 5])
  })

  it('asks for what a notification skips', async (t) => {
    const scene = new Scene()
    scene.job = aJob({ log: linesOf(1) })
    let follower: Peer | null = null
    scene.onSubscribe = (peer) => (follower = peer)
    scene.onGet = (peer, params) => {
      answerGet(peer, params, scene.job)
      if (follower === null || scene.job.state === 'done') return
      scene.job = aJob({ state: 'done', log: linesOf(1, 2, 3, 4) })
      tell(follower, { log: linesOf(4) })
    }
    const { code, out, asked } = await scene.follow(t)
    assert.equal(code, 0)
    assert.deepEqual(numbersIn(out), [1, 2, 3, 4])
    assert.deepEqual(lookedAfter(asked), [0, 1])
  })

  it('keeps what is aligned, and no line takes the place of another', async (t) => {
    const scene = new Scene()
    const text = 'a.py  | 2\x1b[1A\nlong.py | 3\r'
    scene.job = aJob({ state: 'done', log: [{ seq: 1, time: 1, text }] })
    const { out } = await scene.follow(t)
    assert.match(out, /^\d\d:\d\d:\d\d {2}a\.py {2}\| 2\n {10}long\.py \| 3\n\nJob/)
  })

  it('says so when lines are lost for good', async (t) => {
    const scene = new Scene()
    scene.job = aJob({ state: 'done', log: linesOf(1, 5) })
    const { out } = await scene.follow(t)
    assert.deepEqual(numbersIn(out), [1, 5])
    assert.match(out, /line 1\n\(3 lines were not kept\)\n.*line 5\n/)
  })

  it('is not ended by news that are older than what was answered', async (t) => {
    const scene = new Scene()
    scene.job = aJob({ state: 'queued', log: linesOf(1) })
    let looks = 0
    scene.onSubscribe = (peer) => {
      // It was prepared, and started before the question came.
      tell(peer, { state: 'prepared' })
    }
    scene.onGet = (peer, params) => {
      looks += 1
      if (looks === 2) scene.job = aJob({ state: 'running', log: linesOf(1, 2) })
      answerGet(peer, params, scene.job)
      if (looks !== 2) return
      scene.job = aJob({ state: 'done', log: linesOf(1, 2, 3) })
      tell(peer, { state: 'done' })
    }
    const { code, out } = await scene.follow(t)
    assert.equal(code, 0)
    assert.deepEqual(numbersIn(out), [1, 2, 3])
  })

  it('reads on where it was after a lost connection', async (t) => {
    const scene = new Scene()
    scene.job = aJob({ log: linesOf(1, 2) })
    let times = 0
    scene.onSubscribe = () => (times += 1)
    scene.onGet = (peer, params) => {
      answerGet(peer, params, scene.job)
      if (times === 1) {
        tell(peer, { log: linesOf(3) })
        scene.job = aJob({ log: linesOf(1, 2, 3, 4, 5) })
        setImmediate(() => peer.hangUp())
      } else if (times === 2 && params['after_seq'] !== 5) {
        scene.job = aJob({ state: 'done', log: linesOf(1, 2, 3, 4, 5, 6) })
        tell(peer, { log: linesOf(6) })
        tell(peer, { state: 'done' })
      }
    }
    const { code, out, err, asked } = await scene.follow(t, '0d9b')
    assert.equal(code, 0)
    assert.deepEqual(numbersIn(out), [1, 2, 3, 4, 5, 6])
    assert.equal(err, 'The connection was lost. Trying again...\nConnected again.\n')
    assert.deepEqual(lookedAfter(asked), [0, 3, 6])
  })

  it('asks when nothing was told for long', async (t) => {
    const scene = new Scene()
    scene.job = aJob({ log: linesOf(1) })
    scene.onGet = (peer, params) => {
      answerGet(peer, params, scene.job)
      scene.job = aJob({ state: 'done', log: linesOf(1, 2) })
    }
    const { url } = await serveWebSocket(t, scene.handlers())
    const recorded = recordedIo('/nonexistent')
    const job = await followJob(jobId, { url }, recorded.io, { pauses: [], silence: 1 })
    assert.equal(job.state, 'done')
    assert.deepEqual(numbersIn(recorded.out()), [1, 2])
  })

  it('gives up when the server does not come back', async (t) => {
    const scene = new Scene()
    scene.job = aJob({ log: linesOf(1) })
    let gone = false
    const { url } = await serveWebSocket(t, {
      ...scene.handlers(),
      'server.connection.identify': (peer) => (gone ? peer.hangUp() : peer.answer({})),
      'machine.update.jobs.get': (peer, params) => {
        gone = true
        answerGet(peer, params, scene.job)
        setImmediate(() => peer.hangUp())
      },
    })
    const recorded = recordedIo('/nonexistent')
    await assert.rejects(followJob(jobId, { url }, recorded.io, { pauses: [1, 1], silence: 60_000 }), {
      exitCode: 3,
    })
    assert.deepEqual(numbersIn(recorded.out()), [1])
    const nowhere = await run('/nonexistent', ['log', '-f', jobId])
    assert.deepEqual([nowhere.code, nowhere.out], [3, ''])
    assert.doesNotMatch(nowhere.err, /Trying again/)
  })

  it('ends with 130 when it is interrupted, connected or not', async (t) => {
    const scene = new Scene()
    scene.job = aJob({ log: linesOf(1) })
    const { url } = await serveWebSocket(t, scene.handlers())
    const recorded = recordedIo('/nonexistent')
    const running = runCli(['log', '-f', jobId, '--url', url], recorded.io)
    await recorded.shows('line 1')
    recorded.interrupt()
    assert.equal(await running, 130)

    scene.onGet = (peer, params) => {
      answerGet(peer, params, scene.job)
      setImmediate(() => peer.hangUp())
    }
    const waiting: { interrupt: () => void } = { interrupt: () => undefined }
    const second = recordedIo('/nonexistent', {
      // It is said before the pause begins.
      err: () => setImmediate(() => waiting.interrupt()),
    })
    waiting.interrupt = second.interrupt
    await assert.rejects(followJob(jobId, { url }, second.io, { pauses: [60_000], silence: 60_000 }), {
      exitCode: 130,
    })
  })

  it('tells the end with its exit code', async (t) => {
    const error = { code: 'health_failed', message: 'demo did\x1b[2J not start' }
    const ends: readonly (readonly [Partial<Job>, number, RegExp])[] = [
      [
        { state: 'prepared' },
        0,
        /^Job 0d9b1c1e is prepared\. Apply it with `moonkeeper jobs start 0d9b1c1e`/,
      ],
      [
        { state: 'prepared', error },
        1,
        /^moonkeeper: Job 0d9b1c1e could not be started, and is still prepared: .*\[health_failed\]\n$/,
      ],
      [{ state: 'failed', error }, 1, /0d9b1c1e failed: demo did not start \[health_failed\]\n$/],
      [
        { state: 'cancelled', error: { code: 'cancelled', message: 'Cancelled' } },
        1,
        /0d9b1c1e was cancelled: Cancelled \[cancelled\]/,
      ],
      [{ state: 'needs_person' }, 1, /0d9b1c1e needs a person\n$/],
    ]
    for (const [change, expected, text] of ends) {
      const scene = new Scene()
      scene.job = aJob(change)
      const { code, out, err } = await scene.follow(t)
      assert.equal(code, expected)
      assert.match(out + err, text)
    }
  })

  it('tells what is waited for, beside the lines', async (t) => {
    const scene = new Scene()
    scene.job = aJob({ state: 'queued', stage: 'waits for the end of the print', log: linesOf(1) })
    let follower: Peer | null = null
    scene.onSubscribe = (peer) => (follower = peer)
    scene.onGet = (peer, params) => {
      answerGet(peer, params, scene.job)
      if (follower === null || scene.job.state === 'done') return
      tell(follower, { state: 'queued', stage: 'waits for the end of the print' })
      tell(follower, { state: 'queued', stage: 'begins soon', starts_at: 1000 })
      scene.job = aJob({ state: 'done', log: linesOf(1) })
      tell(follower, { state: 'done' })
    }
    const { out, err } = await scene.follow(t)
    assert.deepEqual(numbersIn(out), [1])
    assert.match(err, /^waits for the end of the print\nbegins in 0 s, at \d\d:\d\d:\d\d: begins soon\n$/)
  })

  it('says so when there is no such job, or the beginning is not enough', async (t) => {
    const scene = new Scene()
    const none = await scene.follow(t, 'fff')
    assert.deepEqual([none.code, none.out], [1, ''])
    assert.match(none.err, /No job's id begins with 'fff'/)
    scene.onGet = (peer) => peer.refuse(-32601, 'There is no job x', 'unknown_job')
    const gone = await scene.follow(t)
    assert.deepEqual([gone.code, gone.out], [1, ''])
    assert.match(gone.err, /There is no job x \[unknown_job\]\n`moonkeeper jobs` lists/)
  })
})
