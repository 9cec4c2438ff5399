import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../system/log.js'
import type { ServiceAction, ServiceProvider, UnitState } from './services.js'

export interface ServiceBoardSetup {
  readonly provider: ServiceProvider
  /** Those that may be touched. */
  readonly isAllowed: (service: string) => boolean
  /** A service is not any more as it was told last. */
  readonly changed: (service: string, state: UnitState) => void
  /** False while nobody would hear of a change. */
  readonly isWatched: () => boolean
  readonly log: Log
}

/** Milliseconds between two looks where the provider does not tell by itself: each is a program that is started. */
const lookInterval = 10_000
/** Milliseconds after an order: what was ordered is over then, as a rule. */
const looksAfterOrder = [1_000, 3_000]
const followAgain = 5_000

/** The services that may be touched, as they are now. Every change is told once. */
export class ServiceBoard {
  private states: ReadonlyMap<string, UnitState> = new Map()
  private following: (() => void) | null = null
  private readonly timers = new Set<NodeJS.Timeout>()
  private stopped = false
  private looking: Promise<void> | null = null

  constructor(private readonly setup: ServiceBoardSetup) {}

  /** Looks, and goes on looking. What cannot be seen now may be seen later: it never fails. */
  async start(): Promise<void> {
    await this.look(false)
    await this.follow()
  }

  stop(): void {
    this.stopped = true
    for (const timer of this.timers) clearTimeout(timer)
    this.following?.()
  }

  all(): Record<string, UnitState> {
    return Object.fromEntries(this.states)
  }

  has(service: string): boolean {
    return this.states.has(service)
  }

  /** Looks now, where nobody tells of changes, or of what is new. */
  async refresh(): Promise<void> {
    await this.look(true)
  }

  /** @throws command_failed, refused, busy */
  async order(action: ServiceAction, service: string): Promise<void> {
    try {
      await this.setup.provider.act(action, service)
    } finally {
      if (this.following === null) for (const delay of looksAfterOrder) this.lookLater(delay)
    }
  }

  private async look(tell: boolean): Promise<void> {
    this.looking ??= this.lookOnce(tell).finally(() => (this.looking = null))
    await this.looking
  }

  private async lookOnce(tell: boolean): Promise<void> {
    const { provider, isAllowed, log } = this.setup
    try {
      const found = await provider.list(isAllowed)
      const before = this.states
      this.states = found
      for (const [service, state] of found)
        if (tell && !isDeepStrictEqual(state, before.get(service))) this.setup.changed(service, state)
      if (this.following !== null && [...found.keys()].some((service) => !before.has(service)))
        await this.follow()
    } catch (thrown) {
      log.warn({ err: thrown }, 'the services could not be listed')
    }
  }

  private async follow(): Promise<void> {
    this.following?.()
    this.following = null
    const { provider, log } = this.setup
    try {
      const changed = (service: string, state: UnitState): void => this.note(service, state)
      this.following = await provider.follow([...this.states.keys()], changed, () => this.lost())
    } catch (thrown) {
      log.warn({ err: thrown }, 'the services cannot be followed')
    }
    if (this.stopped) this.stop()
    else if (this.following === null) this.lookLater(lookInterval, true)
  }

  private lost(): void {
    this.following = null
    this.later(followAgain, async () => {
      await this.look(true)
      await this.follow()
    })
  }

  private note(service: string, state: UnitState): void {
    if (isDeepStrictEqual(this.states.get(service), state)) return
    this.states = new Map(this.states).set(service, state)
    this.setup.changed(service, state)
  }

  private lookLater(delay: number, again = false): void {
    this.later(delay, async () => {
      if (this.setup.isWatched()) await this.look(true)
      if (again && this.following === null) this.lookLater(delay, true)
    })
  }

  private later(delay: number, work: () => Promise<void>): void {
    if (this.stopped) return
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      void work()
    }, delay)
    timer.unref()
    this.timers.add(timer)
  }
}
