import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'

/** What the fake Klipper counts up, and tells its clients. */
export const counter = 'counter'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: readonly unknown[]
  readonly result?: unknown
}

type Status = Readonly<Record<string, { readonly value?: number }>>

const identity = { client_name: 'soak', version: '1', type: 'other', url: 'http://localhost' }

/** A client as it should be: it reads, and notes every notification that it misses. */
export class Healthy {
  readonly faults: string[] = []
  /** The last value of the counter. */
  last = -1
  private line = -1
  private id = 0
  private readonly asked = new Map<number, (result: unknown) => void>()
  private readonly watchers = new Set<() => void>()

  private constructor(
    private readonly socket: WebSocket,
    private readonly wanted: object,
  ) {
    socket.on('message', (data: Buffer) => this.take(JSON.parse(data.toString()) as Message))
    socket.on('close', (code) => this.faults.push(`closed with ${code}`))
  }

  static async open(port: number, wanted: object): Promise<Healthy> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`)
    socket.on('error', () => undefined)
    await once(socket, 'open')
    const client = new Healthy(socket, wanted)
    await client.ask('server.connection.identify', identity)
    await client.subscribe()
    return client
  }

  async subscribe(): Promise<void> {
    const answer = (await this.ask('printer.objects.subscribe', { objects: this.wanted })) as
      { readonly status: Status } | undefined
    this.count(answer?.status, 'the answer')
  }

  ask(method: string, params: object): Promise<unknown> {
    const id = (this.id += 1)
    return new Promise((resolve) => {
      this.asked.set(id, resolve)
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', method, params, id }))
    })
  }

  /** Resolves when it heard of the value and of its line, or is closed. */
  async untilHeard(value: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (Math.min(this.last, this.line) < value && this.socket.readyState === WebSocket.OPEN) return
        this.watchers.delete(look)
        resolve()
      }
      this.watchers.add(look)
      look()
    })
  }

  close(): void {
    this.socket.removeAllListeners('close')
    this.socket.close()
  }

  private take({ id, method, params, result }: Message): void {
    if (method === 'notify_status_update') this.count(params?.[0] as Status, 'an update')
    else if (method === 'notify_gcode_response') this.hearLine(String(params?.[0]))
    else if (id !== undefined) {
      this.asked.get(id)?.(result)
      this.asked.delete(id)
    }
    for (const watcher of [...this.watchers]) watcher()
  }

  /** In an answer the same value may come again; in updates each comes once. */
  private count(status: Status | undefined, where: string): void {
    const value = status?.[counter]?.value
    if (value === undefined) return
    const expected =
      this.last < 0 || value === this.last + 1 || (where === 'the answer' && value >= this.last)
    if (!expected) this.faults.push(`${where} says ${value} after ${this.last}`)
    this.last = value
  }

  private hearLine(text: string): void {
    const line = Number(/^\/\/ line (\d+)$/.exec(text)?.[1] ?? Number.NaN)
    if (Number.isNaN(line)) return
    if (this.line >= 0 && line !== this.line + 1) this.faults.push(`line ${line} after ${this.line}`)
    this.line = line
  }
}

/** Frames that nobody should send. */
const garbage: readonly (() => string | Buffer)[] = [
  () => randomBytes(randomInt(1, 2000)),
  () => 'null',
  () => '[[[[[[[[',
  () => `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  () => '{"jsonrpc":"2.0","method":"printer.objects.subscribe","params":{"objects":{"a":5}},"id":1}',
  () =>
    `{"jsonrpc":"2.0","method":"printer.objects.query","params":{"objects":{"${'x'.repeat(5000)}":null}},"id":2}`,
  () => '{"jsonrpc":"2.0","method":"printer.nothing","params":{"__proto__":{"x":1}},"id":{"a":[1]}}',
  () =>
    `[${Array.from({ length: 200 }, (_, id) => `{"jsonrpc":"2.0","method":"server.info","id":${id}}`).join()}]`,
  () => '{"jsonrpc":"2.0","method":"printer.gcode.script","params":{"script":"M117"},"id":3}',
  () => '',
]

const choose = <T>(all: readonly T[]): T => all[randomInt(all.length)] as T

const post = (port: number, path: string, body: string): Promise<void> =>
  new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false }, (answer) => {
      answer.resume()
      answer.on('close', resolve)
    })
    sent.on('error', () => resolve())
    sent.end(body)
  })

/** One visit: comes, does what it does, and is gone. */
type Visit = (port: number, socketFile: string) => Promise<void>

const opened = async (url: string): Promise<WebSocket | null> => {
  const socket = new WebSocket(url)
  const open = once(socket, 'open')
  socket.on('error', () => undefined)
  try {
    await open
    return socket
  } catch {
    return null
  }
}

const connected = async (target: number | string): Promise<Socket | null> => {
  const socket = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target)
  socket.on('error', () => undefined)
  socket.resume()
  const ready = once(socket, 'connect')
  try {
    await ready
    return socket
  } catch {
    return null
  }
}

/** What passes through unusual doors, or not at all. */
export const visits: Readonly<Record<string, Visit>> = {
  /** A page that is opened and closed again. */
  reload: async (port) => {
    const socket = await opened(`ws://127.0.0.1:${port}/websocket`)
    if (socket === null) return
    const say = (method: string, params: object): void =>
      socket.send(JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 }))
    say('server.connection.identify', identity)
    say('printer.objects.subscribe', { objects: { [counter]: null, toolhead: [`f${randomInt(50)}`] } })
    await once(socket, 'message')
    if (randomInt(2) === 0) socket.terminate()
    else socket.close()
    await once(socket, 'close')
  },
  garbage: async (port) => {
    const socket = await opened(`ws://127.0.0.1:${port}/websocket`)
    if (socket === null) return
    for (let frames = 0; frames < 10; frames += 1) socket.send(choose(garbage)())
    await new Promise((resolve) => socket.ping('', undefined, resolve))
    socket.terminate()
  },
  /** Not even a WebSocket after the handshake. */
  noise: async (port) => {
    const socket = await connected(port)
    if (socket === null) return
    socket.write(
      'GET /websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    socket.end(randomBytes(5000))
    await once(socket, 'close').catch(() => undefined)
  },
  unix: async (_port, file) => {
    const socket = await connected(file)
    if (socket === null) return
    const subscribe = `{"jsonrpc":"2.0","method":"printer.objects.subscribe","params":{"objects":{"${counter}":null}},"id":1}`
    socket.write(`${String(choose(garbage)())}\x03${subscribe}\x03`)
    await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => undefined)
    socket.destroy()
  },
  http: async (port) => {
    const path = choose([
      '/printer/objects/query?counter',
      '/server/info',
      '/printer/gcode/script?script=G1',
      '/nothing',
      '/printer/x',
    ])
    await post(port, path, choose(['', '{', 'a=b']))
  },
  bridge: async (port) => {
    const socket = await opened(`ws://127.0.0.1:${port}/klippysocket`)
    if (socket === null) return
    socket.send('{"id":1,"method":"info","params":{}}')
    await Promise.race([once(socket, 'message'), once(socket, 'close')])
    socket.terminate()
  },
}

/** A client that never reads, until it is thrown out. */
export const sleeper: Visit = async (port) => {
  const socket = await opened(`ws://127.0.0.1:${port}/websocket`)
  if (socket === null) return
  socket.send(
    JSON.stringify({
      jsonrpc: '2.0',
      method: 'printer.objects.subscribe',
      params: { objects: { [counter]: null } },
      id: 1,
    }),
  )
  socket.pause()
  await new Promise((resolve) => setTimeout(resolve, 5_000).unref())
  socket.terminate()
}
