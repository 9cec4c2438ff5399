import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Channel, asError } from './channel.js'
import type { ChannelLimits } from './channel.js'
import { readInfo, readMissingRequirements, readStatus, subscribedObjects } from './messages.js'
import type { Info, KlippyState, StatusUpdate } from './messages.js'
import type { Printer } from './printer.js'

/** What one connection has found out; `message` is Klipper's own word on its state, for the log. */
export type Findings = Omit<Printer, 'connected'> & { readonly message: string }

export interface SessionSetup extends ChannelLimits {
  /** Moonkeeper's version, which Klipper writes to its log. */
  readonly version: string
  /** Milliseconds between two looks at a Klipper that is starting. */
  readonly pollIntervalMs: number
  /** Called whenever Klipper has said something that may be new. */
  readonly onFindings: (findings: Findings) => void
}

const pushMethod = 'moonkeeper_status'

/**
 * One connection from its first `info` to its end. The socket may still be connecting: what is asked waits for it.
 *
 * Invariants: "ready" is told only together with print_stats as the subscription gave it, so that a print which
 * already runs is never missed; and printing is true only while ready.
 */
export class Session {
  /** Resolves, never rejects, with the reason once the connection is over, or could not be made. */
  readonly ended: Promise<Error>
  readonly #channel: Channel
  #state: KlippyState = 'startup'
  #message = ''
  #print = ''
  #missing: readonly string[] = []
  #install: Printer['install'] = null
  /** The subscription's answer is in and nothing has called it in question since. */
  #settled = false
  #learning = false
  #stale = false
  #introduced = false

  constructor(
    socket: Socket,
    private readonly setup: SessionSetup,
  ) {
    this.#channel = new Channel(socket, setup, (method, params) => {
      if (method === pushMethod) this.#hear(readStatus(params))
    })
    this.ended = this.#channel.ended
    void this.#learn()
  }

  /** Finds out everything, and again when Klipper started anew meanwhile. */
  async #learn(): Promise<void> {
    this.#stale = true
    if (this.#learning) return
    this.#learning = true
    try {
      while (this.#stale) {
        this.#stale = false
        await this.#waitUntilStarted()
        await this.#subscribe()
      }
      this.#settled = true
      this.#tell()
    } catch (error) {
      this.#channel.end(asError(error))
    }
    this.#learning = false
  }

  async #waitUntilStarted(): Promise<void> {
    for (;;) {
      const info = await this.#askInfo()
      this.#tell()
      if (info.state !== 'startup') return
      await wait(this.setup.pollIntervalMs, undefined, { ref: false })
    }
  }

  /** Klipper logs client_info each time it comes: once a connection is enough. */
  async #askInfo(): Promise<Info> {
    const introduction = { client_info: { program: 'Moonkeeper', version: this.setup.version } }
    const info = await this.#channel.request('info', this.#introduced ? {} : introduction, (result) => {
      const read = readInfo(result)
      this.#state = read.state
      this.#message = read.message
      this.#install = read.install ?? this.#install
      return read
    })
    this.#introduced = true
    return info
  }

  async #subscribe(): Promise<void> {
    this.#missing = await this.#channel.request('objects/list', {}, readMissingRequirements)
    const request = { objects: subscribedObjects, response_template: { method: pushMethod } }
    await this.#channel.request('objects/subscribe', request, (result) =>
      // What the answer leaves out does not exist; what a push leaves out did not change.
      this.#note({ print: '', ...readStatus(result) }),
    )
  }

  #hear(update: StatusUpdate): void {
    this.#note(update)
    if (this.#stale) void this.#learn()
    this.#tell()
  }

  /** A change to startup or to ready calls in question what was learned, the list of objects above all. */
  #note(update: StatusUpdate): void {
    const { state = this.#state, message = this.#message, print = this.#print } = update
    if (state !== this.#state && (state === 'startup' || state === 'ready')) {
      this.#stale = true
      this.#settled = false
    }
    this.#state = state
    this.#message = message
    this.#print = print
  }

  #tell(): void {
    if (!this.#channel.open) return
    const ready = this.#settled && this.#state === 'ready'
    this.setup.onFindings({
      state: this.#settled ? this.#state : 'startup',
      printing: ready && this.#print === 'printing',
      // Only one that is ready prints.
      known: this.#settled || this.#state !== 'ready',
      // Klipper lists all its objects only when its whole configuration was read.
      missingRequirements: ready ? this.#missing : [],
      install: this.#install,
      message: this.#message,
    })
  }
}
