import { createHash } from 'node:crypto'
import type { HistoryEntry, HistoryTail } from '../contract/generated/types.js'
import { HistoryEntry as isEntry, HistoryTail as isTail } from '../contract/generated/validators.js'
import { parseAs } from '../contract/parse-as.js'

/** What stands for the hash of a line that is not there, or not known any more. */
export const noHash = '0'.repeat(64)

/** Of a history without a line. */
export const noTail: HistoryTail = { count: 0, hash: noHash }

/** @param line without its line feed. @returns null when it is no entry */
export const parseLine = (line: Buffer): HistoryEntry | null =>
  parseAs<HistoryEntry>(line.toString('utf8'), isEntry)

/** null when the text says nothing that is understood. */
export const parseTail = (text: string): HistoryTail | null => parseAs<HistoryTail>(text, isTail)

/** @param line without its line feed */
export const hashOf = (line: Buffer): string => createHash('sha256').update(line).digest('hex')

/** True when a line was written right after the one that the tail tells of. */
export const continues = (line: Buffer, tail: HistoryTail): boolean => {
  const entry = parseLine(line)
  return entry !== null && entry.n === tail.count + 1 && entry.previous === tail.hash
}

/** The tail when this line is the last. */
export const tailAfter = (tail: HistoryTail, line: Buffer): HistoryTail => ({
  count: tail.count + 1,
  hash: hashOf(line),
})

/** What is wrong with a history. */
export interface Problem {
  /** Counted from 1; null when it is not one line. */
  readonly line: number | null
  /** For people. */
  readonly text: string
}

const misplaced = (at: number, n: number): Problem => {
  const why = n > at ? 'lines before it were removed, or lines were swapped' : 'lines were added or swapped'
  return { line: at, text: `Line ${at} is number ${n} of the history: ${why}.` }
}

const unlinked = (at: number, entry: HistoryEntry): Problem => {
  if (at === 1) return { line: 1, text: 'Line 1 was changed: it is the first, but continues another line.' }
  if (entry.previous === noHash) {
    const text = `The second file was lost before line ${at} was written: whether lines that stood before it are missing cannot be told.`
    return { line: at, text }
  }
  const text = `Line ${at - 1} was changed after it was written, or line ${at} was: they do not fit together.`
  return { line: at - 1, text }
}

/** Looks at the lines of a history one after another, and remembers what the first of them that is wrong told. */
export class ChainCheck {
  private last = noTail
  problem: Problem | null = null

  /** @param kept what the second file says */
  constructor(private readonly kept: HistoryTail | null) {}

  /** Lines that were looked at. */
  get count(): number {
    return this.last.count
  }

  /** @param line with its line feed, if it has one */
  see(line: Buffer): void {
    const at = this.last.count + 1
    const ended = line.at(-1) === 0x0a
    const text = ended ? line.subarray(0, -1) : line
    this.problem ??= this.wrongWith(text, ended, at)
    this.last = tailAfter(this.last, text)
  }

  private wrongWith(text: Buffer, ended: boolean, at: number): Problem | null {
    if (!ended) return this.endless(at)
    const entry = parseLine(text)
    if (entry === null) return { line: at, text: `Line ${at} is no entry of a history: it was changed.` }
    if (entry.n !== at) return misplaced(at, entry.n)
    if (entry.previous !== this.last.hash) return unlinked(at, entry)
    return this.kept?.count === at ? this.unlikeKept(text, at, this.kept.hash) : null
  }

  private endless(at: number): Problem {
    if (this.kept !== null && at <= this.kept.count)
      return { line: at, text: `Line ${at} is cut off, or was changed at its end.` }
    const text = `Line ${at} is not whole. When the power was lost while it was written, Moonkeeper puts it aside at its next start.`
    return { line: at, text }
  }

  private unlikeKept(text: Buffer, at: number, hash: string): Problem | null {
    if (hashOf(text) === hash) return null
    if (hash !== noHash) {
      return { line: at, text: `Line ${at} is not the one that the second file remembers: it was changed.` }
    }
    return {
      line: at,
      text: `The second file was lost after line ${at}: whether lines that stood behind it are missing cannot be told.`,
    }
  }
}
