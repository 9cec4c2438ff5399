import { request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import type { AppContext } from '../../src/methods/context.js'
import type { Dialect } from '../../src/rpc/dialect.js'
import { createDispatcher } from '../../src/rpc/dispatcher.js'
import type { Door, Inside } from '../../src/transport/door.js'
import { openHttp } from '../../src/transport/http.js'
import type { HttpDoor } from '../../src/transport/http.js'
import { bind } from '../../src/transport/listener.js'
import { Subscribers } from '../../src/transport/subscribers.js'
import { openWebSocket } from '../../src/transport/websocket.js'
import type { WebSocketOptions } from '../../src/transport/websocket.js'
import { fakeApp, fakeLog } from './rpc.js'

export const fakeInside = (
  app: AppContext = fakeApp(),
  subscribers: Subscribers = new Subscribers(),
): Inside & { readonly log: ReturnType<typeof fakeLog> } => {
  const log = fakeLog()
  return { app, dispatcher: createDispatcher(log), subscribers, log }
}

export interface Served {
  readonly port: number
  readonly inside: ReturnType<typeof fakeInside>
  readonly http: HttpDoor
  readonly webSocket: Door
  stop(): Promise<void>
}

/** HTTP and WebSocket on a free port of loopback. */
export const serve = async (
  app = fakeApp(),
  options: Partial<WebSocketOptions> = {},
  subscribers?: Subscribers,
  prefix = '',
  dialects: readonly Dialect[] = [],
): Promise<Served> => {
  const inside = fakeInside(app, subscribers)
  const http = openHttp(inside, 'v1.2.3', prefix, dialects)
  const webSocket = openWebSocket(http.server, inside, { maxConnections: 100, prefix, ...options })
  const { port } = await bind(http.server, '127.0.0.1', 0)
  const stop = async (): Promise<void> => {
    http.stopAccepting()
    await webSocket.stop()
    await http.stop()
  }
  return { port, inside, http, webSocket, stop }
}

/** What has arrived and is not taken yet; `take` waits for the next. */
export class Inbox<T> {
  readonly #arrived: T[] = []
  readonly #waiting: ((item: T) => void)[] = []

  put(item: T): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#arrived.push(item)
    else waiting(item)
  }

  take(): Promise<T> {
    const item = this.#arrived.shift()
    return item === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(item)
  }

  get size(): number {
    return this.#arrived.length
  }
}

export interface Client {
  readonly socket: WebSocket
  readonly frames: Inbox<string>
  readonly closed: Promise<{ code: number; reason: string }>
  /** One request; its answer is the next frame. */
  ask(text: string): Promise<unknown>
}

export const openClient = async (
  port: number,
  path = '/websocket',
  options: ClientOptions = {},
): Promise<Client> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options)
  const frames = new Inbox<string>()
  socket.on('message', (data: Buffer) => frames.put(data.toString()))
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => undefined)
  const ask = async (text: string): Promise<unknown> => {
    socket.send(text)
    return JSON.parse(await frames.take())
  }
  return { socket, frames, closed, ask }
}

export interface HttpReply {
  readonly status: number
  readonly reason: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly json: unknown
}

const jsonOf = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

export const ask = (
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: string | Buffer = '',
): Promise<HttpReply> =>
  new Promise((resolve, reject) => {
    const length = { 'Content-Length': String(Buffer.byteLength(body)) }
    const options = {
      host: '127.0.0.1',
      port,
      method,
      path,
      agent: false,
      headers: { ...length, ...headers },
    }
    const request = httpRequest(options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(parts).toString()
        const { statusCode = 0, statusMessage: reason = '', headers: received } = response
        resolve({ status: statusCode, reason, headers: received, body: text, json: jsonOf(text) })
      })
    })
    request.on('error', reject)
    request.end(body)
  })

/** A bare TCP or Unix connection. */
export const openRaw = (target: number | string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target)
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })

/** Everything until the other side ends. */
export const readAll = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.on('error', () => undefined)
    socket.once('close', () => resolve(Buffer.concat(parts).toString()))
  })

/** As many bytes, and what came with the last of them. */
export const readBytes = async (socket: Socket, count: number): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of socket.iterator({ destroyOnReturn: false })) {
    parts.push(part as Buffer)
    if (parts.reduce((sum, { length }) => sum + length, 0) >= count) break
  }
  return Buffer.concat(parts)
}

/** A connection on which a WebSocket was opened by hand, and which does not read what comes. */
export const openDeaf = async (port: number, path = '/websocket'): Promise<Socket> => {
  const socket = await openRaw(port)
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  return socket
}
