import type { TestContext } from 'node:test'
import type { Gate } from '../../src/access/gate.js'
import type { Caller } from '../../src/contract/requester.js'
import type { KlippyConnectionOptions } from '../../src/klippy/connection.js'
import { createKlipper, type HostActions } from '../../src/parts/klipper.js'
import { Notices } from '../../src/parts/notices.js'
import { Subscribers } from '../../src/transport/subscribers.js'
import type { WebSocketOptions } from '../../src/transport/websocket.js'
import { klippyRig, until, type KlippyRig } from './klippy.js'
import { fakeApp, fakeCaller } from './rpc.js'
import { openClient, serve, type Client, type Served } from './socket.js'

export interface PrinterRig extends KlippyRig {
  readonly served: Served
  readonly subscribers: Subscribers
  /** A client's bridge to Klipper's socket; it is closed with the test. */
  bridge(): Promise<Client>
  /** A WebSocket; it is closed with the test. */
  open(): Promise<Talker>
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: readonly unknown[]
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

/** A client that asks, and hears. */
export class Talker {
  /** What came without being asked for, in its order. */
  readonly heard: Message[] = []
  /** Everything, in its order: a method, or the id of what is answered. */
  readonly order: (string | number)[] = []
  readonly #asked = new Map<number, (message: Message) => void>()
  readonly #watchers = new Set<() => void>()
  #lastId = 0

  constructor(readonly client: Client) {
    client.socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as Message))
  }

  async ask(method: string, params: object = {}): Promise<Message> {
    const id = (this.#lastId += 1)
    return new Promise((resolve) => {
      this.#asked.set(id, resolve)
      this.client.socket.send(JSON.stringify({ jsonrpc: '2.0', method, params, id }))
    })
  }

  /** Resolves with the first that was heard of this method and fits. */
  async hear(method: string, fits: (params: readonly unknown[]) => boolean = () => true): Promise<Message> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.heard.find((message) => message.method === method && fits(message.params ?? []))
        if (found === undefined) return
        this.#watchers.delete(look)
        resolve(found)
      }
      this.#watchers.add(look)
      look()
    })
  }

  #take(message: Message): void {
    this.order.push(message.method ?? message.id ?? -1)
    if (message.method === undefined) this.#asked.get(message.id ?? -1)?.(message)
    else this.heard.push(message)
    for (const watcher of [...this.#watchers]) watcher()
  }
}

/** Doors with a Klipper behind them that is up and ready. */
export const printerRig = async (
  t: Pick<TestContext, 'after'>,
  options: Partial<KlippyConnectionOptions> = {},
  host: HostActions | null = null,
  more: { readonly caller?: Caller; readonly sockets?: Partial<WebSocketOptions> } = {},
): Promise<PrinterRig> => {
  const rig = await klippyRig(t, options)
  const subscribers = new Subscribers()
  const notices = new Notices()
  const { klipper, part } = createKlipper({
    printer: rig.connection,
    subscribers,
    dataStore: { gcode_store_size: 1000, temperature_store_size: 1200 },
    host,
    notices,
    socket: rig.klippy.path,
    log: rig.log,
  })
  const app = fakeApp()
  const caller = more.caller ?? fakeCaller()
  const gate: Gate = {
    ...app.access.gate,
    arrive: async () => ({ caller, refusal: null, refusalWhereOpen: null }),
  }
  const access = { ...app.access, gate }
  const served = await serve({ ...app, access, printer: rig.connection, klipper }, more.sockets, subscribers)
  t.after(async () => {
    await served.stop()
    await part.stop()
  })
  await part.start()
  await rig.klippy.listen()
  rig.connection.start()
  await until(rig.connection, () => rig.connection.state === 'ready')
  const open = async (): Promise<Talker> => {
    const client = await openClient(served.port)
    t.after(() => client.socket.terminate())
    return new Talker(client)
  }
  const bridge = async (): Promise<Client> => {
    const client = await openClient(served.port, '/klippysocket')
    t.after(() => client.socket.terminate())
    return client
  }
  return { ...rig, served, subscribers, open, bridge }
}
