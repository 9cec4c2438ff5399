import { MoonkeeperError } from '../contract/error.js'
import { KlipperRefusal, asError } from './channel.js'
import { Members, type Subscriber } from './members.js'
import type { Status, StatusReport } from './messages.js'
import { asKlipperError, notConnected } from './refusals.js'
import { StatusCache, StatusText, pick } from './status.js'
import { keyOf, merge, readWanted, toObjects, type Wanted } from './wanted.js'

/**
 * Sends objects/subscribe; Klipper has one subscription a connection, and a new one takes its place.
 * @param read called before any later push is heard
 */
export type Upstream = (objects: object, read: (report: StatusReport) => void) => Promise<void>

/** Somebody who waits for the next answer. */
interface Waiter {
  readonly resolve: (answer: StatusReport) => void
  readonly reject: (error: Error) => void
}

interface Asker extends Waiter {
  /** null: it is gone. */
  subscriber: Subscriber | null
  readonly wanted: Wanted
}

/**
 * One subscription at Klipper for all clients: it holds what one of them wants, and each hears only of what is its own.
 * It outlives connections: what was subscribed to is so again at the next one.
 *
 * Invariants: requests to Klipper follow one another, and all who ask while one is under way share the next one; a
 * client hears of no change that is older than the answer it got.
 */
export class Subscriptions {
  readonly cache = new StatusCache()
  readonly #members = new Members()
  #upstream: Upstream | null = null
  #askers: Asker[] = []
  /** Those of the request that is under way. */
  #current: readonly Asker[] = []
  #renewal: Waiter | null = null
  #running = false
  /** What Klipper was asked for last. */
  #asked = ''
  /** Klipper should be asked though nobody waits for it. */
  #due = false
  #shrinking: NodeJS.Timeout | null = null

  /**
   * @param own what is always wanted
   * @param shrinkDelayMs how long nobody may want a thing before Klipper is told: a page that is reloaded comes back
   */
  constructor(
    private readonly own: Wanted,
    private readonly shrinkDelayMs = 2_000,
  ) {}

  /** How many have a subscription. */
  get count(): number {
    return this.#members.count
  }

  /** A new connection. */
  open(upstream: Upstream): void {
    this.#upstream = upstream
  }

  /** The connection ended: who asked is told, and what is subscribed to stays so. */
  close(): void {
    this.#upstream = null
    this.#due = false
    const left = [...this.#askers, ...(this.#renewal === null ? [] : [this.#renewal])]
    this.#askers = []
    this.#renewal = null
    for (const { reject } of left) reject(new MoonkeeperError('klippy_disconnected', 'Klippy Disconnected'))
  }

  /**
   * Takes the place of what the subscriber had; without an object it has nothing any more.
   * @param objects as Klipper takes them: names, and lists of fields or null
   * @returns what is wanted, as it is now
   * @throws bad_argument, klippy_disconnected, klippy_refused: then it has what it had
   */
  async subscribe(subscriber: Subscriber, objects: unknown): Promise<StatusReport> {
    const wanted = readWanted(objects)
    if (this.#upstream === null) throw notConnected()
    return new Promise((resolve, reject) => {
      this.#askers.push({ subscriber, wanted, resolve, reject })
      void this.#run()
    })
  }

  /**
   * Subscribes again to everything that is wanted.
   * @returns what changed since it was last known: to be told
   */
  renew(): Promise<StatusReport> {
    return new Promise((resolve, reject) => {
      this.#renewal = { resolve, reject }
      void this.#run()
    })
  }

  /** It is gone, and hears nothing any more. */
  drop(subscriber: Subscriber): void {
    const asked = [...this.#askers, ...this.#current].filter((asker) => asker.subscriber === subscriber)
    for (const asker of asked) asker.subscriber = null
    if (this.#members.delete(subscriber) || asked.length > 0) this.#shrinkSoon()
  }

  /** What Klipper pushed. */
  hear(report: StatusReport): void {
    this.cache.update(report.status)
    this.tell(report)
  }

  /** Each subscriber hears of its own. */
  tell(report: StatusReport, except: ReadonlySet<Subscriber> = new Set()): void {
    if (this.#members.count === 0 || Object.keys(report.status).length === 0) return
    const text = new StatusText(report)
    this.#members.tell((wanted) => text.for(wanted), except)
  }

  /** What renewals have brought, in one, with the values of now: pushes may have come behind them. */
  tellAsKnown(reports: readonly StatusReport[]): void {
    const changed: Wanted = merge(reports.map(({ status }) => namesIn(status)))
    const current = [...changed].map(([name, names]) => {
      const known = [...(this.cache.fields(name) ?? [])].filter(([field]) => names?.has(field) === true)
      return [name, Object.fromEntries(known)] as const
    })
    this.tell({ eventtime: reports.at(-1)?.eventtime ?? 0, status: Object.fromEntries(current) })
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    while (this.#upstream !== null && (this.#due || this.#renewal !== null || this.#askers.length > 0))
      await this.#round(this.#upstream)
    this.#running = false
  }

  async #round(upstream: Upstream): Promise<void> {
    const [askers, renewal] = [this.#askers, this.#renewal]
    this.#current = askers
    this.#askers = []
    this.#renewal = null
    this.#due = false
    const merged = merge([...this.#wishesWith(askers), ...askers.map(({ wanted }) => wanted)])
    try {
      await upstream(toObjects(merged), (report) => this.#take(report, askers, renewal))
      this.#asked = keyOf(merged)
    } catch (thrown) {
      for (const { reject } of askers) reject(asKlipperError(thrown))
      // Nobody's wish may keep Klipper from being ready: the next connection begins without them.
      if (renewal !== null && thrown instanceof KlipperRefusal) this.#members.clear()
      renewal?.reject(asError(thrown))
    }
    this.#current = []
  }

  /** What is wanted by all but these. */
  #wishesWith(askers: readonly Asker[]): readonly Wanted[] {
    return [this.own, ...this.#members.wishesWithout(subscribersOf(askers))]
  }

  /** What changed in the same moment is in the answer, and not pushed to the others any more. */
  #take({ eventtime, status }: StatusReport, askers: readonly Asker[], renewal: Waiter | null): void {
    const changed = { eventtime, status: this.cache.replace(status) }
    if (renewal === null) this.tell(changed, subscribersOf(askers))
    else renewal.resolve(changed)
    for (const { subscriber, wanted, resolve } of askers) {
      if (subscriber !== null) this.#members.set(subscriber, wanted)
      resolve({ eventtime, status: pick(status, wanted) })
    }
  }

  #shrinkSoon(): void {
    if (this.#shrinking !== null) return
    const shrink = (): void => {
      this.#shrinking = null
      this.#due = this.#upstream !== null && keyOf(merge(this.#wishesWith([]))) !== this.#asked
      void this.#run()
    }
    this.#shrinking = setTimeout(shrink, this.shrinkDelayMs).unref()
  }
}

const namesIn = (status: Status): Wanted =>
  new Map(Object.entries(status).map(([name, fields]) => [name, new Set(Object.keys(fields))]))

const subscribersOf = (askers: readonly Asker[]): ReadonlySet<Subscriber> =>
  new Set(askers.flatMap(({ subscriber }) => (subscriber === null ? [] : [subscriber])))
