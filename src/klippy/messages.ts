import { isAbsolute } from 'node:path'
import type { Printer } from './printer.js'

/** What Klipper says of itself; "disconnected" is ours. */
export type KlippyState = Exclude<Printer['state'], 'disconnected'>

/** The answer to `info`, as far as it matters here. */
export interface Info {
  readonly state: KlippyState
  readonly message: string
  readonly install: Printer['install']
  /** Klipper's process; null when it does not say. */
  readonly process: number | null
  /** Absolute; null when it does not say, or not clearly. */
  readonly logFile: string | null
  /** As logFile. */
  readonly configFile: string | null
}

/** An answer to `objects/subscribe`, or a push that follows it. */
export interface StatusReport {
  /** Klipper's clock, in seconds. */
  readonly eventtime: number
  readonly status: Status
}

/** Objects, and their fields. */
export type Status = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The subscribed fields of one answer or push; what did not change is absent. */
export interface StatusUpdate {
  readonly state?: KlippyState
  readonly message?: string
  /** print_stats.state */
  readonly print?: string
}

/** What Moonkeeper itself wants to know of the printer; `readStatus` reads it. */
export const ownObjects = { webhooks: ['state', 'state_message'], print_stats: ['state'] }

/** What front ends need of Klipper's configuration; the names on the wire of server.info. */
export const requirements: readonly string[] = ['virtual_sdcard', 'display_status', 'pause_resume']

/** A JSON object, or an empty one when it is something else. */
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {})

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A state this version does not know is not a ready one. */
const stateOf = (text: string): KlippyState =>
  text === 'ready' || text === 'startup' || text === 'shutdown' ? text : 'error'

const absoluteIn = (path: unknown): string | null =>
  typeof path === 'string' && isAbsolute(path) ? path : null

/** @throws Error when the answer holds no state */
export const readInfo = (result: unknown): Info => {
  const answer = asRecord(result)
  const { state, state_message: message, klipper_path: path, python_path: executable } = answer
  const { process_id: process, log_file: logFile, config_file: configFile } = answer
  if (typeof state !== 'string') throw new Error("Klipper's answer to info holds no state")
  return {
    state: stateOf(state),
    message: typeof message === 'string' ? message : '',
    install: typeof path === 'string' && typeof executable === 'string' ? { path, executable } : null,
    process: typeof process === 'number' && Number.isSafeInteger(process) && process > 1 ? process : null,
    logFile: absoluteIn(logFile),
    configFile: absoluteIn(configFile),
  }
}

/** @throws Error when the answer holds no list */
export const readMissingRequirements = (result: unknown): readonly string[] => {
  const { objects } = asRecord(result)
  if (!Array.isArray(objects)) throw new Error("Klipper's answer to objects/list holds no list")
  return requirements.filter((name) => !objects.includes(name))
}

/** @throws Error when there is no status in it */
export const readReport = (holder: unknown): StatusReport => {
  const { eventtime, status } = asRecord(holder)
  if (!isRecord(status)) throw new Error('Klipper sent a report that holds no status')
  const objects = Object.entries(status).filter((entry): entry is [string, Status[string]] =>
    isRecord(entry[1]),
  )
  return { eventtime: typeof eventtime === 'number' ? eventtime : 0, status: Object.fromEntries(objects) }
}

/** @returns the names; empty when the answer holds none */
export const readEndpoints = (result: unknown): readonly string[] => {
  const { endpoints } = asRecord(result)
  return Array.isArray(endpoints) ? endpoints.filter((name) => typeof name === 'string') : []
}

/**
 * Reads what is of interest here.
 * Without [virtual_sdcard] in Klipper's configuration print_stats does not exist, and its part is empty.
 */
export const readStatus = (status: Status): StatusUpdate => {
  const { state, state_message: message } = asRecord(status.webhooks)
  const { state: print } = asRecord(status.print_stats)
  return {
    ...(typeof state === 'string' ? { state: stateOf(state) } : {}),
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof print === 'string' ? { print } : {}),
  }
}

/** Python's JSON has numbers that are none; strings are matched first, so that what is in them stays. */
const pythonNumbers = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g

const parseLeniently = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    const tamed = text.replace(pythonNumbers, (found) => (found.startsWith('"') ? found : 'null'))
    return JSON.parse(tamed) as unknown
  }
}

/** @throws Error when it is no JSON object */
export const parseFrame = (text: string): Readonly<Record<string, unknown>> => {
  let frame: unknown
  try {
    frame = parseLeniently(text)
  } catch (cause) {
    throw new Error('Klipper sent something that is not JSON', { cause })
  }
  if (!isRecord(frame)) throw new Error('Klipper sent JSON that is not an object')
  return frame
}
