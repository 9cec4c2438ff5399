import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { createAccess, type OpenableAccess } from '../../src/access/access.js'
import type { UserNews } from '../../src/access/accounts.js'
import type { AppContext } from '../../src/methods/context.js'
import type { Dialect } from '../../src/rpc/dialect.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import { movingClock, type MovingClock } from './clock.js'
import { configScene } from './config.js'
import { fakeApp, fakeEngine, type FakeEngine } from './rpc.js'
import { ask, openClient, serve, type Client, type HttpReply, type Served } from './socket.js'

export interface AccessScene {
  readonly access: OpenableAccess
  /** Of users and the API key. */
  readonly file: string
  readonly clock: MovingClock
  /** What was told of users, in order. */
  readonly news: (readonly [UserNews, string])[]
  /** Who hears it besides. */
  onNews: (news: UserNews, username: string) => void
  /** Another life of the daemon, with what the first one kept. */
  again(): Promise<OpenableAccess>
  /** Another configuration, as after a reload. */
  configure(text: string): Promise<void>
  /** What open() said. */
  readonly problem: string | null
}

export interface AccessOptions {
  /** Addresses by host name. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>
  readonly files?: Files
  /** What lies in the file before the first life. */
  readonly kept?: string
  /** What is behind the doors, in place of the usual. */
  readonly app?: Partial<AppContext>
  readonly dialects?: readonly Dialect[]
}

/** Real users, tokens and policies, from a real configuration; time passes when the test says so. */
export const accessScene = async (
  t: Pick<TestContext, 'after'>,
  text: string,
  { hosts = {}, files = systemFiles, kept }: AccessOptions = {},
): Promise<AccessScene> => {
  const config = await configScene(t, `port: 7125\n${text}`)
  const folder = path.join(config.data, 'moonkeeper')
  const file = path.join(folder, 'access.json')
  if (kept !== undefined) {
    await systemFiles.makeFolder(folder)
    await writeFile(file, kept)
  }
  let source = await config.load()
  const clock = movingClock()
  const news: (readonly [UserNews, string])[] = []
  const create = (): OpenableAccess =>
    createAccess({
      source: () => source,
      folder,
      port: 7125,
      host: '0.0.0.0',
      files,
      clock,
      names: {
        addressesOf: async (host) => {
          await new Promise((resolve) => setImmediate(resolve))
          return Object.hasOwn(hosts, host) ? (hosts[host] ?? []) : []
        },
        ours: async () => ['printer', 'printer.fritz.box'],
        hostName: () => 'printer',
      },
      tell: (name, username) => {
        news.push([name, username])
        scene.onNews(name, username)
      },
    })
  const access = create()
  const scene: AccessScene = {
    access,
    file,
    clock,
    news,
    onNews: (): void => undefined,
    again: async () => {
      const other = create()
      await other.open()
      return other
    },
    configure: async (other: string) => {
      await writeFile(config.configFile, `[server]\nport: 7125\n${other}`)
      source = await config.load()
    },
    problem: await access.open(),
  }
  return scene
}

/** Nobody is trusted by address. */
export const strict = '[authorization]\n'

export interface Answer {
  readonly result?: unknown
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly data?: { readonly code: string }
  }
}

/** The doors of a house with locks; everybody comes from 127.0.0.1, or from where X-Forwarded-For says. */
export interface LockedHouse extends AccessScene {
  readonly served: Served
  readonly engine: FakeEngine
  readonly key: string
  http(verb: string, path: string, headers?: Record<string, string>, body?: object): Promise<HttpReply>
  socket(headers?: Record<string, string>, query?: string): Promise<Talker>
}

export interface Talker extends Client {
  call(method: string, params?: object): Promise<Answer>
}

export const lockedHouse = async (
  t: Pick<TestContext, 'after'>,
  text: string = strict,
  options: AccessOptions = {},
): Promise<LockedHouse> => {
  const scene = await accessScene(t, text, options)
  const engine = fakeEngine()
  const octoprint = () => ({ version: 'v1', ready: false })
  const served = await serve(
    { ...fakeApp(engine, { octoprint }, scene.access), ...options.app },
    {},
    undefined,
    '',
    options.dialects,
  )
  t.after(() => served.stop())
  // The answer comes first.
  scene.onNews = (news, username) =>
    void setImmediate(() => served.inside.subscribers.tellUser(news, { username }))
  return Object.assign(scene, {
    served,
    engine,
    key: scene.access.accounts.apiKey(),
    http: (verb: string, where: string, headers: Record<string, string> = {}, body?: object) => {
      const json = body === undefined ? {} : { 'Content-Type': 'application/json' }
      const text = body === undefined ? '' : JSON.stringify(body)
      return ask(served.port, verb, where, { ...json, ...headers }, text)
    },
    socket: async (headers: Record<string, string> = {}, query = '') => {
      const client = await openClient(served.port, `/websocket${query}`, { headers })
      t.after(() => client.socket.terminate())
      const call = (method: string, params?: object): Promise<Answer> =>
        client.ask(
          JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }), id: 1 }),
        ) as Promise<Answer>
      return { ...client, call }
    },
  })
}

/** Who a client says it is, with what opens the door. */
export const identity = (credentials: object = {}): object => ({
  client_name: 't',
  version: '1',
  type: 'web',
  url: 'x',
  ...credentials,
})
