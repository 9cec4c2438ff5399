import type { Socket } from 'node:net'
import type { Subscriber } from './members.js'
import type { StatusReport } from './messages.js'
import type { ConsoleEntry, GcodeStore } from './gcode-store.js'
import type { KlippyConnection } from './connection.js'
import type { TemperatureStore } from './temperature-store.js'

type Fields = Readonly<Record<string, unknown>>

/** Klipper, as clients reach it. */
export interface Klipper {
  /**
   * Passes a request on as it is; how long it takes is Klipper's business.
   * @returns compat: "ok" for an answer without content
   * @throws klippy_disconnected, klippy_refused, klippy_overloaded
   */
  request(endpoint: string, params: Fields): Promise<unknown>
  /**
   * What the subscriber is told of from now on, in place of what it was; without objects nothing.
   * @throws bad_argument, klippy_disconnected, klippy_refused: it stays as it was then
   */
  subscribe(subscriber: Subscriber, objects: unknown): Promise<StatusReport>
  /** Sends a line to the console; that it restarts Klipper is no error. @throws as `request` */
  restart(command: 'RESTART' | 'FIRMWARE_RESTART'): Promise<unknown>
  /** @returns Klipper's endpoint for a method it offers; null when there is none */
  endpointOf(method: string): string | null
  /** A connection of its own to Klipper's socket. @throws klippy_disconnected */
  dial(): Promise<Socket>
  /** @param count the newest so many; null: all that is kept */
  console(count: number | null): readonly ConsoleEntry[]
  temperatures(includeMonitors: boolean): Promise<Record<string, Record<string, (number | null)[]>>>
}

const script = 'gcode/script'

/** compat: as Python sees it. */
const isEmpty = (result: unknown): boolean =>
  result === null ||
  result === undefined ||
  result === false ||
  result === 0 ||
  result === '' ||
  (typeof result === 'object' && Object.keys(result).length === 0)

export interface DeskSetup {
  readonly connection: Pick<KlippyConnection, 'request' | 'subscriptions' | 'endpoints' | 'dial'>
  readonly gcodes: GcodeStore
  readonly temperatures: TemperatureStore
}

/** What Klipper pushes because of it must not look like what it pushes to this server. */
const withoutTemplate = (params: Fields): Fields =>
  Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'response_template'))

/** Where clients' requests to Klipper pass. */
export class KlipperDesk implements Klipper {
  constructor(private readonly setup: DeskSetup) {}

  async request(endpoint: string, params: Fields): Promise<unknown> {
    const { connection, gcodes } = this.setup
    if (endpoint === script && typeof params.script === 'string' && params.script.trim() !== '')
      gcodes.add('command', params.script)
    const urgent = endpoint === 'emergency_stop'
    const result = await connection.request(endpoint, withoutTemplate(params), urgent)
    return isEmpty(result) ? 'ok' : result
  }

  subscribe(subscriber: Subscriber, objects: unknown): Promise<StatusReport> {
    return this.setup.connection.subscriptions.subscribe(subscriber, objects)
  }

  async restart(command: 'RESTART' | 'FIRMWARE_RESTART'): Promise<unknown> {
    try {
      return await this.request(script, { script: command })
    } catch (thrown) {
      if (thrown instanceof Error && thrown.message === 'Klippy Disconnected') return 'ok'
      throw thrown
    }
  }

  endpointOf(method: string): string | null {
    return this.setup.connection.endpoints.of(method)
  }

  dial(): Promise<Socket> {
    return this.setup.connection.dial()
  }

  console(count: number | null): readonly ConsoleEntry[] {
    return this.setup.gcodes.read(count)
  }

  temperatures(includeMonitors: boolean): Promise<Record<string, Record<string, (number | null)[]>>> {
    return this.setup.temperatures.read(includeMonitors)
  }
}
