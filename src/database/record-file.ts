import type { Files } from '../system/files.js'
import { Records, type RecordChange } from './records.js'

/*
 * A file of records: a line that says what it is, then a line for each transaction, which is a list of changes:
 *   [["namespace","key",value],["namespace","removed key"]]
 * A line counts whole or not at all, and the last line about a record counts. A backup is the same, with one line a
 * record.
 */

/** How every file of records begins. */
export const header = '{"moonkeeper":"database","version":1}\n'

/** Lines beyond this are none of ours: nothing that is accepted over the network is as long. Bytes. */
const longestLine = 128 * 1024 * 1024

const changeText = ({ namespace, key, text }: RecordChange): string => {
  const names = `${JSON.stringify(namespace)},${JSON.stringify(key)}`
  return text === null ? `[${names}]` : `[${names},${text}]`
}

/** One transaction. */
export const lineOf = (changes: readonly RecordChange[]): string => `[${changes.map(changeText).join(',')}]\n`

/** A whole file. */
export const contentOf = (records: Records): Buffer => {
  const lines = [Buffer.from(header)]
  for (const record of records.all()) lines.push(Buffer.from(lineOf([record])))
  return Buffer.concat(lines)
}

const isChange = (item: unknown): item is readonly [string, string, unknown?] =>
  Array.isArray(item) &&
  (item.length === 2 || item.length === 3) &&
  typeof item[0] === 'string' &&
  typeof item[1] === 'string'

/** null for what is no line of such a file. */
const parseLine = (line: string): readonly RecordChange[] | null => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (!Array.isArray(value) || !value.every(isChange)) return null
  return value.map(([namespace, key, item]) => ({
    namespace,
    key,
    text: item === undefined ? null : JSON.stringify(item),
  }))
}

/** What a file holds. */
export interface FileContent {
  readonly records: Records
  /** Bytes up to the end of the last whole line. What is behind it was being written when the power went. */
  readonly whole: number
  /** Bytes. */
  readonly size: number
  /** Lines that say nothing; 0 in a file that is as it was written. */
  readonly unreadable: number
  /** False when the first line does not say that this is such a file. */
  readonly ours: boolean
}

const lineFeed = 0x0a

interface Line {
  /** null for one that is too long to be one of ours. */
  readonly content: Buffer | null
  /** Bytes, with the line feed. */
  readonly length: number
  /** True when a line feed ends it. */
  readonly ended: boolean
}

/** Lines put together from their pieces; only the last may not be ended. */
async function* wholeLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<Line, void, undefined> {
  let parts: Buffer[] = []
  let length = 0
  const take = (ended: boolean): Line => {
    const line = { content: length > longestLine ? null : Buffer.concat(parts), length, ended }
    parts = []
    length = 0
    return line
  }
  for await (const piece of pieces) {
    length += piece.length
    // A piece may be part of a larger buffer, which is not kept for it.
    if (length <= longestLine) parts.push(Buffer.from(piece))
    if (piece.at(-1) === lineFeed) yield take(true)
  }
  if (length > 0) yield take(false)
}

class Reading {
  readonly records = new Records()
  whole = 0
  size = 0
  unreadable = 0
  ours = false

  see({ content, length, ended }: Line): void {
    const first = this.size === 0
    this.size += length
    if (!ended) return
    this.whole = this.size
    const text = content?.toString() ?? ''
    if (first && text === header) {
      this.ours = true
      return
    }
    const changes = parseLine(text)
    if (changes === null) this.unreadable += 1
    changes?.forEach((change) => this.records.apply(change))
  }
}

/** Reads a file; one that is not there holds nothing. */
export const readRecords = async (file: string, files: Pick<Files, 'lines'>): Promise<FileContent> => {
  const reading = new Reading()
  for await (const line of wholeLines(files.lines(file))) reading.see(line)
  return reading
}
