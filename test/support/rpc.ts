import { isDeepStrictEqual } from 'node:util'
import type { Connection, Identity } from '../../src/contract/connection.js'
import type { Job, Plan, UpdateStatus } from '../../src/contract/generated/types.js'
import { Serialized } from '../../src/contract/serialized.js'
import type { Access } from '../../src/access/access.js'
import type { Caller, Scope } from '../../src/contract/requester.js'
import type { Transport } from '../../src/contract/tables.js'
import { plainChange, type Change } from '../../src/engine/change.js'
import type { Engine } from '../../src/engine/engine.js'
import { Backups } from '../../src/database/backups.js'
import { Database } from '../../src/database/database.js'
import { Items } from '../../src/database/items.js'
import { MoonkeeperError } from '../../src/contract/error.js'
import type { AppContext, Call, DatabaseFacts, ServerFacts } from '../../src/methods/context.js'
import { Agents } from '../../src/agents/agents.js'
import { Announcements } from '../../src/announcements/announcements.js'
import { noSource } from '../../src/announcements/feed-source.js'
import { Webcams } from '../../src/webcams/webcams.js'
import { FileRoots } from '../../src/roots/file-roots.js'
import { systemClock } from '../../src/system/clock.js'
import { systemFiles } from '../../src/system/files.js'
import type { Klipper } from '../../src/klippy/klipper.js'
import type { Machine } from '../../src/machine/machine.js'
import type { Printer } from '../../src/klippy/printer.js'
import { notConnected } from '../../src/klippy/refusals.js'
import { createStaging } from '../../src/system/staged-file.js'
import type { Dispatcher } from '../../src/rpc/dispatcher.js'

/** An engine that only writes down what it was asked; a test replaces the verbs it is about. */
export interface FakeEngine extends Engine {
  readonly calls: unknown[][]
}

export const emptyStatus: UpdateStatus = {
  github_rate_limit: null,
  github_requests_remaining: null,
  github_limit_reset_time: null,
  version_info: {},
  busy: false,
}

const emptyPlan: Plan = {
  goal: 'upgrade',
  applications: [],
  reversible: true,
  needs_plan_hash: [],
  warnings: [],
  hash: '0',
}

export const emptyJob: Job = {
  id: 'job',
  goal: 'upgrade',
  applications: [],
  atomic: false,
  until: 'applied',
  when: 'now',
  state: 'queued',
  stage: '',
  progress: 0,
  plan_hash: null,
  error: null,
  asked_by: 'test',
  created_at: 0,
  starts_at: null,
  started_at: null,
  ended_at: null,
  last_seq: 0,
}

/** What a plain request is called; one with more than that is told whole. */
const inAWord = (change: Change): unknown[] => {
  const { goal, names, hard, updateDependencies } = change
  const plain = { ...plainChange(goal, names, change.askedBy), hard, updateDependencies }
  if (!isDeepStrictEqual(change, plain)) return ['change', change]
  if (names === null) return [`${goal}All`]
  return goal === 'recover' ? [goal, ...names, { hard, updateDependencies }] : [goal, ...names]
}

export const fakeEngine = (replaced: Partial<Engine> = {}): FakeEngine => {
  const calls: unknown[][] = []
  const note = (...call: unknown[]): void => {
    calls.push(call)
  }
  const status = Serialized.of(emptyStatus)
  return {
    calls,
    status: () => status,
    applications: {
      managed: () => [],
      automate: async (name, autoUpdate) => note('automate', name, autoUpdate),
    },
    refreshIfAllowed: async () => {
      note('refreshIfAllowed')
      return status
    },
    refresh: async (name) => {
      note('refresh', name)
      return status
    },
    refuseWhilePrinting: async (goal) => note('refuseWhilePrinting', goal),
    change: async (change) => {
      note(...inAWord(change))
      return null
    },
    plan: async (question) => {
      note('plan', question)
      return emptyPlan
    },
    versions: async (name, page) => {
      note('versions', name, page)
      return { versions: [], total: 0, current: null, pinned: null }
    },
    pin: async (name, version) => {
      note('pin', name, version)
      return version
    },
    jobs: {
      list: (page) => {
        note('jobs.list', page)
        return { jobs: [], total: 0 }
      },
      dismiss: async (id) => note('jobs.dismiss', id),
      read: async (id, after) => {
        note('jobs.read', id, after)
        return emptyJob
      },
    },
    startJob: async (id) => {
      note('startJob', id)
      return emptyJob
    },
    cancelJob: async (id) => {
      note('cancelJob', id)
      return emptyJob
    },
    alone: (work) => work(),
    history: async (query) => {
      note('history', query)
      return { entries: [], total: 0 }
    },
    ...replaced,
  }
}

const printer: Printer = {
  connected: false,
  state: 'disconnected',
  printing: false,
  known: true,
  missingRequirements: [],
  install: null,
}

/** A Klipper that is not there. */
export const absentKlipper: Klipper = {
  request: () => Promise.reject(notConnected()),
  subscribe: () => Promise.reject(notConnected()),
  restart: () => Promise.reject(notConnected()),
  endpointOf: () => null,
  dial: () => Promise.reject(notConnected()),
  console: () => [],
  temperatures: async () => ({}),
}

const facts = (replaced: Partial<ServerFacts>): ServerFacts => ({
  info: (raw) => ({
    klippy_connected: false,
    klippy_state: 'disconnected',
    components: [],
    failed_components: [],
    registered_directories: [],
    warnings: raw ? ['raw'] : [],
    websocket_count: 0,
    moonraker_version: 'v0.10.0-0',
    moonkeeper_version: '0.1.0',
    missing_klippy_requirements: [],
    api_version: [1, 5, 0],
    api_version_string: '1.5.0',
  }),
  config: () => ({ config: {}, orig: {}, files: [] }),
  octoprint: () => null,
  restart: async () => undefined,
  ...replaced,
})

/** Of a folder that nobody may write to. */
const fakeDatabase = (): DatabaseFacts => {
  const shared = { files: systemFiles, clock: systemClock, log: fakeLog(), folder: '/dev/null/none' }
  const store = new Database({ ...shared, warn: () => undefined })
  const commands = { run: () => Promise.reject(new Error('no commands here')) }
  return { store, items: new Items(store), backups: new Backups({ ...shared, database: store, commands }) }
}

/** No roots, and no folder to put anything. */
const fakeFiles = (): FileRoots =>
  new FileRoots({
    roots: () => [],
    gate: { reserved: () => [], managed: () => [] },
    staging: createStaging('/dev/null/none'),
    changed: () => undefined,
    logs: {},
    now: () => 0,
    largestUpload: () => 0,
  })

/** There are none, and none can come. */
const noImages: AppContext['images'] = {
  list: () => [],
  get: (id) => {
    throw new MoonkeeperError('unknown_image', `no image ${id}`)
  },
  delete: () => Promise.resolve(),
  fetch: () => Promise.reject(new MoonkeeperError('refused', 'no images here')),
  receive: () => Promise.reject(new MoonkeeperError('refused', 'no images here')),
}

const noBuild = (): Promise<never> =>
  Promise.reject(new MoonkeeperError('unknown_image', 'no image was made'))

/** Nobody hears of anything, and nothing can be had. */
const fakeExtras = (): Pick<AppContext, 'agents' | 'announcements' | 'webcams'> => {
  const { store: database } = fakeDatabase()
  const nothing = (): void => undefined
  return {
    agents: new Agents({ tell: nothing, offer: () => nothing, patience: 1000 }),
    announcements: new Announcements({
      database,
      source: noSource,
      configured: () => [],
      clock: systemClock,
      log: fakeLog(),
      updated: nothing,
      dismissed: nothing,
      woken: nothing,
    }),
    webcams: new Webcams({
      database,
      configured: () => [],
      http: { get: () => Promise.reject(new Error('no web here')) },
      newId: () => 'id',
      changed: nothing,
    }),
  }
}

/** Somebody at 127.0.0.1 who may do that much; null: nobody. */
export const fakeCaller = (scope: Scope | null = 'admin'): Caller => ({
  address: '127.0.0.1',
  credential: null,
  requester: scope === null ? null : { kind: 'trusted', name: '_TRUSTED_USER_', createdOn: 0, scope },
})

/** Lets everybody in, under every name but evil ones, from everywhere but foreign pages. */
const openAccess = (): Access => ({
  gate: {
    arrive: async () => ({ caller: fakeCaller(), refusal: null, refusalWhereOpen: null }),
    local: () => ({ ...fakeCaller(), address: null }),
    answersTo: (host) => !host.includes('evil'),
    allowsOrigin: () => false,
  },
  accounts: { identify: () => undefined } as unknown as Access['accounts'],
})
/** What a test does not bring is not there: whoever asks for it fails. */
export const fakeMachine = (replaced: Partial<Machine>): Machine => replaced as Machine

export const fakeApp = (
  engine: Engine = fakeEngine(),
  server: Partial<ServerFacts> = {},
  access: Access = openAccess(),
  machine: Partial<Machine> = {},
): AppContext => ({
  engine,
  printer,
  klipper: absentKlipper,
  logs: { rollOver: async () => ({ rolled_over: [], failed: {} }) },
  server: facts(server),
  database: fakeDatabase(),
  files: fakeFiles(),
  images: noImages,
  imageMaker: { build: noBuild, open: noBuild },
  ...fakeExtras(),
  access,
  machine: fakeMachine(machine),
  doctor: { examine: async () => ({ healthy: true, findings: [], checks: [] }) },
})

export interface FakeConnection extends Connection {
  readonly sent: string[]
}

export const fakeConnection = (id = 7, identity: Identity | null = null): FakeConnection => {
  const sent: string[] = []
  return {
    id,
    transport: 'websocket',
    identity,
    followsJobs: false,
    caller: fakeCaller(),
    isOpen: true,
    sent,
    answer: (parts) => void sent.push(Buffer.concat(parts).toString()),
    send: (parts) => void sent.push(Buffer.concat(parts).toString()),
    close: () => undefined,
  }
}

/** One JSON-RPC text through a dispatcher, and its answer's text. */
export const dispatched = async (
  dispatcher: Dispatcher,
  text: string,
  call: Call,
): Promise<string | null> => {
  const answer = await dispatcher.dispatch(text, call)
  return answer === null ? null : Buffer.concat(answer).toString()
}

export const fakeCall = (app: AppContext = fakeApp(), transport: Transport = 'websocket'): Call => ({
  app,
  transport,
  connection: transport === 'http' ? null : fakeConnection(),
  caller: fakeCaller(),
})

export interface LogLine {
  readonly level: string
  readonly fields: object
  readonly message: string
}

/** A log that keeps its lines. */
export const fakeLog = (): {
  lines: LogLine[]
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
} => {
  const lines: LogLine[] = []
  const level = (name: string) => (fields: object, message: string) =>
    void lines.push({ level: name, fields, message })
  return { lines, debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') }
}
