import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../system/log.js'
import { asError } from './channel.js'
import type { Printer } from './printer.js'
import { Session } from './session.js'
import type { Findings } from './session.js'

/** What a connection to Klipper needs; all times are in milliseconds. */
export interface KlippyConnectionOptions {
  /** The Unix socket Klipper listens on (its option -a). */
  readonly path: string
  /** Moonkeeper's version, which Klipper writes to its log. */
  readonly version: string
  readonly log: Pick<Log, 'info' | 'warn'>
  /** Between the end of one connection, or of a try, and the next try. Default 2 000. */
  readonly reconnectDelayMs?: number
  /** Between two looks at a Klipper that is starting. Default 1 000. */
  readonly pollIntervalMs?: number
  /** For Klipper to answer one request; over it the connection is made anew. Default 10 000. */
  readonly requestLimitMs?: number
  /** Bytes one frame from Klipper may have; over it the connection is made anew. Default 8 MiB. */
  readonly frameLimitBytes?: number
}

const defaults = {
  reconnectDelayMs: 2_000,
  pollIntervalMs: 1_000,
  requestLimitMs: 10_000,
  frameLimitBytes: 8 * 1024 * 1024,
}

type Known = Pick<Printer, 'connected' | 'state' | 'printing' | 'missingRequirements' | 'install'>

const absent = { connected: false, state: 'disconnected', printing: false, missingRequirements: [] } as const

/**
 * The printer as Klipper tells it over its API socket (Klipper's docs/API_Server.md). It waits for a Klipper that
 * is not there and comes back to one that restarted, for as long as it is started. Nothing is asked of a Klipper
 * that is up: it pushes what changes.
 */
export class KlippyConnection implements Printer {
  readonly #options: typeof defaults & KlippyConnectionOptions
  readonly #listeners = new Set<() => void>()
  readonly #waiting = new Set<(ready: boolean) => void>()
  #known: Known = { ...absent, install: null }
  #life: { readonly control: AbortController; readonly over: Promise<void> } | null = null
  #lastObstacle = ''

  constructor(options: KlippyConnectionOptions) {
    this.#options = { ...defaults, ...options }
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
    for (const settle of [...this.#waiting]) settle(false)
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
    signal?.throwIfAborted()
    if (this.state === 'ready') return true
    return new Promise((resolve, reject) => {
      const settle = (ready: boolean): void => {
        forget()
        resolve(ready)
      }
      const onAbort = (): void => {
        forget()
        reject(asError(signal?.reason))
      }
      const forget = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        this.#waiting.delete(settle)
      }
      const timer = setTimeout(settle, timeoutMs, false)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(settle)
    })
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#connectOnce(signal)
      // Rejects only when it is stopped, which the loop sees itself. Alone it must not keep a process alive.
      await wait(this.#options.reconnectDelayMs, undefined, { ref: false, signal }).catch(() => undefined)
    }
  }

  /** Lasts as long as the connection does. Where there is no socket that is no time: a try costs a few system calls. */
  async #connectOnce(signal: AbortSignal): Promise<void> {
    const socket = connect({ path: this.#options.path })
    // Not connect's own option: Node 20 never takes its listener off the signal, one more for every try.
    const close = (): void => void socket.destroy()
    signal.addEventListener('abort', close, { once: true })
    const onFindings = (findings: Findings): void => this.#learn(findings)
    const reason = await new Session(socket, { ...this.#options, onFindings }).ended
    signal.removeEventListener('abort', close)
    this.#show({ ...absent, install: this.install })
    if (!signal.aborted) this.#noteObstacle(reason)
  }

  /** The same obstacle every two seconds is logged once, until Klipper answered again. */
  #noteObstacle(error: Error): void {
    const text = error.message
    if (text === this.#lastObstacle) return
    this.#lastObstacle = text
    const { log, path } = this.#options
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ECONNREFUSED')
      log.info({ path, code }, 'Klipper is not there, waiting for it')
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
    if (known.state === 'ready') for (const settle of [...this.#waiting]) settle(true)
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
