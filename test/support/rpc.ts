import type { Connection, Identity } from '../../src/contract/connection.js'
import type { UpdateStatus } from '../../src/contract/generated/types.js'
import { Serialized } from '../../src/contract/serialized.js'
import type { Transport } from '../../src/contract/tables.js'
import type { Engine } from '../../src/engine/engine.js'
import type { AppContext, Call, ServerFacts } from '../../src/methods/context.js'
import type { Printer } from '../../src/klippy/printer.js'
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

export const fakeEngine = (replaced: Partial<Engine> = {}): FakeEngine => {
  const calls: unknown[][] = []
  const note = (...call: unknown[]): void => {
    calls.push(call)
  }
  const status = Serialized.of(emptyStatus)
  return {
    calls,
    status: () => status,
    refreshIfAllowed: async () => {
      note('refreshIfAllowed')
      return status
    },
    refresh: async (name) => {
      note('refresh', name)
      return status
    },
    refuseUpgradeWhilePrinting: () => note('refuseUpgradeWhilePrinting'),
    refuseWhilePrinting: (what) => note('refuseWhilePrinting', what),
    upgrade: async (name) => note('upgrade', name),
    upgradeAll: async () => note('upgradeAll'),
    recover: async (name, options) => note('recover', name, options),
    rollback: async (name) => note('rollback', name),
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
  missingRequirements: [],
  install: null,
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
    missing_klippy_requirements: [],
    api_version: [1, 5, 0],
    api_version_string: '1.5.0',
  }),
  config: () => ({ config: {}, orig: {}, files: [] }),
  restart: async () => undefined,
  ...replaced,
})

export const fakeApp = (engine: Engine = fakeEngine(), server: Partial<ServerFacts> = {}): AppContext => ({
  engine,
  printer,
  server: facts(server),
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
    sent,
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
