import assert from 'node:assert/strict'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Job } from '../../src/contract/generated/types.js'
import { openUnixSocket } from '../../src/transport/unix.js'
import type { Bench, Overrides } from '../support/engine.js'
import { heldCommands, machine } from '../support/jobs.js'
import { fakeApp } from '../support/rpc.js'
import { ask, Inbox, openClient, openRaw, serve, type Served } from '../support/socket.js'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: readonly Job[]
  readonly result?: unknown
  readonly error?: { readonly message: string; readonly data?: { readonly code: string } }
}

/** A lasting connection, whose notifications are kept. */
class Talk {
  readonly notifications: Message[] = []
  private last = 0

  constructor(
    private readonly frames: Inbox<string>,
    private readonly send: (text: string) => void,
    readonly close: () => void,
  ) {}

  async call(method: string, params: object = {}): Promise<Message> {
    this.last += 1
    this.send(JSON.stringify({ jsonrpc: '2.0', method, params, id: this.last }))
    return this.until(({ id }) => id === this.last)
  }

  async until(wanted: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const message = JSON.parse(await this.frames.take()) as Message
      if (message.method !== undefined) this.notifications.push(message)
      if (wanted(message)) return message
    }
  }

  jobs(): readonly Job[] {
    return this.told('notify_update_job').flatMap(({ params }) => params ?? [])
  }

  told(method: string): readonly Message[] {
    return this.notifications.filter((message) => message.method === method)
  }
}

const isEnd = ({ method, params }: Message): boolean =>
  method === 'notify_update_job' && typeof params?.[0]?.ended_at === 'number'

interface House {
  readonly bench: Bench
  readonly served: Served
  web(): Promise<Talk>
  unix(): Promise<Talk>
}

/** The real engine behind real doors. */
const house = async (t: TestContext, overrides: Overrides = {}): Promise<House> => {
  const at = await machine(t, 'one', 'two')
  const doors: Served[] = []
  const bench = await at.begin({
    ...overrides,
    onJob: (job) => doors[0]?.inside.subscribers.tellJob(job),
    onLine: (line) =>
      doors[0]?.inside.subscribers.broadcast('notify_update_response', { ...line, proc_id: 1 }),
  })
  const served = await serve(fakeApp(bench.engine))
  doors.push(served)
  t.after(() => served.stop())
  const file = path.join(at.folder, 'moonraker.sock')
  const door = await openUnixSocket(file, served.inside)
  t.after(() => door.stop())
  return {
    bench,
    served,
    web: async () => {
      const { socket, frames } = await openClient(served.port)
      t.after(() => socket.terminate())
      return new Talk(
        frames,
        (text) => socket.send(text),
        () => socket.terminate(),
      )
    },
    unix: async () => {
      const socket = await openRaw(file)
      t.after(() => socket.destroy())
      const frames = new Inbox<string>()
      let rest = ''
      socket.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString()).split('\u0003')
        rest = parts.pop() ?? ''
        for (const part of parts) frames.put(part)
      })
      return new Talk(
        frames,
        (text) => socket.write(`${text}\u0003`),
        () => socket.destroy(),
      )
    },
  }
}

test('those who subscribed are told of jobs, through every door; others get what they always got', async (t) => {
  const at = await house(t)
  const [web, unix, old, left] = [await at.web(), await at.unix(), await at.web(), await at.web()]
  for (const talk of [web, unix, left]) await talk.call('machine.update.jobs.list', { subscribe: true })
  await left.call('machine.update.jobs.list', { subscribe: false })
  assert.equal((await old.call('machine.update.upgrade', { name: 'one' })).result, 'ok')
  for (const talk of [web, unix]) {
    await talk.until(isEnd)
    const lines = talk.jobs().flatMap(({ log }) => log ?? [])
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      lines.map((_, index) => index + 1),
    )
    assert.ok(lines.length > 3)
    assert.equal(talk.told('notify_update_response').length, lines.length)
  }
  await left.call('server.websocket.id')
  for (const talk of [old, left]) {
    assert.deepEqual(
      new Set(talk.notifications.map(({ method }) => method)),
      new Set(['notify_update_response']),
    )
    const last = talk.notifications.at(-1)?.params?.[0] as unknown as { complete: boolean }
    assert.equal(last.complete, true)
  }
})

test('over HTTP nobody can subscribe, and is told so', async (t) => {
  const { served } = await house(t)
  const { status, json } = await ask(served.port, 'GET', '/machine/update/jobs/list?subscribe=true')
  assert.equal(status, 400)
  assert.match(JSON.stringify(json), /subscribe.*WebSocket/)
  assert.equal((await ask(served.port, 'GET', '/machine/update/jobs/list')).status, 200)
})

test('a client that comes back in the middle reads on from where it was', async (t) => {
  const { commands, hold } = await heldCommands()
  const at = await house(t, { commands })
  const first = await at.web()
  await first.call('machine.update.jobs.list', { subscribe: true })
  const { reached, release } = hold('merge')
  const { result } = await first.call('machine.update.upgrade', { name: 'one', background: true })
  const { id } = result as Job
  await reached
  await first.call('server.websocket.id')
  const seen = first.jobs().flatMap(({ log }) => log ?? [])
  first.close()
  const back = await at.unix()
  await back.call('machine.update.jobs.list', { subscribe: true })
  const missed = (await back.call('machine.update.jobs.get', { id, after_seq: seen.at(-1)?.seq ?? 0 }))
    .result as Job
  release()
  await back.until(isEnd)
  const lines = [...seen, ...(missed.log ?? []), ...back.jobs().flatMap(({ log }) => log ?? [])]
  const whole = await at.bench.engine.jobs.read(id, 0)
  assert.deepEqual(lines, whole.log)
})

test('a job says who asked, as far as they said', async (t) => {
  const at = await house(t)
  const [known, unknown] = [await at.web(), await at.unix()]
  const identity = { client_name: `a\u001b[31m${'x'.repeat(1000)}`, version: '1', type: 'web', url: '' }
  await known.call('server.connection.identify', identity)
  const params = { name: 'one', until: 'prepared' }
  const first = (await known.call('machine.update.upgrade', params)).result as Job
  assert.match(first.asked_by, /^a.*x…$/)
  assert.ok(first.asked_by.length <= 200 && !first.asked_by.includes('\u001b'))
  const second = (await unknown.call('machine.update.upgrade', params)).result as Job
  assert.equal(second.asked_by, 'unix')
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify(params)
  const { json } = await ask(at.served.port, 'POST', '/machine/update/upgrade', headers, body)
  assert.equal((json as { result: Job }).result.asked_by, 'http (127.0.0.1)')
})

const many = Array.from({ length: 10_000 }, (_, index) => `n${index}`)
const huge = 'x'.repeat(1024 * 1024)
const upgrade = 'machine.update.upgrade'
const list = 'machine.update.jobs.list'

const refused: readonly [string, object, string][] = [
  // compat: what is no text is taken as Python would write it.
  [upgrade, { name: 1 }, 'unknown_application'],
  [upgrade, { names: 'one' }, 'bad_argument'],
  [upgrade, { names: [1] }, 'bad_argument'],
  [upgrade, { names: [] }, 'bad_argument'],
  [upgrade, { names: many }, 'bad_argument'],
  [upgrade, { names: ['one', 'one'] }, 'bad_argument'],
  [upgrade, { names: ['one', 'nope'] }, 'unknown_application'],
  [upgrade, { name: 'one', names: ['two'] }, 'bad_argument'],
  [upgrade, { name: '' }, 'unknown_application'],
  [upgrade, { name: huge }, 'unknown_application'],
  [upgrade, { name: '../../etc' }, 'unknown_application'],
  [upgrade, { names: ['one', 'two'], version: 'v1.1.0' }, 'bad_argument'],
  [upgrade, { version: 'v1.1.0' }, 'bad_argument'],
  [upgrade, { name: 'one', version: 'v9' }, 'unknown_version'],
  [upgrade, { name: 'one', version: '' }, 'bad_argument'],
  [upgrade, { name: 'one', version: huge }, 'bad_argument'],
  [upgrade, { name: 'one', version: '--upload-pack=x' }, 'unknown_version'],
  [upgrade, { name: 'one', until: 'later' }, 'bad_argument'],
  [upgrade, { name: 'one', when: 'never' }, 'bad_argument'],
  [upgrade, { name: 'one', background: {} }, 'bad_argument'],
  [upgrade, { name: 'one', atomic: [] }, 'bad_argument'],
  [upgrade, { name: 'one', idempotency_key: '' }, 'bad_argument'],
  [upgrade, { name: 'one', idempotency_key: huge }, 'bad_argument'],
  [upgrade, { name: 'one', plan_hash: 7 }, 'plan_changed'],
  [upgrade, { name: 'one', plan_hash: huge }, 'bad_argument'],
  [upgrade, { name: 'one', plan_hash: 'of another' }, 'plan_changed'],
  ['machine.update.rollback', {}, 'missing_argument'],
  ['machine.update.recover', { name: 'nope', hard: true }, 'unknown_application'],
  ['machine.update.plan', { goal: 'destroy' }, 'bad_argument'],
  ['machine.update.plan', { check: 'some' }, 'bad_argument'],
  ['machine.update.plan', { names: [] }, 'bad_argument'],
  ['machine.update.plan', { names: ['one', 'one'] }, 'bad_argument'],
  ['machine.update.plan', { name: 'one', names: ['one'] }, 'bad_argument'],
  ['machine.update.versions', { name: 'one', limit: -1 }, 'bad_argument'],
  [list, { state: 'gone' }, 'bad_argument'],
  [list, { limit: 0 }, 'bad_argument'],
  [list, { limit: -1 }, 'bad_argument'],
  [list, { limit: 1e9 }, 'bad_argument'],
  [list, { offset: -1 }, 'bad_argument'],
  [list, { subscribe: {} }, 'bad_argument'],
  ['machine.update.jobs.get', {}, 'missing_argument'],
  ['machine.update.jobs.get', { id: 'nope' }, 'unknown_job'],
  ['machine.update.jobs.get', { id: '../../../etc/passwd' }, 'unknown_job'],
  ['machine.update.jobs.get', { id: huge }, 'bad_argument'],
  ['machine.update.jobs.get', { id: 'nope', after_seq: -1 }, 'bad_argument'],
  ['machine.update.jobs.start', { id: 'nope' }, 'unknown_job'],
  ['machine.update.jobs.cancel', { id: 'nope' }, 'unknown_job'],
  ['machine.update.jobs.cancel', { id: null }, 'unknown_job'],
]

test('bad input is refused with its code, and changes nothing', async (t) => {
  const at = await house(t)
  const talk = await at.web()
  const before = [at.bench.status('one').version, at.bench.status('two').version]
  const found: (readonly [string, object, string | undefined])[] = []
  for (const [method, params] of refused) {
    const { error } = await talk.call(method, params)
    found.push([method, params, error?.data?.code])
    assert.ok((error?.message.length ?? 0) < 1000, method)
  }
  const short = (rows: readonly (readonly [string, object, string | undefined])[]) =>
    rows.map(([method, params, code]) => `${method} ${JSON.stringify(params).slice(0, 80)}: ${code}`)
  assert.deepEqual(short(found), short(refused))
  assert.deepEqual([at.bench.status('one').version, at.bench.status('two').version], before)
  const { jobs } = (await talk.call(list, {})).result as { jobs: Job[] }
  assert.deepEqual(
    jobs.filter(({ state }) => state !== 'failed'),
    [],
  )
})
