import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { CliFailure, exitCodes, interrupted } from './io.js'
import type { Endpoint } from './place.js'
import { describe } from './place.js'

/** The server said no. */
export class Refusal extends Error {
  override readonly name = 'Refusal'

  /**
   * @param code JSON-RPC's error code: the HTTP status, -32601 for 404
   * @param reason the stable code of docs/errors.md; null from servers that know none
   */
  constructor(
    readonly code: number,
    message: string,
    readonly reason: string | null = null,
  ) {
    super(message)
  }
}

export type NotificationListener = (method: string, params: unknown) => void

/** What carries frames of text. */
interface Wire {
  /** Resolves when frames can be sent; rejects when it does not come to that. */
  readonly ready: Promise<void>
  send(text: string): void
  close(): void
}

interface WireEvents {
  readonly frame: (text: string) => void
  /** After this nothing comes any more. May be called more than once. */
  readonly gone: (cause: Error | null) => void
}

/** Milliseconds until a server must have answered for the first time. */
const patience = 10_000
/** Frames on the Unix socket end with this byte, which JSON text cannot contain. */
const frameEnd = 0x03

/** Cuts a stream of bytes into frames. */
const frameCutter = (emit: (text: string) => void): ((chunk: Buffer) => void) => {
  let parts: Buffer[] = []
  return (chunk) => {
    let rest = chunk
    for (let end = rest.indexOf(frameEnd); end >= 0; end = rest.indexOf(frameEnd)) {
      const frame = Buffer.concat([...parts, rest.subarray(0, end)])
      parts = []
      rest = rest.subarray(end + 1)
      emit(frame.toString('utf8'))
    }
    if (rest.length > 0) parts.push(rest)
  }
}

const readiness = (socket: Socket | WebSocket, event: 'connect' | 'open'): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer for ${patience / 1000} seconds`)), patience)
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      settle()
    }
    socket.once(event, () => end(resolve))
    socket.once('error', (cause: Error) => end(() => reject(cause)))
    socket.once('close', () => end(() => reject(new Error('the connection was closed'))))
  })

const unixWire = (path: string, events: WireEvents): Wire => {
  const socket = connect(path)
  socket.on('data', frameCutter(events.frame))
  socket.on('error', (cause) => events.gone(cause))
  socket.on('close', () => events.gone(null))
  return {
    ready: readiness(socket, 'connect'),
    send: (text) => socket.write(Buffer.concat([Buffer.from(text), Buffer.of(frameEnd)])),
    close: () => socket.destroy(),
  }
}

const webSocketWire = (url: string, events: WireEvents): Wire => {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  // With the default binaryType a message is one Buffer.
  socket.on('message', (data: Buffer) => events.frame(data.toString('utf8')))
  socket.on('error', (cause) => events.gone(cause))
  socket.on('close', () => events.gone(null))
  return {
    ready: readiness(socket, 'open'),
    send: (text) => socket.send(text),
    // Nothing more is wanted, so the other side's goodbye is not waited for.
    close: () => socket.terminate(),
  }
}

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (cause: Error) => void
}

interface Message {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: {
    readonly code?: unknown
    readonly message?: unknown
    readonly data?: unknown
  } | null
}

const messageOf = (text: string): Message | null => {
  try {
    const parsed: unknown = JSON.parse(text)
    return parsed !== null && typeof parsed === 'object' ? parsed : null
  } catch {
    return null
  }
}

const reasonOf = (data: unknown): string | null => {
  const code: unknown = data !== null && typeof data === 'object' && 'code' in data ? data.code : null
  return typeof code === 'string' ? code : null
}

const refusalOf = (error: NonNullable<Message['error']>): Refusal => {
  const code = typeof error.code === 'number' ? error.code : 0
  const message = typeof error.message === 'string' ? error.message : JSON.stringify(error)
  return new Refusal(code, message, reasonOf(error.data))
}

/** JSON-RPC 2.0 over one connection. */
export class RpcClient {
  /** Resolves when the connection is over, with the reason. Never rejects. */
  readonly closed: Promise<CliFailure>
  private readonly pending = new Map<number, Pending>()
  private readonly listeners = new Set<NotificationListener>()
  private readonly wire: Wire
  private tellClosed: (cause: CliFailure) => void = () => {}
  private open = false
  private lastId = 0
  private end: CliFailure | null = null

  private constructor(private readonly endpoint: Endpoint) {
    this.closed = new Promise((resolve) => {
      this.tellClosed = resolve
    })
    const events: WireEvents = { frame: (text) => this.receive(text), gone: (cause) => this.gone(cause) }
    this.wire =
      endpoint.kind === 'unix' ? unixWire(endpoint.path, events) : webSocketWire(endpoint.url, events)
  }

  /**
   * @param signal ends the connection: what is under way then rejects as interrupted
   * @throws CliFailure (noConnection or interrupted)
   */
  static async open(endpoint: Endpoint, signal: AbortSignal): Promise<RpcClient> {
    const client = new RpcClient(endpoint)
    const onAbort = (): void => client.finish(interrupted())
    signal.addEventListener('abort', onAbort, { once: true })
    void client.closed.then(() => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) onAbort()
    await client.wire.ready.then(
      () => {
        client.open = true
      },
      (cause: unknown) => client.finish(noAnswer(endpoint, cause)),
    )
    // An interrupt or error came first.
    if (client.end !== null) throw client.end
    return client
  }

  /**
   * @throws Refusal when the server says no, CliFailure when the connection ends before it answers
   */
  call(method: string, params: object): Promise<unknown> {
    if (this.end !== null) return Promise.reject(this.end)
    const id = (this.lastId += 1)
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject })
      this.wire.send(JSON.stringify({ jsonrpc: '2.0', method, params, id }))
    })
  }

  /** From now on; what came before is not repeated. */
  listen(listener: NotificationListener): void {
    this.listeners.add(listener)
  }

  /** @param why what calls that are under way reject with */
  close(why = new CliFailure(exitCodes.noConnection, 'The connection was closed.')): void {
    this.finish(why)
  }

  private gone(cause: Error | null): void {
    // Until it is open, its readiness tells more.
    if (this.open) this.finish(lost(this.endpoint, cause))
  }

  private finish(cause: CliFailure): void {
    if (this.end !== null) return
    this.end = cause
    for (const { reject } of this.pending.values()) reject(cause)
    this.pending.clear()
    this.wire.close()
    this.tellClosed(cause)
  }

  private receive(text: string): void {
    const message = messageOf(text)
    if (message === null) return this.finish(foreign(this.endpoint))
    if (typeof message.method === 'string') {
      const [params] = Array.isArray(message.params) ? (message.params as unknown[]) : [message.params]
      for (const listener of this.listeners) listener(message.method, params)
      return
    }
    this.settle(message)
  }

  private settle(message: Message): void {
    // Without an id nobody knows which question was refused; there is no better answer to come to any of them.
    if (message.id === null && message.error) {
      for (const { reject } of this.pending.values()) reject(refusalOf(message.error))
      this.pending.clear()
    }
    const waiting = typeof message.id === 'number' ? this.pending.get(message.id) : undefined
    if (waiting === undefined) return
    this.pending.delete(message.id as number)
    if (message.error !== undefined && message.error !== null) waiting.reject(refusalOf(message.error))
    else waiting.resolve(message.result)
  }
}

const nextSteps =
  'Start it with `npm start`, or see `systemctl status moonkeeper`. Another data folder is named with -d, a server ' +
  'elsewhere with --url http://host:port.'

const noAnswer = (endpoint: Endpoint, cause: unknown): CliFailure => {
  const why =
    cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause)
  const what = `Nothing answers at ${describe(endpoint)} (${why}).`
  const denied = why === 'EACCES' || why === 'EPERM'
  const next = denied ? 'This user may not open it: ask as the user that Moonkeeper runs as.' : nextSteps
  return new CliFailure(exitCodes.noConnection, `${what}\n${next}`, cause)
}

const lost = (endpoint: Endpoint, cause: Error | null): CliFailure =>
  new CliFailure(
    exitCodes.noConnection,
    `The connection to ${describe(endpoint)} ended. What is under way goes on as long as the server runs: ` +
      'see `moonkeeper status`.',
    cause,
  )

const foreign = (endpoint: Endpoint): CliFailure =>
  new CliFailure(
    exitCodes.noConnection,
    `What answers at ${describe(endpoint)} does not speak Moonraker's API.`,
  )
