import { STATUS_CODES, ServerResponse } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type { Connection, Identity } from '../contract/connection.js'
import type { Encoded } from '../contract/encoded.js'
import { MoonkeeperError } from '../contract/error.js'
import type { Caller } from '../contract/requester.js'
import { admit, mayDo } from '../rpc/admission.js'
import { Bridge } from './bridge.js'
import { answerFrame, closingTime } from './door.js'
import type { Door, Inside } from './door.js'
import { receive, type Guest } from './reception.js'
import { webSocketPaths } from './routes.js'
import { frameLimit, unsentLimit } from './subscribers.js'
import { textFrame } from './text-frame.js'

export interface WebSocketOptions {
  /** max_websocket_connections */
  readonly maxConnections: number
  /** route_prefix; empty without one. */
  readonly prefix: string
  /** Milliseconds between two pings; a peer that missed two is dropped. */
  readonly heartbeat?: number
}

/** Text frames may also arrive as binary ones: both are bytes here. */
const messageBytes = (data: Buffer | ArrayBuffer | Buffer[]): Buffer => {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? Buffer.from(data) : data
}

class WebSocketConnection implements Connection {
  readonly transport = 'websocket'
  identity: Identity | null = null
  followsJobs = false
  #missedPings = 0
  #pending = 0
  #leaving = false

  constructor(
    readonly id: number,
    readonly caller: Caller,
    private readonly socket: WebSocket,
    private readonly wire: Socket,
    private readonly inside: Inside,
  ) {
    socket.on('pong', () => {
      this.#missedPings = 0
    })
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  send(text: Encoded): void {
    if (this.caller.requester !== null) this.answer(text)
  }

  answer(text: Encoded): void {
    if (!this.isOpen) return
    if (this.socket.bufferedAmount > unsentLimit) return this.drop()
    this.wire.cork()
    for (const part of textFrame(text)) this.wire.write(part)
    this.wire.uncork()
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason)
  }

  drop(): void {
    this.socket.terminate()
  }

  async receive(frame: Buffer): Promise<void> {
    if (this.#leaving) return
    this.#pending += 1
    await answerFrame(this.inside, this, frame)
    this.#pending -= 1
    this.#leaveWhenDone()
  }

  /** Says goodbye when the answers that are due are out. */
  leave(): void {
    this.#leaving = true
    this.#leaveWhenDone()
  }

  #leaveWhenDone(): void {
    if (this.#leaving && this.#pending === 0) this.close(1001, 'Server Shutdown')
  }

  beat(): void {
    if (this.#missedPings >= 2) return this.drop()
    this.#missedPings += 1
    this.socket.ping()
  }
}

interface Refusal {
  readonly status: number
  readonly text: string
  /** Each with its line end. */
  readonly headers?: string
}

const refuse = (socket: Socket, { status, text, headers = '' }: Refusal): void => {
  const length = Buffer.byteLength(text)
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\nContent-Type: text/html; charset=UTF-8\r\n` +
      `${headers}Content-Length: ${length}\r\nConnection: close\r\n\r\n${text}`,
  )
}

/** A wish to upgrade that is not for a WebSocket here is an ordinary request: curl --http2 asks for h2c, for one. */
const answerWithoutUpgrade = (
  server: Server | SecureServer,
  request: IncomingMessage,
  socket: Socket,
): void => {
  const { headers } = request
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined)
    return refuse(socket, { status: 400, text: 'A request with a body cannot be upgraded' })
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => socket.end())
  server.emit('request', request, response)
}

type WebSocketPath = (typeof webSocketPaths)[number]

/** @returns null when it is not for a WebSocket here */
const webSocketPath = ({ url, headers }: IncomingMessage, prefix: string): WebSocketPath | null => {
  const path = webSocketPaths.find((known) => `${prefix}${known}` === url?.split('?', 1)[0])
  return headers.upgrade?.toLowerCase() === 'websocket' ? (path ?? null) : null
}

/**
 * A refusal of the handshake, null when it may go on. Who it is comes later, see server.connection.identify: what is no
 * good among the credentials here is ignored, KlipperScreen always sends an empty ?token=.
 */
const handshakeRefusal = ({ headers }: IncomingMessage, guest: Guest): Refusal | null => {
  if (guest.isLost) return { status: 403, text: 'This name does not belong to this machine' }
  if (guest.isForeign) return { status: 403, text: 'Cross origin websockets not allowed' }
  const version = headers['sec-websocket-version'] ?? ''
  if (version === '13' || version === '8') return null
  return { status: 426, text: '', headers: 'Sec-WebSocket-Version: 8, 13\r\n' }
}

const full: Refusal = { status: 503, text: 'Maximum Number of Websocket Connections Reached' }

const bridgeScope = 'admin'

/**
 * Behind it nobody looks at who asks for what: it is decided here, and takes all rights.
 * @returns a connection to Klipper of its own. @throws unauthorized, forbidden, klippy_disconnected
 */
const dialKlipper = async ({ app }: Inside, { refusal, caller }: Guest): Promise<Socket> => {
  if (refusal !== null) throw refusal
  admit(caller, bridgeScope, '/klippysocket')
  return app.klipper.dial()
}

/** The open WebSockets. */
class WebSockets {
  readonly #open = new Set<Pick<WebSocketConnection, 'beat' | 'leave' | 'drop'>>()
  #whenEmpty = (): void => undefined

  constructor(private readonly inside: Inside) {}

  get count(): number {
    return this.#open.size
  }

  welcome(socket: WebSocket, wire: Socket, caller: Caller): void {
    const { subscribers } = this.inside
    const connection = new WebSocketConnection(subscribers.nextId(), caller, socket, wire, this.inside)
    subscribers.add(connection)
    socket.on('message', (data) => void connection.receive(messageBytes(data)))
    this.#keep(connection, socket, () => subscribers.remove(connection))
  }

  /** @param klipper a connection of its own */
  bridge(socket: WebSocket, wire: Socket, klipper: Socket, caller: Caller): void {
    const bridge = new Bridge(socket, wire, klipper, () => mayDo(caller, bridgeScope))
    socket.on('message', (data) => bridge.receive(messageBytes(data)))
    socket.on('pong', () => bridge.ponged())
    this.#keep(bridge, socket, () => bridge.ended())
  }

  #keep(
    peer: Pick<WebSocketConnection, 'beat' | 'leave' | 'drop'>,
    socket: WebSocket,
    ended: () => void,
  ): void {
    this.#open.add(peer)
    // Broken frames and resets: ws closes the socket itself, with the code that says why.
    socket.on('error', (err) => this.inside.log.debug({ err }, 'WebSocket error'))
    socket.on('close', () => {
      this.#open.delete(peer)
      ended()
      if (this.#open.size === 0) this.#whenEmpty()
    })
  }

  beat(): void {
    for (const connection of this.#open) connection.beat()
  }

  async end(): Promise<void> {
    if (this.#open.size === 0) return
    const empty = new Promise<void>((resolve) => (this.#whenEmpty = resolve))
    for (const connection of this.#open) connection.leave()
    const cut = setTimeout(() => this.#open.forEach((connection) => connection.drop()), closingTime)
    await empty
    clearTimeout(cut)
  }
}

export interface WebSocketDoor extends Door {
  /** Serves it on another server too. */
  attach(server: Server | SecureServer): void
}

/** Bytes. Who is nobody when they come has little to say; what they say must not fill the memory. */
const strangersFrameLimit = 1024 * 1024

const handshakesFor = (maxPayload: number): WebSocketServer =>
  new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false, maxPayload })

/** Opens WebSockets for those who may come in. No compression: the frames are small and the CPUs too. */
class Greeting {
  accepting = true
  readonly #handshakes = handshakesFor(frameLimit)
  readonly #strangers = handshakesFor(strangersFrameLimit)

  constructor(
    private readonly inside: Inside,
    private readonly sockets: WebSockets,
    private readonly maxConnections: number,
    private readonly prefix: string,
  ) {}

  attach(server: Server | SecureServer): void {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.on('error', () => socket.destroy())
      const path = webSocketPath(request, this.prefix)
      if (path === null) return answerWithoutUpgrade(server, request, socket)
      this.#greet(path, request, socket, head).catch((thrown: unknown) => {
        if (thrown instanceof MoonkeeperError)
          return refuse(socket, { status: thrown.status, text: thrown.message })
        this.inside.log.error({ err: thrown }, 'A WebSocket could not be opened')
        socket.destroy()
      })
    })
  }

  async #greet(path: WebSocketPath, request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const { inside, sockets } = this
    const guest = await receive(inside.app.access.gate, request)
    if (!this.accepting) return refuse(socket, { status: 503, text: 'Server Shutdown' })
    const refusal = sockets.count >= this.maxConnections ? full : handshakeRefusal(request, guest)
    if (refusal !== null) return refuse(socket, refusal)
    const klipper = path === '/klippysocket' ? await dialKlipper(inside, guest) : null
    // Whoever left meanwhile leaves nothing behind.
    if (socket.destroyed) klipper?.destroy()
    else socket.once('close', () => klipper?.destroy())
    const handshakes = guest.caller.requester === null ? this.#strangers : this.#handshakes
    handshakes.handleUpgrade(request, socket, head, (accepted) => {
      if (klipper === null) sockets.welcome(accepted, socket, guest.caller)
      else sockets.bridge(accepted, socket, klipper, guest.caller)
    })
  }
}

/** Serves /websocket and /klippysocket on a server that is there already. */
export const openWebSocket = (server: Server, inside: Inside, options: WebSocketOptions): WebSocketDoor => {
  const { maxConnections, prefix, heartbeat = 10_000 } = options
  const sockets = new WebSockets(inside)
  const greeting = new Greeting(inside, sockets, maxConnections, prefix)
  greeting.attach(server)
  const beat = setInterval(() => sockets.beat(), heartbeat)
  beat.unref()
  return {
    attach: (other) => greeting.attach(other),
    stopAccepting: () => {
      greeting.accepting = false
    },
    stop: async () => {
      greeting.accepting = false
      clearInterval(beat)
      await sockets.end()
    },
  }
}
