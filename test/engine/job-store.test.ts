import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { newJob } from '../../src/engine/change.js'
import { JobStore } from '../../src/engine/job-store.js'
import { Jobs } from '../../src/engine/jobs.js'
import { systemClock } from '../../src/system/clock.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { fakeLog } from '../support/rpc.js'
import { upgradeOf } from '../support/jobs.js'

const open = async (
  folder: string,
): Promise<{ jobs: Jobs; store: JobStore; log: ReturnType<typeof fakeLog> }> => {
  const log = fakeLog()
  const store = new JobStore(folder, systemFiles, log)
  const jobs = new Jobs({ store, clock: systemClock, log, changed: () => undefined })
  await jobs.load()
  return { jobs, store, log }
}

const request = newJob(upgradeOf('one', { background: true }))

const made = ({ jobs }: { jobs: Jobs }, index = 0) =>
  jobs.create({ ...request, id: `00000000-0000-0000-0000-${String(index).padStart(12, '0')}` })

test('states that change at once are written one after the other, the last one last', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await open(folder)
  const job = made(first)
  await Promise.all([
    job.enter('preparing'),
    job.enter('running'),
    job.end('done', null, ''),
    job.end('failed', null, ''),
  ])
  const [found] = (await open(folder)).jobs.all()
  assert.deepEqual([found?.state, found?.wire.progress], ['done', 1])
})

test('lines go on behind those of a life that was killed, also behind a torn one', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await open(folder)
  const job = made(first)
  await job.enter('preparing')
  for (const text of ['a', 'b', 'c']) job.say(text)
  await first.store.settled()
  appendFileSync(path.join(folder, 'jobs', `${job.id}.log`), '{"seq":4,"ti')
  const { jobs, store } = await open(folder)
  const [found] = jobs.all()
  assert.ok(found)
  assert.equal(found.wire.last_seq, 3)
  found.say('d')
  await store.settled()
  const { log = [], last_seq: last } = await jobs.read(found.id, 2)
  assert.deepEqual(
    [log.map(({ seq, text }) => [seq, text]), last],
    [
      [
        [3, 'c'],
        [4, 'd'],
      ],
      4,
    ],
  )
})

test('the lines that are kept are bounded, and the last one says so', async (t) => {
  const folder = await temporaryFolder(t)
  const { jobs, store } = await open(folder)
  const job = made({ jobs })
  await job.enter('running')
  for (let count = 0; count < 1100; count += 1) job.say('ü'.repeat(500))
  await store.settled()
  const { size } = statSync(path.join(folder, 'jobs', `${job.id}.log`))
  assert.ok(size <= 1024 * 1024 && size > 1023 * 1024, String(size))
  const { log = [] } = await jobs.read(job.id, 0)
  assert.match(log.at(-1)?.text ?? '', /as much as is kept/)
  assert.deepEqual(
    log.map(({ seq }) => seq),
    log.map((_, index) => index + 1),
  )
  const next = await open(folder)
  const [found] = next.jobs.all()
  for (let count = 0; count < 5; count += 1) found?.say('ü'.repeat(500))
  await next.store.settled()
  assert.ok(statSync(path.join(folder, 'jobs', `${job.id}.log`)).size <= 1024 * 1024)
})

test('what is read names no line as its last that it does not have', async (t) => {
  const folder = await temporaryFolder(t)
  const { jobs } = await open(folder)
  const job = made({ jobs })
  job.say('a')
  const reading = jobs.read(job.id, 0)
  job.say('b')
  const read = await reading
  assert.deepEqual([read.last_seq, read.log?.map(({ seq }) => seq)], [1, [1]])
})

test('torn records are told and left; the lines of a job that is gone are not', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await open(folder)
  await made(first, 1).enter('running')
  await made(first, 2).enter('running')
  const files = path.join(folder, 'jobs')
  const [one = '', two = ''] = readdirSync(files).sort()
  const text = readFileSync(path.join(files, one), 'utf8')
  writeFileSync(path.join(files, one), text.slice(0, 50))
  writeFileSync(path.join(files, one.replace('.json', '.log')), '')
  const stranger = one.replace('1.json', '9.log')
  writeFileSync(path.join(files, stranger), '{}\n')
  writeFileSync(path.join(files, one.replace('1.json', '8.json')), text)
  const { jobs, log } = await open(folder)
  assert.deepEqual(
    jobs.all().map(({ id }) => `${id}.json`),
    [two],
  )
  assert.equal(log.lines.filter(({ message }) => message.includes('not readable')).length, 2)
  const left = readdirSync(files)
  assert.ok(left.includes(one) && left.includes(one.replace('.json', '.log')))
  assert.ok(!left.includes(stranger))
})

test('a hundred jobs that are over are known, and all that are not', async (t) => {
  const folder = await temporaryFolder(t)
  const { jobs } = await open(folder)
  for (let index = 0; index < 110; index += 1) {
    const job = made({ jobs }, index)
    if (index > 0) await job.end('done', null, '')
    else await job.stayPrepared(null)
  }
  await Promise.all([jobs.prune(), jobs.prune()])
  assert.equal(jobs.list({ limit: 100, offset: 0 }).total, 101)
  assert.equal(readdirSync(path.join(folder, 'jobs')).filter((name) => name.endsWith('.json')).length, 101)
  assert.equal(jobs.list({ state: 'prepared', limit: 100, offset: 0 }).total, 1)
})
