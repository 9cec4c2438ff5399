import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Journal as Entry } from '../contract/generated/types.js'
import { Journal as validate } from '../contract/generated/validators.js'
import { parseAs } from '../contract/parse-as.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'

export type JournalEntry = Entry

/**
 * To be raised when a step does, or keeps for its undo, something else under the same name: an older journal is not
 * guessed at then. A change of the steps' names is seen without it.
 */
export const planFormat = 3

/** Bytes that are kept free for an undo on a full disk. */
const reserveSize = 64 * 1024

/** null when the text says nothing that is understood. */
export const parseEntry = (text: string): JournalEntry | null => {
  const entry = parseAs<JournalEntry>(text, validate)
  return entry === null || entry.parts.length === 0 ? null : entry
}

/** Where a record, and what was kept with it, is put when nobody but a person can go on. */
export interface Aside {
  readonly journal: string
  readonly work: string
}

/**
 * The one operation that is under way, on the disk. Written before a step runs, so that the next start
 * knows what may have begun. No file: nothing is under way.
 */
export class Journal {
  /**
   * The end of an operation that could not be written down (a full disk, say), to be tried again before the next one.
   * null when there is none.
   */
  looseEnd: (() => Promise<void>) | null = null
  private readonly file: string
  private readonly reserve: string

  constructor(
    private readonly folder: string,
    private readonly files: Files,
  ) {
    this.file = path.join(folder, 'journal.json')
    this.reserve = path.join(folder, 'reserve')
  }

  /** A folder for what an operation keeps for its undo. */
  workFolder(id: string): string {
    return path.join(this.folder, 'work', id)
  }

  async write(entry: JournalEntry): Promise<void> {
    await this.files.writeText(this.file, `${JSON.stringify(entry)}\n`)
  }

  /** null when nothing is under way; `unreadable` when a file is there that says nothing. */
  async read(): Promise<JournalEntry | 'unreadable' | null> {
    const text = await this.files.readText(this.file)
    return text === null ? null : (parseEntry(text) ?? 'unreadable')
  }

  /** Tries again to end what could not be ended. @throws refused when that is still so */
  async tieUp(): Promise<void> {
    const end = this.looseEnd
    if (end === null) return
    try {
      await end()
      this.looseEnd = null
    } catch (thrown) {
      const { message } = asMoonkeeperError(thrown)
      throw new MoonkeeperError('refused', `An earlier operation could not be ended yet: ${message}`, thrown)
    }
  }

  /** To be called before the first record of an operation. @throws refused when another one is not over */
  async open(): Promise<void> {
    if ((await this.files.stat(this.file)) !== null) {
      throw new MoonkeeperError(
        'refused',
        `An earlier operation is not over, its record is ${this.file}. Restart Moonkeeper: it is then finished or undone.`,
      )
    }
    await this.makeReserve()
  }

  /** The operation is over: its record goes first, then what it kept. */
  async clear(): Promise<void> {
    await this.files.remove(this.file)
    // What stays of it is dropped at the next start.
    await this.dropWork().catch(() => undefined)
  }

  /** What operations kept for their undo. Only while nothing is under way. */
  async dropWork(): Promise<void> {
    await this.files.remove(path.join(this.folder, 'work'))
  }

  /** Where `putAside` puts things. */
  asidePaths(stamp: string): Aside {
    return {
      journal: path.join(this.folder, `journal.${stamp}.json`),
      work: path.join(this.folder, `work.${stamp}`),
    }
  }

  /** Puts a record that nobody understands where a person can look at it, with what was kept for the undo. */
  async putAside(stamp: string): Promise<void> {
    const aside = this.asidePaths(stamp)
    const work = path.join(this.folder, 'work')
    if ((await this.files.stat(work)) !== null) await this.files.rename(work, aside.work)
    if ((await this.files.stat(this.file)) !== null) await this.files.rename(this.file, aside.journal)
  }

  /** Keeps space for an undo. @throws when there is none: better now than half way */
  async makeReserve(): Promise<void> {
    if ((await this.files.stat(this.reserve))?.size === reserveSize) return
    // Random, so that no file system can store it as nothing.
    await this.files.writeBytes(this.reserve, randomBytes(reserveSize))
  }

  /** Gives the kept space to an undo. */
  async freeReserve(log: Log): Promise<void> {
    try {
      await this.files.remove(this.reserve)
    } catch (thrown) {
      log.warn({ err: thrown }, 'the reserve could not be freed')
    }
  }
}
