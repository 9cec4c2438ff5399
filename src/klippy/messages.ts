import type { Printer } from './printer.js'

/** What Klipper says of itself; "disconnected" is ours. */
export type KlippyState = Exclude<Printer['state'], 'disconnected'>

/** The answer to `info`, as far as it matters here. */
export interface Info {
  readonly state: KlippyState
  readonly message: string
  readonly install: Printer['install']
}

/** The subscribed fields of one answer or push; what did not change is absent. */
export interface StatusUpdate {
  readonly state?: KlippyState
  readonly message?: string
  /** print_stats.state */
  readonly print?: string
}

/** What `objects/subscribe` asks for; `readStatus` reads it. */
export const subscribedObjects = { webhooks: ['state', 'state_message'], print_stats: ['state'] }

/** What front ends need of Klipper's configuration; the names on the wire of server.info. */
export const requirements: readonly string[] = ['virtual_sdcard', 'display_status', 'pause_resume']

/** A JSON object, or an empty one when it is something else. */
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {})

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A state this version does not know is not a ready one. */
const stateOf = (text: string): KlippyState =>
  text === 'ready' || text === 'startup' || text === 'shutdown' ? text : 'error'

/** @throws Error when the answer holds no state */
export const readInfo = (result: unknown): Info => {
  const { state, state_message: message, klipper_path: path, python_path: executable } = asRecord(result)
  if (typeof state !== 'string') throw new Error("Klipper's answer to info holds no state")
  return {
    state: stateOf(state),
    message: typeof message === 'string' ? message : '',
    install: typeof path === 'string' && typeof executable === 'string' ? { path, executable } : null,
  }
}

/** @throws Error when the answer holds no list */
export const readMissingRequirements = (result: unknown): readonly string[] => {
  const { objects } = asRecord(result)
  if (!Array.isArray(objects)) throw new Error("Klipper's answer to objects/list holds no list")
  return requirements.filter((name) => !objects.includes(name))
}

/**
 * Reads the answer to `objects/subscribe` and the pushes that follow: both hold `status`.
 * Without [virtual_sdcard] in Klipper's configuration print_stats does not exist, and its part is empty.
 */
export const readStatus = (holder: unknown): StatusUpdate => {
  const status = asRecord(asRecord(holder).status)
  const { state, state_message: message } = asRecord(status.webhooks)
  const { state: print } = asRecord(status.print_stats)
  return {
    ...(typeof state === 'string' ? { state: stateOf(state) } : {}),
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof print === 'string' ? { print } : {}),
  }
}
