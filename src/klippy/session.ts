import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { MoonkeeperError } from '../contract/error.js'
import { Channel, KlipperRefusal, asError } from './channel.js'
import type { ChannelLimits } from './channel.js'
import type { Endpoints } from './endpoints.js'
import {
  asRecord,
  readEndpoints,
  readInfo,
  readMissingRequirements,
  readReport,
  readStatus,
} from './messages.js'
import type { Info, KlippyState, StatusReport, StatusUpdate } from './messages.js'
import type { Printer } from './printer.js'
import { asKlipperError, notConnected } from './refusals.js'
import type { RemoteMethods } from './remote-methods.js'
import type { Subscriptions } from './subscriptions.js'

/** What one connection has found out; `message` is Klipper's own word on its state, for the log. */
export interface Findings
  extends Omit<Printer, 'connected'>, Pick<Info, 'message' | 'process' | 'logFile' | 'configFile'> {}

export interface SessionSetup extends ChannelLimits {
  /** Moonkeeper's version, which Klipper writes to its log. */
  readonly version: string
  /** Milliseconds between two looks at a Klipper that is starting. */
  readonly pollIntervalMs: number
  readonly subscriptions: Subscriptions
  readonly endpoints: Endpoints
  readonly remoteMethods: RemoteMethods
  /** Called whenever Klipper has said something that may be new. */
  readonly onFindings: (findings: Findings) => void
  /** Called with each line of Klipper's console. */
  readonly onGcodeResponse: (line: string) => void
}

/** What Klipper is told to call its pushes. */
export const pushes = { status: 'moonkeeper_status', gcode: 'moonkeeper_gcode_response' } as const

/** Requests that Klipper may owe, and bytes that it may leave unread, before it is asked no more. */
const mostRequests = 5_000
const mostUnread = 1024 * 1024

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
  #process: number | null = null
  #logFile: string | null = null
  #configFile: string | null = null
  /** The subscription's answer is in and nothing has called it in question since. */
  #settled = false
  #learning = false
  /** How often what is learned was called in question. */
  #doubts = 0
  #introduced = false
  #listening = false

  constructor(
    socket: Socket,
    private readonly setup: SessionSetup,
  ) {
    this.#channel = new Channel(socket, setup, (method, params) => this.#hear(method, params))
    const forget = setup.remoteMethods.onRegister((name) => {
      if (this.#listening) void this.#offer(name)
    })
    this.ended = this.#channel.ended.then((reason) => {
      forget()
      setup.subscriptions.close()
      return reason
    })
    void this.#learn()
  }

  /**
   * A client's request; how long it takes is Klipper's business.
   * @throws klippy_disconnected, klippy_refused, klippy_overloaded
   */
  async request(endpoint: string, params: object, urgent: boolean): Promise<unknown> {
    if (!this.#channel.connected) throw notConnected()
    const { requests, bytes } = this.#channel.backlog
    if (!urgent && (requests >= mostRequests || bytes >= mostUnread))
      throw new MoonkeeperError(
        'klippy_overloaded',
        'Klipper does not keep up with its requests: try again later',
      )
    try {
      return await this.#channel.request(endpoint, params, (result) => result, null)
    } catch (thrown) {
      throw asKlipperError(thrown)
    }
  }

  /** Finds out everything, and again when Klipper started anew meanwhile. */
  async #learn(): Promise<void> {
    if (this.#learning) return
    this.#learning = true
    try {
      const changes: StatusReport[] = []
      while (!this.#settled) changes.push(await this.#learnOnce())
      // Behind the news that Klipper is ready: until then front ends take nothing in.
      this.setup.subscriptions.tellAsKnown(changes)
    } catch (error) {
      this.#channel.end(asError(error))
    }
    this.#learning = false
  }

  /** @returns what changed for those who have subscribed to it: to be told */
  async #learnOnce(): Promise<StatusReport> {
    const doubts = this.#doubts
    await this.#waitUntilStarted()
    await Promise.all([this.#askObjects(), this.#askEndpoints(), this.#listen()])
    const changed = await this.setup.subscriptions.renew()
    this.#settled = doubts === this.#doubts
    this.#tell()
    return changed
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
      this.#process = read.process
      this.#logFile = read.logFile
      this.#configFile = read.configFile
      return read
    })
    if (!this.#introduced) this.setup.subscriptions.open((objects, read) => this.#subscribe(objects, read))
    this.#introduced = true
    return info
  }

  async #askObjects(): Promise<void> {
    this.#missing = await this.#channel.request('objects/list', {}, readMissingRequirements)
  }

  async #askEndpoints(): Promise<void> {
    await this.#tolerate('list_endpoints', {}, (result) => this.setup.endpoints.learn(readEndpoints(result)))
  }

  /** The console, and what macros call: once a connection. */
  async #listen(): Promise<void> {
    if (this.#listening) return
    this.#listening = true
    const template = { response_template: { method: pushes.gcode } }
    const console = this.#tolerate('gcode/subscribe_output', template)
    await Promise.all([console, ...this.setup.remoteMethods.names.map((name) => this.#offer(name))])
  }

  async #offer(name: string): Promise<void> {
    const params = { remote_method: name, response_template: { method: name } }
    await this.#tolerate('register_remote_method', params).catch((error: unknown) =>
      this.#channel.end(asError(error)),
    )
  }

  /** What Klipper may refuse: there is less to see then. */
  async #tolerate(
    method: string,
    params: object,
    read: (result: unknown) => void = () => undefined,
  ): Promise<void> {
    try {
      await this.#channel.request(method, params, read)
    } catch (thrown) {
      if (!(thrown instanceof KlipperRefusal)) throw thrown
    }
  }

  async #subscribe(objects: object, read: (report: StatusReport) => void): Promise<void> {
    const request = { objects, response_template: { method: pushes.status } }
    await this.#channel.request('objects/subscribe', request, (result) => {
      const report = readReport(result)
      // What the answer leaves out does not exist; what a push leaves out did not change.
      this.#note({ print: '', ...readStatus(report.status) })
      read(report)
    })
    this.#follow()
  }

  #hear(method: string, params: unknown): void {
    if (method === pushes.gcode) return this.#hearGcode(params)
    if (method !== pushes.status) return this.setup.remoteMethods.call(method, params)
    const report = readReport(params)
    this.#note(readStatus(report.status))
    this.setup.subscriptions.hear(report)
    this.#follow()
  }

  #hearGcode(params: unknown): void {
    const { response } = asRecord(params)
    if (typeof response === 'string') this.setup.onGcodeResponse(response)
  }

  #follow(): void {
    if (!this.#settled) void this.#learn()
    this.#tell()
  }

  /** A change to startup or to ready calls in question what was learned, the list of objects above all. */
  #note(update: StatusUpdate): void {
    const { state = this.#state, message = this.#message, print = this.#print } = update
    if (state !== this.#state && (state === 'startup' || state === 'ready')) {
      this.#doubts += 1
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
      process: this.#process,
      logFile: this.#logFile,
      configFile: this.#configFile,
      message: this.#message,
    })
  }
}
