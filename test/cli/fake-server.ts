import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { WebSocketServer } from 'ws'

/** One connection, as a handler of the fake sees it. */
export interface Peer {
  notify(method: string, ...params: unknown[]): void
  line(message: string, application: string, complete?: boolean): void
  answer(result: unknown): void
  refuse(code: number, message: string, reason?: string): void
  /** Sends text as it is. */
  raw(text: string): void
  hangUp(): void
}

export interface Asked {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

export type Handlers = Readonly<Record<string, (peer: Peer, params: Asked['params']) => void>>

interface Transport {
  send(text: string): void
  end(): void
}

const standard: Handlers = {
  'server.connection.identify': (peer) => peer.answer({ connection_id: 1 }),
  'server.info': (peer) => peer.answer({}),
}

/** Answers by method; keeps what it was asked. */
class FakeServer {
  readonly asked: Asked[] = []

  constructor(private readonly handlers: Handlers) {}

  receive(text: string, transport: Transport): void {
    const { id, method, params } = JSON.parse(text) as Asked & { id: unknown }
    this.asked.push({ method, params })
    const send = (message: object): void => transport.send(JSON.stringify({ jsonrpc: '2.0', ...message }))
    const notify = (name: string, ...sent: unknown[]): void => send({ method: name, params: sent })
    const peer: Peer = {
      notify,
      line: (message, application, complete = false) =>
        notify('notify_update_response', { message, application, proc_id: 1, complete }),
      answer: (result) => send({ id, result }),
      refuse: (code, message, reason) =>
        send({ id, error: { code, message, ...(reason === undefined ? {} : { data: { code: reason } }) } }),
      raw: (raw) => transport.send(raw),
      hangUp: () => transport.end(),
    }
    const handler = { ...standard, ...this.handlers }[method]
    if (handler === undefined) peer.refuse(-32601, 'Method not found')
    else handler(peer, params)
  }
}

/** Serves <data>/comms/moonraker.sock. */
export const serveUnix = async (
  t: Pick<TestContext, 'after'>,
  dataPath: string,
  handlers: Handlers = {},
): Promise<{ readonly asked: Asked[]; readonly socket: string }> => {
  const fake = new FakeServer(handlers)
  const server = createServer((connection) => {
    let rest = ''
    connection.setEncoding('utf8')
    connection.on('error', () => undefined)
    connection.on('data', (chunk: string) => {
      const frames = (rest + chunk).split('\x03')
      rest = frames.pop() ?? ''
      for (const frame of frames) {
        fake.receive(frame, {
          send: (text) => void connection.write(`${text}\x03`),
          end: () => connection.destroy(),
        })
      }
    })
  })
  const socket = path.join(dataPath, 'comms', 'moonraker.sock')
  await mkdir(path.dirname(socket), { recursive: true })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  t.after(() => new Promise((resolve) => server.close(resolve)))
  return { asked: fake.asked, socket }
}

/** Serves /websocket on a free port of loopback. */
export const serveWebSocket = async (
  t: Pick<TestContext, 'after'>,
  handlers: Handlers = {},
  route = '/websocket',
): Promise<{ readonly asked: Asked[]; readonly url: string }> => {
  const fake = new FakeServer(handlers)
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: route })
  server.on('connection', (connection) => {
    connection.on('message', (data: Buffer) =>
      fake.receive(data.toString('utf8'), {
        send: (text) => connection.send(text),
        end: () => connection.terminate(),
      }),
    )
  })
  await new Promise<void>((resolve) => server.once('listening', resolve))
  t.after(() => new Promise((resolve) => server.close(resolve)))
  const { port } = server.address() as AddressInfo
  return { asked: fake.asked, url: `http://127.0.0.1:${port}` }
}
