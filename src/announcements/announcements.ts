import { MoonkeeperError } from '../contract/error.js'
import { isJsonObject, type Json } from '../contract/json.js'
import type { Database } from '../database/database.js'
import type { Transaction } from '../database/transaction.js'
import type { Clock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { Feed } from './feed.js'
import type { FeedSource } from './feed-source.js'

export interface Announcement {
  readonly entry_id: string
  readonly url: string | null
  readonly title: string | null
  readonly description: string | null
  readonly priority: string | null
  /** Seconds since the epoch, as all times here. */
  readonly date: number
  readonly dismissed: boolean
  readonly date_dismissed: number | null
  readonly dismiss_wake: number | null
  readonly source: string
  readonly feed: string
}

export interface AnnouncementSurroundings {
  readonly database: Database
  readonly source: FeedSource
  /** Feeds that the configuration names. */
  readonly configured: () => readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly updated: (entries: readonly Announcement[]) => void
  readonly dismissed: (id: string) => void
  readonly woken: (id: string) => void
}

const namespace = 'announcements'
/** compat: feeds that were added, and the tags of their last versions. */
const state = { namespace: 'moonraker', record: 'announcements' } as const

const always = ['moonraker', 'klipper']

/** Milliseconds between two looks. */
const interval = 30 * 60 * 1000

const isEntry = (value: Json): boolean =>
  isJsonObject(value) && typeof value.entry_id === 'string' && typeof value.date === 'number'

type Entries = readonly (readonly [key: string, entry: Announcement])[]

const entriesOf = (records: readonly (readonly [string, Json])[]): Entries =>
  records.flatMap(([key, value]) => (isEntry(value) ? [[key, value as unknown as Announcement]] : []))

const newestFirst = (entries: Entries): readonly Announcement[] =>
  entries.map(([, entry]) => entry).sort((a, b) => b.date - a.date)

const awake = (entry: Announcement): Announcement => ({
  ...entry,
  dismissed: false,
  date_dismissed: null,
  dismiss_wake: null,
})

/** compat: keys are counted in hexadecimal digits. */
const nextKey = (entries: Entries): string => {
  const last = Math.max(-1, ...entries.map(([key]) => parseInt(key, 16)).filter(Number.isInteger))
  return (last + 1).toString(16).toUpperCase().padStart(6, '0')
}

/** It becomes the name of a file, and of what is kept of it. */
const isFeedName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9_.-]{0,63}$/.test(name) && name !== 'stored_feeds'

const feedName = (name: string): string => {
  const lower = name.toLowerCase()
  if (isFeedName(lower)) return lower
  throw new MoonkeeperError('bad_argument', `'${name}' cannot be the name of a feed`)
}

/** News of the software that people have, from feeds, and what was done with them. */
export class Announcements {
  private readonly ending = new AbortController()
  private looking: Promise<unknown> = Promise.resolve()
  /** When the next one wakes, in seconds since the epoch. Before that nothing is read. */
  private nextWake = 0

  constructor(private readonly outside: AnnouncementSurroundings) {}

  /** Looks now and then from now on, and wakes what was put to sleep. */
  start(): void {
    void this.repeat(interval, () => this.lookAtAll())
    void this.repeat(1000, () => this.wake())
  }

  async stop(): Promise<void> {
    this.ending.abort()
    await this.looking
  }

  feeds(): readonly string[] {
    return [...new Set([...this.configured(), ...this.stored()])]
  }

  /** Newest first. */
  list(includeDismissed: boolean): readonly Announcement[] {
    const entries = newestFirst(this.entries())
    return includeDismissed ? entries : entries.filter(({ dismissed }) => !dismissed)
  }

  /**
   * Looks at feeds; null: at all. What cannot be had changes nothing.
   * @returns true when something is new or gone
   * @throws bad_argument for a feed that is none
   */
  async update(names: readonly string[] | null): Promise<boolean> {
    const feeds = this.feeds()
    const unknown = names?.find((name) => !feeds.includes(name))
    if (unknown !== undefined) throw new MoonkeeperError('bad_argument', `No subscription for ${unknown}`)
    const changed = await this.look(names ?? feeds)
    if (changed) this.tell()
    return changed
  }

  /** @param seconds until it shows again; null: never @throws bad_argument */
  async dismiss(id: string, seconds: number | null): Promise<void> {
    const now = this.outside.clock.now() / 1000
    const isNew = await this.outside.database.change((transaction) => {
      const found = this.entries(transaction).find(([, { entry_id }]) => entry_id === id)
      if (found === undefined) throw new MoonkeeperError('bad_argument', `No key matching entry id: ${id}`)
      const [key, entry] = found
      if (entry.dismissed) return false
      const dismissed = {
        ...entry,
        dismissed: true,
        date_dismissed: now,
        dismiss_wake: seconds === null ? null : now + seconds,
      }
      transaction.write(namespace, key, dismissed)
      return true
    })
    if (!isNew) return
    this.nextWake = 0
    this.outside.dismissed(id)
  }

  /** @returns false when it was there already @throws bad_argument */
  async addFeed(given: string): Promise<boolean> {
    const name = feedName(given)
    if (this.feeds().includes(name)) return false
    await this.outside.database.change((transaction) =>
      this.writeState(transaction, { stored_feeds: [...this.stored(), name] }),
    )
    if (await this.look([name])) this.tell()
    return true
  }

  /** @throws bad_argument, refused */
  async removeFeed(given: string): Promise<void> {
    const name = given.toLowerCase()
    if (!this.stored().includes(name)) throw new MoonkeeperError('bad_argument', `Feed '${name}' not stored`)
    if (this.configured().includes(name))
      throw new MoonkeeperError('refused', `Feed '${name}' exists in the configuration, cannot remove`)
    const changed = await this.outside.database.change((transaction) => {
      this.writeState(transaction, {
        stored_feeds: this.stored().filter((one) => one !== name),
        [name]: undefined,
      })
      const gone = this.entries(transaction).filter(([, { feed }]) => feed.toLowerCase() === name)
      for (const [key] of gone) transaction.remove(namespace, key)
      return gone.length > 0
    })
    if (changed) this.tell()
  }

  private tell(): void {
    this.outside.updated(this.list(true))
  }

  private configured(): readonly string[] {
    return [
      ...always,
      ...this.outside
        .configured()
        .map((name) => name.toLowerCase())
        .filter(isFeedName),
    ]
  }

  private stored(): readonly string[] {
    const { stored_feeds: stored } = this.state()
    return Array.isArray(stored) ? stored.filter((name) => typeof name === 'string') : []
  }

  private state(): { readonly [key: string]: Json | undefined } {
    const found = this.outside.database.read(state.namespace, state.record)
    return isJsonObject(found) ? found : {}
  }

  private writeState(transaction: Transaction, change: { readonly [key: string]: Json | undefined }): void {
    const found = transaction.read(state.namespace, state.record)
    const changed = { ...(isJsonObject(found) ? found : {}), ...change }
    transaction.write(state.namespace, state.record, changed)
  }

  private entries(reader: Pick<Transaction, 'entries'> = this.outside.database): Entries {
    return entriesOf(reader.entries(namespace))
  }

  private async repeat(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
    const { clock, log } = this.outside
    const { signal } = this.ending
    while (!signal.aborted) {
      await work().catch((err: unknown) => log.warn({ err }, 'announcements could not be looked after'))
      await clock.wait(milliseconds, signal).catch(() => undefined)
    }
  }

  private async lookAtAll(): Promise<void> {
    await this.update(null)
  }

  /** One after another, and nothing else at the same time. */
  private look(names: readonly string[]): Promise<boolean> {
    const turn = this.looking.then(async () => {
      let changed = false
      for (const name of names) changed = (await this.lookAt(name)) || changed
      return changed
    })
    this.looking = turn.catch(() => undefined)
    return turn
  }

  private async lookAt(name: string): Promise<boolean> {
    const known = this.state()[name]
    const etag = isJsonObject(known) && typeof known.etag === 'string' ? known.etag : null
    const found = await this.outside.source.read(name, etag, this.ending.signal)
    if (found === null) return false
    return this.outside.database.change((transaction) => {
      this.writeState(transaction, { [name]: found.etag === null ? undefined : { etag: found.etag } })
      return this.take(name, found.feed, transaction)
    })
  }

  /** compat: what begins as the feed's ids do and is not in it any more is gone. */
  private take(name: string, { prefix, items }: Feed, transaction: Transaction): boolean {
    const before = this.entries(transaction)
    const ids = items.map(({ id }) => id)
    const start = prefix === '' ? ids[0]?.split('/').slice(0, 2).join('/') : prefix
    const gone = before.filter(
      ([, { entry_id: id }]) => start !== undefined && id.startsWith(start) && !ids.includes(id),
    )
    for (const [key] of gone) transaction.remove(namespace, key)
    const added = items.filter(({ id }) => !before.some(([, { entry_id }]) => entry_id === id))
    for (const { id, date, ...item } of added) {
      const entry: Announcement = {
        entry_id: id,
        ...item,
        date: date ?? this.outside.clock.now() / 1000,
        dismissed: false,
        date_dismissed: null,
        dismiss_wake: null,
        source: 'moonlight',
        feed: name,
      }
      const key = nextKey(this.entries(transaction))
      transaction.write(namespace, key, entry as unknown as Json)
    }
    return gone.length + added.length > 0
  }

  /** What was put to sleep, and for how long, is in the database: it wakes after a restart, too. */
  private async wake(): Promise<void> {
    const now = this.outside.clock.now() / 1000
    if (now < this.nextWake) return
    const isDue = ({ dismissed, dismiss_wake: at }: Announcement): boolean =>
      dismissed && typeof at === 'number' && at <= now
    const sleeping = this.entries().flatMap(([, entry]) =>
      entry.dismissed ? [entry.dismiss_wake ?? Infinity] : [],
    )
    this.nextWake = Math.min(...sleeping)
    if (now < this.nextWake) return
    const woken = await this.outside.database.change((transaction) => {
      const due = this.entries(transaction).filter(([, entry]) => isDue(entry))
      for (const [key, entry] of due) transaction.write(namespace, key, awake(entry) as unknown as Json)
      return due.map(([, { entry_id }]) => entry_id)
    })
    for (const id of woken) this.outside.woken(id)
  }
}
