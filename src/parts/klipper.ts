import type { DataStoreOptions, NotificationMap } from '../contract/generated/types.js'
import type { KlippyConnection } from '../klippy/connection.js'
import { GcodeStore } from '../klippy/gcode-store.js'
import { KlipperDesk, type Klipper } from '../klippy/klipper.js'
import type { Printer } from '../klippy/printer.js'
import { TemperatureStore } from '../klippy/temperature-store.js'
import type { Log } from '../system/log.js'
import type { Subscribers } from '../transport/subscribers.js'
import type { Notices } from './notices.js'
import type { Part } from './part.js'

/** What macros may do to the machine. */
export interface HostActions {
  shutdown(): Promise<void>
  reboot(): Promise<void>
}

export interface KlipperSetup {
  readonly printer: KlippyConnection
  readonly subscribers: Pick<Subscribers, 'broadcast' | 'onLeave'>
  readonly dataStore: DataStoreOptions
  /** null: macros cannot. */
  readonly host: HostActions | null
  readonly notices: Pick<Notices, 'set'>
  /** Where Klipper's socket is. */
  readonly socket: string
  readonly log: Log
}

const lockedOut = (socket: string): string =>
  `Klipper's socket ${socket} may not be opened by this user. Nothing is known of the printer, and nothing is updated: a ` +
  'print could run. Run Klipper and Moonkeeper as the same user, or let this user read and write the socket.'

type News = Extract<keyof NotificationMap, `notify_klippy_${string}`>

/**
 * What clients are told of a change.
 * compat: a Klipper that is found shut down, or in error, is none that has just become so.
 */
const newsOf = (before: Printer['state'], now: Printer['state']): News | null => {
  if (before === now) return null
  if (now === 'disconnected') return 'notify_klippy_disconnected'
  if (now === 'ready') return 'notify_klippy_ready'
  return now === 'shutdown' && before === 'ready' ? 'notify_klippy_shutdown' : null
}

/** Klipper as clients reach it, and what they hear of it. */
export const createKlipper = (setup: KlipperSetup): { readonly klipper: Klipper; readonly part: Part } => {
  const { printer, subscribers, dataStore, host, notices, socket, log } = setup
  const { subscriptions, remoteMethods } = printer
  const gcodes = new GcodeStore(dataStore.gcode_store_size, () => Date.now())
  const source = {
    request: (endpoint: string, params: object) => printer.request(endpoint, params),
    subscribe: subscriptions.subscribe.bind(subscriptions),
    drop: subscriptions.drop.bind(subscriptions),
    fields: (name: string) => subscriptions.cache.fields(name),
  }
  const temperatures = new TemperatureStore(source, dataStore.temperature_store_size, log)
  let state = printer.state
  const follow = (): void => {
    const news = newsOf(state, printer.state)
    state = printer.state
    if (news === 'notify_klippy_ready') temperatures.begin()
    if (news !== null) subscribers.broadcast(news)
    notices.set('klipper socket', ...(printer.lockedOut ? [lockedOut(socket)] : []))
  }
  if (host !== null) {
    remoteMethods.register('shutdown_machine', () => host.shutdown())
    remoteMethods.register('reboot_machine', () => host.reboot())
  }
  const ends = [
    printer.onChange(follow),
    printer.onGcodeResponse((line) => {
      gcodes.add('response', line)
      subscribers.broadcast('notify_gcode_response', line)
    }),
    subscribers.onLeave((connection) => subscriptions.drop(connection)),
  ]
  const part: Part = {
    start: async () => undefined,
    stop: async () => {
      for (const end of ends) end()
      temperatures.stop()
    },
  }
  return { klipper: new KlipperDesk({ connection: printer, gcodes, temperatures }), part }
}
