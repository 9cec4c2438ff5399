import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { KlippyConnection } from '../../src/klippy/connection.js'
import type { KlippyConnectionOptions } from '../../src/klippy/connection.js'
import { temporaryFolder } from './folder.js'
import { fakeLog } from './rpc.js'

type Fields = Record<string, unknown>

interface KlippyRequest {
  readonly id: number
  readonly method: string
  readonly params: Fields
}

interface Client {
  readonly socket: Socket
  /** Of objects/subscribe. */
  template: Fields | null
  subscribed: Fields
  /** Of gcode/subscribe_output. */
  console: Fields | null
  /** Of register_remote_method, by name. */
  readonly remote: Map<string, Fields>
}

const anyEndpoints = [
  'info',
  'emergency_stop',
  'list_endpoints',
  'gcode/script',
  'gcode/help',
  'objects/list',
]

const frameOf = (content: object): string => `${JSON.stringify(content)}\x03`

/** Klipper's API server, as far as Moonkeeper talks to it, on a real Unix socket. */
export class FakeKlippy {
  /** Every request that came, also those not answered yet. */
  readonly requests: KlippyRequest[] = []
  readonly objects: Record<string, Fields> = {
    webhooks: { state: 'ready', state_message: 'Printer is ready' },
    print_stats: { state: 'standby', filename: '' },
    virtual_sdcard: {},
    display_status: {},
    pause_resume: {},
  }
  /** Written behind the next answer to `objects/subscribe`, in the same write. */
  behindSubscription = ''
  /** Answers in place of the usual ones, by method: what is given is the frame without its id. */
  readonly odd = new Map<string, object>()
  endpoints: string[] = [
    ...anyEndpoints,
    'objects/subscribe',
    'gcode/subscribe_output',
    'query_endstops/status',
  ]
  /** log_file and config_file of `info`. */
  files: Fields = {}
  connections = 0
  /** True: requests are not kept. */
  forgetful = false
  readonly #clients = new Set<Client>()
  readonly #comings = new EventEmitter()
  #last: Socket | null = null
  readonly #held = new Map<string, (() => void)[]>()
  readonly #watchers = new Set<() => void>()
  #server: Server | null = null

  constructor(readonly path: string) {}

  async listen(): Promise<void> {
    this.#server = createServer((socket) => this.#welcome(socket))
    this.#server.listen(this.path)
    await once(this.#server, 'listening')
  }

  /** Klipper ends: no socket any more, no connections. */
  async close(): Promise<void> {
    const server = this.#server
    if (server === null) return
    this.#server = null
    const closed = once(server, 'close')
    server.close()
    this.drop()
    await closed
  }

  /** Ends the connections there are; new ones are welcome. */
  drop(): void {
    for (const { socket } of this.#clients) socket.destroy()
    this.#clients.clear()
  }

  /** True when somebody has subscribed to the object. */
  hears(object: string): boolean {
    return [...this.#clients].some(({ socket, subscribed }) => socket.writable && object in subscribed)
  }

  /** Ends the connections there are, when what was sent is out; new ones are welcome. */
  endAll(): void {
    for (const { socket } of this.#clients) socket.end()
  }

  /** Changes an object and pushes what of it is subscribed to, as Klipper does. */
  set(object: string, fields: Fields): void {
    Object.assign((this.objects[object] ??= {}), fields)
    for (const { socket, template, subscribed } of this.#clients) {
      const wanted = subscribed[object]
      if (template === null || wanted === undefined) continue
      const pushed = Object.entries(fields).filter(
        ([field]) => wanted === null || (wanted as string[]).includes(field),
      )
      if (pushed.length > 0) socket.write(this.push(template, { [object]: Object.fromEntries(pushed) }))
    }
  }

  /** Changes an object in the moment in which somebody subscribes: Klipper tells it in the answer only. */
  setUnheard(object: string, fields: Fields): void {
    Object.assign((this.objects[object] ??= {}), fields)
  }

  /** A line of the console. */
  print(response: string): void {
    for (const { socket, console } of this.#clients)
      if (console !== null) socket.write(frameOf({ ...console, params: { response } }))
  }

  /** A macro calls a remote method. @returns to how many that was sent */
  callRemote(name: string, params: Fields): number {
    const known = [...this.#clients].filter(({ remote }) => remote.has(name))
    for (const { socket, remote } of known) socket.write(frameOf({ ...remote.get(name), params }))
    return known.length
  }

  push(template: Fields, status: Fields): string {
    return frameOf({ ...template, params: { eventtime: 1, status } })
  }

  /** Sends to everyone, as it stands. */
  sendRaw(text: string | Buffer): void {
    for (const { socket } of this.#clients) socket.write(text)
  }

  /** Sends to who came last. */
  sendRawToLast(bytes: Buffer): void {
    this.#last?.write(bytes)
  }

  /** Resolves when there were so many connections. */
  async untilConnected(count: number): Promise<void> {
    while (this.connections < count) await once(this.#comings, 'came')
  }

  /** Resolves when the next connection has ended. */
  async untilGone(): Promise<void> {
    await once(this.#comings, 'gone')
  }

  /** Sends to who came last until it takes nothing for a tenth of a second. @returns the bytes that it took */
  async flood(piece: Buffer, most: number): Promise<number> {
    const socket = this.#last
    if (socket === null) return 0
    let written = 0
    while (written < most && !socket.destroyed) {
      written += piece.length
      if (socket.write(piece)) continue
      const drained = once(socket, 'drain')
        .then(() => true)
        .catch(() => false)
      if (!(await Promise.race([drained, wait(100, false)]))) break
    }
    return written - socket.writableLength
  }

  /** Resolves when what was sent to who came last was taken. */
  async untilDrained(): Promise<void> {
    const socket = this.#last
    if (socket !== null && socket.writableNeedDrain) await once(socket, 'drain')
  }

  /** Reads nothing any more from those who are connected. */
  deafen(): void {
    for (const { socket } of this.#clients) socket.pause()
  }

  /** From now on requests of this method wait for `release`. */
  hold(method: string): void {
    this.#held.set(method, [])
  }

  release(method: string): void {
    const held = this.#held.get(method) ?? []
    this.#held.delete(method)
    for (const answer of held) answer()
  }

  asked(method: string): KlippyRequest[] {
    return this.requests.filter((request) => request.method === method)
  }

  /** Resolves once the method was asked so many times in all. */
  async untilAsked(method: string, times: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.asked(method).length < times) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  #welcome(socket: Socket): void {
    const client: Client = { socket, template: null, subscribed: {}, console: null, remote: new Map() }
    this.connections += 1
    this.#clients.add(client)
    this.#last = socket
    this.#comings.emit('came')
    let held = ''
    socket.setEncoding('utf8')
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#clients.delete(client)
      this.#comings.emit('gone')
    })
    socket.on('data', (text: string) => {
      const frames = (held + text).split('\x03')
      held = frames.pop() ?? ''
      for (const frame of frames) this.#receive(client, JSON.parse(frame) as KlippyRequest)
    })
  }

  #receive(client: Client, request: KlippyRequest): void {
    if (!this.forgetful) this.requests.push(request)
    const answer = (): void => {
      if (!client.socket.destroyed) client.socket.write(this.#answer(client, request))
    }
    const held = this.#held.get(request.method)
    if (held === undefined) answer()
    else held.push(answer)
    for (const watcher of [...this.#watchers]) watcher()
  }

  #answer(client: Client, { id, method, params = {} }: KlippyRequest): string {
    const odd = this.odd.get(method)
    if (odd !== undefined) return frameOf({ id, ...odd })
    if (method !== 'objects/subscribe') return frameOf({ id, ...this.#simply(client, method, params) })
    client.template = params.response_template as Fields
    client.subscribed = params.objects as Fields
    const answer = frameOf({ id, result: { eventtime: 1, status: this.#status(params.objects as Fields) } })
    const behind = this.behindSubscription
    this.behindSubscription = ''
    return answer + behind
  }

  #simply(client: Client, method: string, params: Fields): object {
    const template = params.response_template as Fields
    if (method === 'info') return { result: this.#info() }
    if (method === 'list_endpoints') return { result: { endpoints: this.endpoints } }
    if (method === 'objects/list') return { result: { objects: Object.keys(this.objects) } }
    if (method === 'objects/query')
      return { result: { eventtime: 1, status: this.#status(params.objects as Fields) } }
    if (method === 'gcode/subscribe_output') client.console = template
    else if (method === 'register_remote_method') client.remote.set(String(params.remote_method), template)
    else if (!this.endpoints.includes(method)) return { error: { message: `No ${method}` } }
    return { result: {} }
  }

  #info(): Fields {
    return {
      ...this.objects.webhooks,
      hostname: 'fake',
      klipper_path: '/home/pi/klipper',
      python_path: '/home/pi/klippy-env/bin/python',
      software_version: 'v0.12.0-1-gfake',
      ...this.files,
    }
  }

  /** An object that does not exist is answered as an empty one, as Klipper does. */
  #status(asked: Fields): Fields {
    const pick = (name: string, fields: string[] | null): Fields =>
      fields === null ? { ...this.objects[name] } : some(name, fields)
    const some = (name: string, fields: string[]): Fields =>
      Object.fromEntries(
        fields.flatMap((field) =>
          field in (this.objects[name] ?? {}) ? [[field, this.objects[name]?.[field]]] : [],
        ),
      )
    return Object.fromEntries(
      Object.entries(asked).map(([name, fields]) => [name, pick(name, fields as string[] | null)]),
    )
  }
}

export interface KlippyRig {
  readonly klippy: FakeKlippy
  readonly connection: KlippyConnection
  readonly log: ReturnType<typeof fakeLog>
  /** The states seen after the first, disconnected, in their order, each as long as it lasted once. */
  readonly states: string[]
}

/** A fake Klipper that does not listen yet and a connection that is not started; both end with the test. */
export const klippyRig = async (
  t: Pick<TestContext, 'after'>,
  options: Partial<KlippyConnectionOptions> = {},
): Promise<KlippyRig> => {
  const folder = await temporaryFolder(t)
  const klippy = new FakeKlippy(path.join(folder, 'klippy.sock'))
  const log = fakeLog()
  const quick = { firstDelayMs: 0, reconnectDelayMs: 5, pollIntervalMs: 5, shrinkDelayMs: 5 }
  const connection = new KlippyConnection({ path: klippy.path, version: 'v1.2.3', log, ...quick, ...options })
  const states: string[] = []
  connection.onChange(() => {
    if ((states.at(-1) ?? 'disconnected') !== connection.state) states.push(connection.state)
  })
  t.after(async () => {
    await connection.stop()
    await klippy.close()
  })
  return { klippy, connection, log, states }
}

/** The same, with a Klipper that is up and a connection that has seen it ready. */
export const readyRig = async (
  t: Pick<TestContext, 'after'>,
  options: Partial<KlippyConnectionOptions> = {},
): Promise<KlippyRig> => {
  const rig = await klippyRig(t, options)
  await rig.klippy.listen()
  rig.connection.start()
  await until(rig.connection, () => rig.connection.state === 'ready')
  return rig
}

/** Resolves once the condition holds; it is looked at after every change. */
export const until = async (connection: KlippyConnection, condition: () => boolean): Promise<void> => {
  if (condition()) return
  await new Promise<void>((resolve) => {
    const forget = connection.onChange(() => {
      if (!condition()) return
      forget()
      resolve()
    })
  })
}
