import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { MoonkeeperError } from '../contract/error.js'
import type { Log } from '../system/log.js'
import type { Printer } from './printer.js'
import { Endpoints } from './endpoints.js'
import { ownObjects } from './messages.js'
import { Listeners } from './listeners.js'
import { Pace, isLockedOut, isNobodyThere } from './pace.js'
import { notConnected } from './refusals.js'
import { RemoteMethods } from './remote-methods.js'
import { Session, pushes } from './session.js'
import type { Findings } from './session.js'
import { Subscriptions } from './subscriptions.js'
import { readWanted } from './wanted.js'
import { Waiting } from './waiting.js'

/** What a connection to Klipper needs; all times are in milliseconds. */
export interface KlippyConnectionOptions {
  /** The Unix socket Klipper listens on (its option -a). */
  readonly path: string
  /** Moonkeeper's version, which Klipper writes to its log. */
  readonly version: string
  readonly log: Pick<Log, 'info' | 'warn'>
  /** Before the first try. Default 250. compat: who asks right after the start hears of no Klipper yet. */
  readonly firstDelayMs?: number
  /** Between two tries, once it takes longer; the first ones follow each other quickly. Default 1 000. */
  readonly reconnectDelayMs?: number
  /** Between two looks at a Klipper that is starting. Default 250. */
  readonly pollIntervalMs?: number
  /** For Klipper to answer one request; over it the connection is made anew. Default 10 000. */
  readonly requestLimitMs?: number
  /** Bytes one frame from Klipper may have; over it the connection is made anew. Default 20 MiB. */
  readonly frameLimitBytes?: number
  /** Before Klipper is told that nobody wants something any more. Default 2 000. */
  readonly shrinkDelayMs?: number
}

const defaults = {
  firstDelayMs: 250,
  reconnectDelayMs: 1_000,
  pollIntervalMs: 250,
  requestLimitMs: 10_000,
  frameLimitBytes: 20 * 1024 * 1024,
  shrinkDelayMs: 2_000,
}

interface Known extends Pick<
  Printer,
  'connected' | 'state' | 'printing' | 'known' | 'missingRequirements' | 'install'
> {
  readonly lockedOut: boolean
  readonly process: number | null
  readonly logFile: string | null
  readonly configFile: string | null
}

const noFiles = { logFile: null, configFile: null }

const absent = {
  connected: false,
  state: 'disconnected',
  printing: false,
  missingRequirements: [],
  lockedOut: false,
} as const

/**
 * The printer as Klipper tells it over its API socket (Klipper's docs/API_Server.md). It waits for a Klipper that
 * is not there and comes back to one that restarted, for as long as it is started. Nothing is asked of a Klipper
 * that is up: it pushes what changes.
 */
export class KlippyConnection implements Printer {
  readonly #options: typeof defaults & KlippyConnectionOptions
  readonly endpoints = new Endpoints()
  readonly subscriptions: Subscriptions
  readonly remoteMethods: RemoteMethods
  #session: Session | null = null
  readonly #changes: Listeners<[]>
  readonly #console: Listeners<[line: string]>
  readonly #waiting = new Waiting()
  readonly #pace: Pace
  #known: Known = { ...absent, known: false, install: null, process: null, ...noFiles }
  #life: { readonly control: AbortController; readonly over: Promise<void> } | null = null
  #lastObstacle = ''

  constructor(options: KlippyConnectionOptions) {
    this.#options = { ...defaults, ...options }
    const { reconnectDelayMs, shrinkDelayMs, log } = this.#options
    this.#pace = new Pace(reconnectDelayMs)
    this.subscriptions = new Subscriptions(readWanted(ownObjects), shrinkDelayMs)
    this.#changes = new Listeners(log)
    this.#console = new Listeners(log)
    this.remoteMethods = new RemoteMethods(Object.values(pushes), log)
  }

  /** True while the socket is open and Klipper has answered on it. */
  get connected(): boolean {
    return this.#known.connected
  }

  /** "startup" also while it is not yet known whether a Klipper that answers is printing. */
  get state(): Printer['state'] {
    return this.#known.state
  }

  /** True while Klipper is ready and print_stats.state is "printing"; a shut down Klipper does not print. */
  get printing(): boolean {
    return this.#known.printing
  }

  /**
   * True when nobody listens on the socket, and when Klipper has told whether it prints. A connection that was lost
   * tells nothing: Klipper drops clients that are slow, also under a print. One that was not there a moment ago and is
   * only starting does not print.
   */
  get known(): boolean {
    return this.#known.known
  }

  /** True when the socket is there, and this user may not open it. */
  get lockedOut(): boolean {
    return this.#known.lockedOut
  }

  /** Empty while Klipper is not ready: only then is its list of objects complete. */
  get missingRequirements(): readonly string[] {
    return this.#known.missingRequirements
  }

  /** Stays as last reported when Klipper goes away. */
  get install(): Printer['install'] {
    return this.#known.install
  }

  /** Klipper's process, as it last reported; null until it did. */
  get process(): number | null {
    return this.#known.process
  }

  /** Where Klipper writes its log, absolute, as it last reported; null until it did. */
  get logFile(): string | null {
    return this.#known.logFile
  }

  /** Klipper's configuration, absolute, as it last reported; null until it did. */
  get configFile(): string | null {
    return this.#known.configFile
  }

  /** Begins to connect, and goes on until `stop`. Does nothing when it is started. */
  start(): void {
    if (this.#life !== null) return
    const control = new AbortController()
    this.#life = { control, over: this.#run(control.signal) }
  }

  /** Ends the connection or the waiting for one; resolves when the socket is closed. `waitForReady` gives false. */
  async stop(): Promise<void> {
    const life = this.#life
    if (life === null) return
    life.control.abort()
    this.#waiting.sendAway()
    await life.over
    if (this.#life === life) this.#life = null
  }

  /**
   * Passes a request on as it is. It may take as long as a script runs.
   * @param urgent never refused because of others
   * @throws klippy_disconnected, klippy_refused, klippy_overloaded
   */
  async request(endpoint: string, params: object, urgent = false): Promise<unknown> {
    if (this.#session === null) throw notConnected()
    return this.#session.request(endpoint, params, urgent)
  }

  /**
   * A connection of its own to Klipper, for what is to be passed on as it is.
   * @throws klippy_disconnected
   */
  async dial(): Promise<Socket> {
    const unavailable = (cause?: unknown): MoonkeeperError =>
      new MoonkeeperError('klippy_disconnected', 'Klippy Unix Connection Not Available', cause)
    if (!this.connected) throw unavailable()
    const socket = connect({ path: this.#options.path })
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => reject(unavailable(error)))
      socket.once('connect', () => resolve(socket))
    })
  }

  /**
   * Calls the listener after any public property changed, once for all that changed together.
   * @returns ends the calls
   */
  onChange(listener: () => void): () => void {
    return this.#changes.add(listener)
  }

  /** Calls the listener with each line of Klipper's console. @returns ends the calls */
  onGcodeResponse(listener: (line: string) => void): () => void {
    return this.#console.add(listener)
  }

  /**
   * Waits until Klipper is ready; at once when it is. After a restart was ordered this may still be the Klipper from
   * before it, as long as its connection is open.
   * @returns false when it was not ready in time, or `stop` was called
   * @throws the signal's reason when it is aborted
   */
  async waitForReady(timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    return this.#waiting.until(() => this.state === 'ready', timeoutMs, signal)
  }

  /** Waits until it is known whether a print runs; at once when it is. @returns false when it was not in time */
  async whenKnown(timeoutMs: number): Promise<boolean> {
    return this.#waiting.until(() => this.known, timeoutMs)
  }

  async #run(signal: AbortSignal): Promise<void> {
    // Rejects only when it is stopped, which the loop sees itself. Alone it must not keep a process alive.
    const pause = (delay: number): Promise<void> =>
      wait(delay, undefined, { ref: false, signal }).catch(() => undefined)
    if (this.#options.firstDelayMs > 0) await pause(this.#options.firstDelayMs)
    while (!signal.aborted) {
      const answered = await this.#connectOnce(signal)
      await pause(this.#pace.next(answered))
    }
  }

  /**
   * Lasts as long as the connection does. Where there is no socket that is no time: a try costs a few system calls.
   * @returns whether Klipper answered on it
   */
  async #connectOnce(signal: AbortSignal): Promise<boolean> {
    const socket = connect({ path: this.#options.path })
    // Not connect's own option: Node 20 never takes its listener off the signal, one more for every try.
    const close = (): void => void socket.destroy()
    signal.addEventListener('abort', close, { once: true })
    const { subscriptions, endpoints, remoteMethods } = this
    this.#session = new Session(socket, {
      ...this.#options,
      subscriptions,
      endpoints,
      remoteMethods,
      onFindings: (findings) => this.#learn(findings),
      onGcodeResponse: (line) => this.#console.call(line),
    })
    const reason = await this.#session.ended
    this.#session = null
    signal.removeEventListener('abort', close)
    const answered = this.connected
    const known = isNobodyThere(reason) || (this.known && !answered)
    const { install, process, logFile, configFile } = this.#known
    const reported = { install, process, logFile, configFile }
    this.#show({ ...absent, ...reported, known, lockedOut: isLockedOut(reason) })
    if (!signal.aborted) this.#noteObstacle(reason)
    return answered
  }

  /** The same obstacle every two seconds is logged once, until Klipper answered again. */
  #noteObstacle(error: Error): void {
    const text = error.message
    if (text === this.#lastObstacle) return
    this.#lastObstacle = text
    const { log, path } = this.#options
    if (isNobodyThere(error)) log.info({ path, reason: text }, 'Klipper is not there, waiting for it')
    else log.warn({ path, reason: text }, 'No connection to Klipper, trying again')
  }

  #learn({ message, ...findings }: Findings): void {
    const before = this.state
    this.#lastObstacle = ''
    this.#show({ ...findings, connected: true, lockedOut: false, install: findings.install ?? this.install })
    if (before !== this.state)
      this.#options.log.info({ state: this.state, message }, 'Klipper changed its state')
  }

  #show(known: Known): void {
    if (isDeepStrictEqual(known, this.#known)) return
    this.#known = known
    this.#waiting.look()
    this.#changes.call()
  }
}
