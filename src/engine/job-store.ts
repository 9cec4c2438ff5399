import path from 'node:path'
import type { JobRecord, LogLine } from '../contract/generated/types.js'
import { JobLine as validateLine, JobRecord as validate } from '../contract/generated/validators.js'
import { parseAs } from '../contract/parse-as.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'
import { Queue } from '../system/queue.js'

/** Lines of a job beyond this many bytes are not kept. */
const longestLog = 1024 * 1024
const full = 'This is as much as is kept of the lines of a job: those that follow are only told'

const over: readonly string[] = ['done', 'failed', 'needs_person', 'cancelled']

const idOf = (name: string, extension: string): string | null => {
  const [id = '', rest] = [name.slice(0, 36), name.slice(36)]
  return rest === extension && /^[0-9a-f-]{36}$/.test(id) ? id : null
}

/** Jobs on the disk: a file each, written durably, and its lines beside it, which a power cut may shorten. */
export class JobStore {
  private readonly folder: string
  /** Bytes of the lines that were written, by job. */
  private readonly written = new Map<string, number>()
  private readonly records = new Queue()
  private readonly logs = new Queue()

  constructor(
    folder: string,
    private readonly files: Files,
    private readonly log: Log,
  ) {
    this.folder = path.join(folder, 'jobs')
  }

  /** What is saved last is on the disk in the end. */
  async save(record: JobRecord): Promise<void> {
    await this.records.run(async () => {
      await this.files.makeFolder(this.folder)
      await this.files.writeText(this.file(record.job.id), `${JSON.stringify(record)}\n`)
    })
  }

  /** Everything that can be read; what cannot is told in the log and left where it is. */
  async load(): Promise<readonly JobRecord[]> {
    const records: JobRecord[] = []
    const names = (await this.files.list(this.folder)).map(({ name }) => name)
    for (const name of names) {
      const id = idOf(name, '.json')
      if (id === null) continue
      const text = await this.files.readText(this.file(id)).catch(() => null)
      const record = parseAs<JobRecord>(text, validate)
      if (record?.job.id === id) records.push(await this.continued(record))
      else this.log.warn({ job: id }, 'the record of a job is not readable')
    }
    await this.dropLonelyLogs(names)
    return records
  }

  /** Keeps a line. It is on its way when this returns; a disk that takes nothing loses it. */
  append(id: string, line: LogLine): void {
    const before = this.written.get(id) ?? 0
    if (before >= longestLog) return
    const own = `${JSON.stringify(line)}\n`
    const last = `${JSON.stringify({ ...line, text: full })}\n`
    const fits = before + Buffer.byteLength(own) + Buffer.byteLength(last) <= longestLog
    this.written.set(id, fits ? before + Buffer.byteLength(own) : longestLog)
    this.appendText(id, fits ? own : last)
  }

  /** The lines after a number. */
  async lines(id: string, after: number): Promise<LogLine[]> {
    await this.settled()
    const text = (await this.files.readText(this.logFile(id))) ?? ''
    return linesOf(text).filter(({ seq }) => seq > after)
  }

  async remove(id: string): Promise<void> {
    await this.settled()
    this.written.delete(id)
    await this.records.run(async () => {
      await this.files.remove(this.logFile(id))
      await this.files.remove(this.file(id))
    })
  }

  /** Resolves when every line until now was written. */
  async settled(): Promise<void> {
    await this.logs.drained()
  }

  private appendText(id: string, text: string): void {
    const write = async (): Promise<void> => {
      try {
        await this.files.makeFolder(this.folder)
        await this.files.appendLoosely(this.logFile(id), text)
      } catch (thrown) {
        this.log.warn({ job: id, err: thrown }, 'a line of a job was not kept')
      }
    }
    void this.logs.run(write)
  }

  /** A kill may leave more lines than the record knows, or a torn one: no number is given twice. */
  private async continued(record: JobRecord): Promise<JobRecord> {
    const { job } = record
    if (over.includes(job.state)) return record
    const text = (await this.files.readText(this.logFile(job.id))) ?? ''
    this.written.set(job.id, Buffer.byteLength(text))
    if (text !== '' && !text.endsWith('\n')) this.appendText(job.id, '\n')
    const last = linesOf(text).at(-1)?.seq ?? 0
    return { ...record, job: { ...job, last_seq: Math.max(job.last_seq, last) } }
  }

  /** Whoever waited for the answer of a job that had changed nothing knows that it is gone. */
  private async dropLonelyLogs(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const id = idOf(name, '.log')
      if (id === null || names.includes(`${id}.json`)) continue
      await this.files.remove(this.logFile(id)).catch((thrown: unknown) => {
        this.log.warn({ job: id, err: thrown }, 'the lines of a job that is gone could not be removed')
      })
    }
  }

  private file(id: string): string {
    return path.join(this.folder, `${id}.json`)
  }

  private logFile(id: string): string {
    return path.join(this.folder, `${id}.log`)
  }
}

/** Without what a power cut tore. */
const linesOf = (text: string): LogLine[] =>
  text
    .split('\n')
    .map((line) => parseAs<LogLine>(line, validateLine))
    .filter((line) => line !== null)
