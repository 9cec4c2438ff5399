import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { test, type TestContext } from 'node:test'
import type { Job } from '../../src/contract/generated/types.js'
import { configure, makeFixture } from '../support/crash-scene.js'
import { Daemon, freePort, projectRoot } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { FakeKlippy } from '../support/klippy.js'
import { git } from '../support/repositories.js'

const preload = ['--import', pathToFileURL(path.join(projectRoot, 'test/support/kill-at.mjs')).href]

interface Place {
  readonly folder: string
  readonly data: string
  readonly klippy: FakeKlippy
  readonly version: () => string
  readonly start: (env?: Readonly<Record<string, string>>, options?: readonly string[]) => Promise<Daemon>
}

const place = async (t: TestContext): Promise<Place> => {
  const folder = await temporaryFolder(t)
  const { upstream, app } = makeFixture(folder)
  configure(folder, upstream, await freePort())
  const klippy = new FakeKlippy(path.join(folder, 'no-klipper'))
  const data = path.join(folder, 'data')
  return {
    folder,
    data,
    klippy,
    version: () => git(app, 'describe', '--tags'),
    start: async (env = {}, options = []) => {
      const daemon = new Daemon(data, env, options)
      t.after(async () => {
        daemon.kill('SIGKILL')
        await daemon.end()
      })
      await daemon.askUntil(
        'machine.update.refresh',
        (answer) => answer.result !== undefined || answer.error?.code === 503,
      )
      return daemon
    },
  }
}

const kill = async (daemon: Daemon): Promise<void> => {
  daemon.kill('SIGKILL')
  await daemon.end()
}

const jobsOf = (answer: { readonly result?: unknown } | null): readonly Job[] =>
  (answer?.result as { readonly jobs: readonly Job[] } | undefined)?.jobs ?? []

const until = async (daemon: Daemon, wanted: (job: Job) => boolean): Promise<Job> => {
  const answer = await daemon.askUntil('machine.update.jobs.list', (one) => jobsOf(one).some(wanted))
  const job = jobsOf(answer).find(wanted)
  assert.ok(job, daemon.text)
  return job
}

const later = { name: 'app', when: 'idle' }

test('the queue outlives kills: in a print, in the countdown; then it is done once', async (t) => {
  const { klippy, start, version } = await place(t)
  klippy.objects['print_stats'] = { state: 'printing', filename: 'cube.gcode' }
  await klippy.listen()
  t.after(() => klippy.close())
  const first = await start()
  await first.askUntil('server.info', (answer) => JSON.stringify(answer).includes('"klippy_state":"ready"'))
  const asked = (await first.ask('machine.update.upgrade', later))?.result as Job
  assert.equal(asked.state, 'queued')
  await kill(first)
  const second = await start()
  const waiting = await until(second, ({ stage }) => stage === 'waits for the end of the print')
  assert.equal(waiting.id, asked.id)
  klippy.set('print_stats', { state: 'complete' })
  await until(second, ({ starts_at: startsAt }) => startsAt !== null)
  assert.equal(version(), 'v1.0.0')
  await kill(second)
  const third = await start()
  await until(third, ({ starts_at: startsAt }) => startsAt !== null)
  await third.ask('machine.update.jobs.start', { id: asked.id })
  await until(third, ({ id, state }) => id === asked.id && state === 'done')
  const history = (await third.ask('machine.update.history'))?.result as { total: number }
  assert.equal(history.total, 1)
})

for (const point of [1, 4, 8, 14, 20, 28, 36, 44, 52])
  test(`a kill at point ${point} of an update: what its job says then is true, and in the history once`, async (t) => {
    const { folder, start, version } = await place(t)
    const arm = path.join(folder, 'armed')
    const daemon = await start({ KILL_AT: String(point), KILL_ARM_FILE: arm }, preload)
    writeFileSync(arm, '')
    await daemon.ask('machine.update.upgrade', { name: 'app', background: true })
    await Promise.race([
      daemon.end(),
      daemon.askUntil('machine.update.jobs.list', (one) => jobsOf(one).some((job) => job.ended_at !== null)),
    ])
    await kill(daemon)
    const next = await start()
    const { result } = (await next.askUntil('machine.update.jobs.list', (one) =>
      jobsOf(one).every((job) => job.ended_at !== null),
    )) as { result: { jobs: readonly Job[] } }
    const [job] = result.jobs
    const history = (await next.ask('machine.update.history'))?.result as {
      entries: readonly { outcome: string }[]
    }
    if (job === undefined) {
      // It was killed before it could be promised.
      assert.deepEqual([version(), history.entries], ['v1.0.0', []])
      return
    }
    assert.ok(job.state === 'done' || job.state === 'failed', job.state)
    assert.equal(version() === 'v1.0.0', job.state === 'failed', `${job.state}: ${version()}`)
    assert.deepEqual(
      history.entries.map(({ outcome }) => outcome),
      [job.state],
    )
    const read = (await next.ask('machine.update.jobs.get', { id: job.id }))?.result as Job
    assert.deepEqual(
      read.log?.map(({ seq }) => seq),
      read.log?.map((_, index) => index + 1),
    )
  })
