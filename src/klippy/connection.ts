import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../system/log.js'
import { asError } from './channel.js'
import type { Printer } from './printer.js'
import { Pace, isNobodyThere } from './pace.js'
import { Session } from './session.js'
import type { Findings } from './session.js'
import { Waiting } from './waiting.js'

/** What a connection to Klipper needs; all times are in milliseconds. */
export interface KlippyConnectionOptions {
  /** The Unix socket Klipper listens on (its option -a). */
  readonly path: string
  /** Moonkeeper's version, which Klipper writes to its log. */
  readonly version: string
  readonly log: Pick<Log, 'info' | 'warn'>
  /** Between two tries, once it takes longer; the first ones follow each other quickly. Default 1 000. */
  readonly reconnectDelayMs?: number
  /** Between two looks at a Klipper that is starting. Default 1 000. */
  readonly pollIntervalMs?: number
  /** For Klipper to answer one request; over it the connection is made anew. Default 10 000. */
  readonly requestLimitMs?: number
  /** Bytes one frame from Klipper may have; over it the connection is made anew. Default 8 MiB. */
  readonly frameLimitBytes?: number
}

const defaults = {
  reconnectDelayMs: 1_000,
  pollIntervalMs: 1_000,
  requestLimitMs: 10_000,
  frameLimitBytes: 8 * 1024 * 1024,
}

type Known = Pick<Printer, 'connected' | 'state' | 'printing' | 'known' | 'missingRequirements' | 'install'>

const absent = { connected: false, state: 'disconnected', printing: false, missingRequirements: [] } as const

/**
 * The printer as Klipper tells it over its API socket (Klipper's docs/API_Server.md). It waits for a Klipper that
 * is not there and comes back to one that restarted, for as long as it is started. Nothing is asked of a Klipper
 * that is up: it pushes what changes.
 */
export class KlippyConnection implements Printer {
  readonly #options: typeof defaults & KlippyConnectionOptions
  readonly #listeners = new Set<() => void>()
  readonly #waiting = new Waiting()
  readonly #pace: Pace
  #known: Known = { ...absent, known: false, install: null }
  #life: { readonly control: AbortController; readonly over: Promise<void> } | null = null
  #lastObstacle = ''

  constructor(options: KlippyConnectionOptions) {
    this.#options = { ...defaults, ...options }
    this.#pace = new Pace(this.#options.reconnectDelayMs)
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

  /** Empty while Klipper is not ready: only then is its list of objects complete. */
  get missingRequirements(): readonly string[] {
    return this.#known.missingRequirements
  }

  /** Stays as last reported when Klipper goes away. */
  get install(): Printer['install'] {
    return this.#known.install
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
   * Calls the listener after any public property changed, once for all that changed together.
   * @returns ends the calls
   */
  onChange(listener: () => void): () => void {
    const entry = (): void => listener()
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
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
    while (!signal.aborted) {
      const answered = await this.#connectOnce(signal)
      // Rejects only when it is stopped, which the loop sees itself. Alone it must not keep a process alive.
      await wait(this.#pace.next(answered), undefined, { ref: false, signal }).catch(() => undefined)
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
    const onFindings = (findings: Findings): void => this.#learn(findings)
    const reason = await new Session(socket, { ...this.#options, onFindings }).ended
    signal.removeEventListener('abort', close)
    const answered = this.connected
    const known = isNobodyThere(reason) || (this.known && !answered)
    this.#show({ ...absent, known, install: this.install })
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
    this.#show({ ...findings, connected: true, install: findings.install ?? this.install })
    if (before !== this.state)
      this.#options.log.info({ state: this.state, message }, 'Klipper changed its state')
  }

  #show(known: Known): void {
    if (isDeepStrictEqual(known, this.#known)) return
    this.#known = known
    this.#waiting.look()
    for (const listener of [...this.#listeners]) this.#call(listener)
  }

  #call(listener: () => void): void {
    try {
      listener()
    } catch (error) {
      this.#options.log.warn({ reason: asError(error).message }, "A listener to the printer's changes failed")
    }
  }
}
