import path from 'node:path'
import type { Journal as Entry } from '../contract/generated/types.js'
import { Journal as validate } from '../contract/generated/validators.js'
import type { Files } from '../system/files.js'

export type JournalEntry = Entry

/**
 * The one operation that is under way, on the disk. Written before a step runs, so that the next start
 * knows what may have begun. No file: nothing is under way.
 */
export class Journal {
  private readonly file: string

  constructor(
    private readonly folder: string,
    private readonly files: Files,
  ) {
    this.file = path.join(folder, 'journal.json')
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
    if (text === null) return null
    try {
      const entry: unknown = JSON.parse(text)
      return validate(entry) ? (entry as JournalEntry) : 'unreadable'
    } catch {
      return 'unreadable'
    }
  }

  /** The operation is over: its record goes first, then what it kept. */
  async clear(): Promise<void> {
    await this.files.remove(this.file)
    await this.dropWork()
  }

  /** What operations kept for their undo. Only while nothing is under way. */
  async dropWork(): Promise<void> {
    await this.files.remove(path.join(this.folder, 'work'))
  }

  /** Puts a record that nobody understands where a person can look at it. @returns where */
  async putAside(stamp: string): Promise<string> {
    const aside = path.join(this.folder, `journal.${stamp}.json`)
    await this.files.rename(this.file, aside)
    await this.files
      .rename(path.join(this.folder, 'work'), path.join(this.folder, `work.${stamp}`))
      .catch(() => undefined)
    return aside
  }
}
