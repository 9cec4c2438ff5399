import path from 'node:path'
import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Json } from '../contract/json.js'
import type { Clock } from '../system/clock.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'
import { contentOf, lineOf, readRecords } from './record-file.js'
import { Records, type RecordChange } from './records.js'
import { Draft, Transaction } from './transaction.js'

export interface DatabaseSetup {
  /** Where its file is: nobody else writes there. */
  readonly folder: string
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
  /** Told when the file was damaged: for server.info. */
  readonly warn: (text: string) => void
}

/** A file that is larger than twice its content and this is written anew. Bytes. */
const slack = 256 * 1024

/** All of it is held in memory. Bytes. */
const largest = 64 * 1024 * 1024

/** A change that was asked for. */
interface Waiting {
  /** @returns what settles the caller's promise when the changes are on the disk */
  readonly prepare: (transaction: Transaction) => () => void
  readonly fail: (thrown: unknown) => void
}

interface Batch {
  readonly sum: Draft
  readonly lines: string[]
  readonly done: { readonly settle: () => void; readonly fail: Waiting['fail'] }[]
}

const full = (): MoonkeeperError =>
  new MoonkeeperError(
    'too_large',
    `The database holds ${largest / 1024 / 1024} MiB, which is all it takes: delete items that nobody needs`,
  )

/**
 * Items by namespace and key, in memory and in a file that is appended to: a change costs one line and one fsync, and
 * changes that are asked for at the same time share it. A change is on the disk when its promise resolves; one that
 * cannot be written is not made.
 */
export class Database {
  private records = new Records()
  private waiting: Waiting[] = []
  private turn: Promise<void> = Promise.resolve()
  private running = false
  private fileSize = 0
  /** The file does not say what we know: it is written anew before anything is added. */
  private stale = false
  private unusable: MoonkeeperError | null = null
  /** Bytes of the file that are due for being written anew; grows when that fails. */
  private compactionDue = 0
  readonly file: string

  constructor(private readonly setup: DatabaseSetup) {
    this.file = path.join(setup.folder, 'items.jsonl')
  }

  /** Reads the file. One that cannot be read stops nothing but the database, and is a warning. */
  async open(): Promise<void> {
    try {
      await this.setup.files.makeFolder(this.setup.folder)
      await this.load()
    } catch (thrown) {
      this.unusable = asMoonkeeperError(thrown)
      this.setup.warn(`The database cannot be used: ${this.unusable.message}`)
      this.setup.log.error({ err: thrown }, 'the database cannot be used')
    }
  }

  /** Resolves when everything that was asked for is on the disk. */
  async close(): Promise<void> {
    await this.turn
  }

  /** The namespaces that have items. */
  namespaces(): readonly string[] {
    return this.readable().names()
  }

  /** A record; undefined when there is none. A copy: whoever gets it may change it. */
  read(namespace: string, record: string): Json | undefined {
    const text = this.readable().text(namespace, record)
    return text === undefined ? undefined : (JSON.parse(text) as Json)
  }

  /** Every record of a namespace, by its key; none when there is no such namespace. */
  entries(namespace: string): readonly (readonly [string, Json])[] {
    const entries = [...this.readable().entries(namespace)]
    return entries.map(([key, text]) => [key, JSON.parse(text) as Json])
  }

  /** All that it holds now, as the content of a file of records. */
  content(): Buffer {
    return contentOf(this.readable())
  }

  /**
   * Reads and writes in one go: all of its changes come into being, or none.
   * @param work what it throws is thrown, and then nothing is changed
   * @throws no_space, command_failed, too_large
   */
  change<T>(work: (transaction: Transaction) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push({
        prepare: (transaction) => {
          const result = work(transaction)
          return () => resolve(result)
        },
        fail: reject,
      })
      this.wake()
    })
  }

  /** Takes the place of everything. @throws no_space, command_failed, too_large */
  async replace(records: Records): Promise<void> {
    this.readable()
    if (records.size > largest) throw full()
    await this.inTurn(() => this.writeAnew(records))
  }

  /** Writes the file anew, without what was overwritten. @returns its size before and after, in bytes */
  async compact(): Promise<{ readonly previous: number; readonly now: number }> {
    this.readable()
    return this.inTurn(async () => {
      const previous = this.fileSize
      await this.writeAnew(this.records)
      return { previous, now: this.fileSize }
    })
  }

  private readable(): Records {
    if (this.unusable !== null) throw this.unusable
    return this.records
  }

  private async load(): Promise<void> {
    const { files, log } = this.setup
    const found = await readRecords(this.file, files)
    this.records = found.records
    this.fileSize = found.whole
    if (found.size === 0) return void (this.stale = true)
    if (found.unreadable > 0 || !found.ours) return this.setAside(found.unreadable)
    if (found.size === found.whole) return
    log.warn({ bytes: found.size - found.whole }, 'the last change of the database was cut off')
    await files.truncate(this.file, found.whole)
  }

  /** A damaged file is kept as it is; what can be read of it is used. */
  private async setAside(lines: number): Promise<void> {
    const { files, clock, log } = this.setup
    const kept = `${this.file}.damaged-${new Date(clock.now()).toISOString().replace(/\D/g, '').slice(0, 14)}`
    await files.copyEntry(this.file, kept)
    await this.writeAnew(this.records)
    this.setup.warn(
      `The database was damaged: ${lines} of its lines cannot be read. The rest is used; all of it is kept in ${kept}.`,
    )
    log.warn({ kept, lines }, 'the database was damaged')
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(async () => {
      try {
        return await work()
      } catch (thrown) {
        throw asMoonkeeperError(thrown)
      }
    })
    this.turn = turn.then(
      () => undefined,
      () => undefined,
    )
    return turn
  }

  private wake(): void {
    if (this.running) return
    this.running = true
    void this.inTurn(async () => {
      // What comes while a batch is being written is the next batch.
      this.running = false
      await this.writeBatch(this.waiting.splice(0))
    })
  }

  /** Works on what the earlier ones of its batch will have made of it. */
  private draftOf(waiting: readonly Waiting[]): Batch {
    const sum = new Draft(this.records)
    const batch: Batch = { sum, lines: [], done: [] }
    for (const { prepare, fail } of waiting) {
      try {
        this.readable()
        const draft = new Draft(sum)
        const settle = prepare(new Transaction(draft))
        const changes = draft.changes()
        const line = changes.length === 0 ? '' : lineOf(changes)
        this.refuseTooMuch(changes, line)
        changes.forEach((change) => sum.set(change))
        batch.lines.push(line)
        batch.done.push({ settle, fail })
      } catch (thrown) {
        fail(thrown)
      }
    }
    return batch
  }

  /** Removing things must still work. */
  private refuseTooMuch(changes: readonly RecordChange[], line: string): void {
    if (this.records.size + line.length > largest && changes.some(({ text }) => text !== null)) throw full()
  }

  private async writeBatch(waiting: readonly Waiting[]): Promise<void> {
    const { sum, lines, done } = this.draftOf(waiting)
    try {
      await this.append(lines.join(''))
    } catch (thrown) {
      for (const { fail } of done) fail(asMoonkeeperError(thrown))
      return
    }
    for (const change of sum.changes()) this.records.apply(change)
    for (const { settle } of done) settle()
    await this.compactWhenDue()
  }

  private async append(text: string): Promise<void> {
    if (text === '') return
    if (this.stale) await this.writeAnew(this.records)
    const bytes = Buffer.from(text)
    try {
      await this.setup.files.append(this.file, bytes)
    } catch (thrown) {
      // How much of it is in the file nobody knows.
      this.stale = true
      throw thrown
    }
    this.fileSize += bytes.length
  }

  private async compactWhenDue(): Promise<void> {
    const due = Math.max(2 * this.records.size + slack, this.compactionDue)
    if (this.fileSize <= due) return
    try {
      await this.writeAnew(this.records)
      this.compactionDue = 0
    } catch (thrown) {
      // What was asked for is on the disk; it only takes more room than it needs.
      this.compactionDue = 2 * this.fileSize
      this.setup.log.warn({ err: thrown }, 'the database could not be compacted')
    }
  }

  private async writeAnew(records: Records): Promise<void> {
    const content = contentOf(records)
    await this.setup.files.writeBytes(this.file, content)
    this.records = records
    this.fileSize = content.length
    this.stale = false
  }
}
