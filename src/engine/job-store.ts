import path from 'node:path'
import type { JobRecord, LogLine } from '../contract/generated/types.js'
import { JobLine as validateLine, JobRecord as validate } from '../contract/generated/validators.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'

/** Lines of a job beyond this many bytes are not kept. */
const longestLog = 1024 * 1024

const idOf = (name: string): string | null => /^([0-9a-f-]{36})\.json$/.exec(name)?.[1] ?? null

/** Jobs on the disk: a file each, written durably, and its lines beside it, which a power cut may shorten. */
export class JobStore {
  private readonly folder: string
  /** Bytes of the lines that were written, by job; and what is being written. */
  private readonly written = new Map<string, number>()
  private writing: Promise<unknown> = Promise.resolve()

  constructor(
    folder: string,
    private readonly files: Files,
    private readonly log: Log,
  ) {
    this.folder = path.join(folder, 'jobs')
  }

  async save(record: JobRecord): Promise<void> {
    await this.files.makeFolder(this.folder)
    await this.files.writeText(this.file(record.job.id), `${JSON.stringify(record)}\n`)
  }

  /** Everything that can be read; what cannot is told in the log and left where it is. */
  async load(): Promise<readonly JobRecord[]> {
    const records: JobRecord[] = []
    for (const { name } of await this.files.list(this.folder)) {
      const id = idOf(name)
      if (id === null) continue
      const record = parse(await this.files.readText(this.file(id)))
      if (record === null) this.log.warn({ job: id }, 'the record of a job is not readable')
      else records.push(record)
    }
    return records
  }

  /** Keeps a line. It is on its way when this returns; a disk that takes nothing loses it. */
  append(id: string, line: LogLine): void {
    const text = `${JSON.stringify(line)}\n`
    const size = (this.written.get(id) ?? 0) + text.length
    if (size > longestLog) return
    this.written.set(id, size)
    this.writing = this.writing
      .then(() => this.files.makeFolder(this.folder))
      .then(() => this.files.appendLoosely(this.logFile(id), text))
      .catch((thrown: unknown) => this.log.warn({ job: id, err: thrown }, 'a line of a job was not kept'))
  }

  /** The lines after a number. */
  async lines(id: string, after: number): Promise<LogLine[]> {
    await this.settled()
    const text = (await this.files.readText(this.logFile(id))) ?? ''
    return text.split('\n').flatMap((line) => {
      const parsed = parseLine(line)
      return parsed !== null && parsed.seq > after ? [parsed] : []
    })
  }

  async remove(id: string): Promise<void> {
    await this.settled()
    this.written.delete(id)
    await this.files.remove(this.logFile(id))
    await this.files.remove(this.file(id))
  }

  /** Resolves when every line until now was written. */
  async settled(): Promise<void> {
    await this.writing
  }

  private file(id: string): string {
    return path.join(this.folder, `${id}.json`)
  }

  private logFile(id: string): string {
    return path.join(this.folder, `${id}.log`)
  }
}

const parse = (text: string | null): JobRecord | null => {
  try {
    const record: unknown = JSON.parse(text ?? '')
    return validate(record) ? (record as JobRecord) : null
  } catch {
    return null
  }
}

/** null for a line that a power cut tore. */
const parseLine = (text: string): LogLine | null => {
  try {
    const line: unknown = JSON.parse(text)
    return validateLine(line) ? (line as LogLine) : null
  } catch {
    return null
  }
}
