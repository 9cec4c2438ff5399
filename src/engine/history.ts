import path from 'node:path'
import type { HistoryEntry, HistoryTail, MachineUpdateHistoryResult } from '../contract/generated/types.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'
import {
  ChainCheck,
  continues,
  hashOf,
  noHash,
  noTail,
  parseLine,
  parseTail,
  tailAfter,
  type Problem,
} from './history-chain.js'

/** Who did what to which version with what outcome; see schemas/types/history-entry.json. */
export type NewHistoryEntry = Pick<
  HistoryEntry,
  'at' | 'job' | 'application' | 'type' | 'goal' | 'from' | 'to' | 'outcome' | 'code' | 'message' | 'asked_by'
>

export interface HistoryQuery {
  /** null: of all. */
  readonly name: string | null
  readonly limit: number
  readonly offset: number
}

export interface Verification {
  readonly ok: boolean
  /** Lines there are. */
  readonly entries: number
  /** The first one that was found; null when all is well. */
  readonly problem: Problem | null
}

/** A line at the end of the file, as it was found. */
interface Found {
  /** Where it begins, in bytes. */
  readonly start: number
  /** Without its line feed. */
  readonly text: Buffer
  /** False when it has none: writing it was cut short. */
  readonly ended: boolean
}

/** Characters of a message, and of any other text, that are kept: a line stays far below `endSize`. */
const messageLength = 4000
const textLength = 500
/** Bytes at the end of the file that hold the last lines. */
const endSize = 256 * 1024
const verifyTries = 3
const lineFeed = 0x0a

const shortened = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text

/** Texts come from outside, and may be of any length. */
const withShortTexts = (entry: NewHistoryEntry): NewHistoryEntry => {
  const values = Object.entries(entry).map(([name, value]) => {
    const length = name === 'message' ? messageLength : textLength
    return [name, typeof value === 'string' ? shortened(value, length) : value]
  })
  return Object.fromEntries(values) as NewHistoryEntry
}

const countOf = async (items: AsyncIterable<unknown>): Promise<number> => {
  const iterator = items[Symbol.asyncIterator]()
  let count = 0
  while ((await iterator.next()).done !== true) count += 1
  return count
}

const withoutLineFeed = (line: Buffer): Buffer => (line.at(-1) === lineFeed ? line.subarray(0, -1) : line)

const linesOf = (end: Buffer, offset: number): readonly Found[] => {
  const found: Found[] = []
  for (let start = 0; start < end.length;) {
    const feed = end.indexOf(lineFeed, start)
    const stop = feed < 0 ? end.length : feed
    found.push({ start: offset + start, text: end.subarray(start, stop), ended: feed >= 0 })
    start = stop + 1
  }
  return found
}

/**
 * The permanent record of what was done, in a file that only grows: every line holds the hash of the one before it, and
 * the number and the hash of the last one stand in a second file. docs/history.md tells what that finds.
 *
 * The second file is written after the line, so at most one line is not in it: after a power cut that line is taken
 * over, or, when it is not whole, put aside. Where the two do not fit together the history goes on from what the second
 * file says: then the gap stays to be seen, whatever is added later.
 */
export class History {
  private readonly file: string
  private readonly tailFile: string
  private readonly tornFile: string
  /** How the file ends; null when that must be looked up before the next line. */
  private tail: HistoryTail | null = null
  private turn: Promise<unknown> = Promise.resolve()

  constructor(
    folder: string,
    private readonly files: Files,
    private readonly log: Log,
  ) {
    this.file = path.join(folder, 'history.jsonl')
    this.tailFile = path.join(folder, 'history.tail.json')
    this.tornFile = path.join(folder, 'history.jsonl.torn')
  }

  /** Mends what a power cut left. It never fails a start: what cannot be done now is tried again before the next entry. */
  async open(): Promise<void> {
    await this.inTurn(async () => {
      try {
        this.tail = await this.settle()
      } catch (err) {
        this.log.error({ err, file: this.file }, 'the history could not be opened')
      }
    })
  }

  /**
   * Adds an entry; it is on the disk when this resolves. Long texts are shortened.
   * @throws what the disk refuses. An update must not fail because of that: the caller decides. The entry may be in the
   * file all the same, when only the second file could not be written.
   */
  async append(entry: NewHistoryEntry): Promise<void> {
    await this.inTurn(async () => {
      const tail = this.tail ?? (await this.settle())
      // Until all is written nothing is certain.
      this.tail = null
      const line = JSON.stringify({ n: tail.count + 1, previous: tail.hash, ...withShortTexts(entry) })
      await this.files.append(this.file, `${line}\n`)
      this.tail = await this.keep(tailAfter(tail, Buffer.from(line)))
    })
  }

  /** Newest first. Lines that are no entries are left out. In bounded memory, whatever the file's length. */
  async list({ name, limit, offset }: HistoryQuery): Promise<MachineUpdateHistoryResult> {
    const total = await countOf(this.entries(name))
    const end = Math.max(0, total - offset)
    const start = Math.max(0, end - limit)
    const entries: HistoryEntry[] = []
    let position = 0
    if (end > start) {
      // What is added meanwhile is behind all of these.
      for await (const entry of this.entries(name)) {
        if (position >= start) entries.push(entry)
        position += 1
        if (position === end) break
      }
    }
    return { entries: entries.reverse(), total }
  }

  /** Reads everything, and changes nothing. It may be called without `open`, and while another process appends. */
  async verify(): Promise<Verification> {
    for (let tries = 1; ; tries += 1) {
      const before = await this.stamp()
      const verification = await this.check()
      // What was written while it was read looks like a problem.
      if (verification.ok || tries === verifyTries || before === (await this.stamp())) return verification
    }
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.turn.then(work)
    this.turn = mine.catch(() => undefined)
    await mine
  }

  private async keep(tail: HistoryTail): Promise<HistoryTail> {
    await this.files.writeText(this.tailFile, `${JSON.stringify(tail)}\n`)
    return tail
  }

  private async *entries(name: string | null): AsyncGenerator<HistoryEntry> {
    // Most lines are of another application: they need not be parsed.
    const needle = name === null ? null : JSON.stringify(name)
    for await (const line of this.files.lines(this.file)) {
      if (needle !== null && !line.includes(needle)) continue
      const entry = parseLine(withoutLineFeed(line))
      if (entry !== null && (name === null || entry.application === name)) yield entry
    }
  }

  private async stamp(): Promise<string> {
    const size = (await this.files.stat(this.file))?.size ?? null
    return `${size} ${await this.files.readText(this.tailFile)}`
  }

  private async check(): Promise<Verification> {
    const text = await this.files.readText(this.tailFile)
    const kept = text === null ? null : parseTail(text)
    const chain = new ChainCheck(kept)
    for await (const line of this.files.lines(this.file)) chain.see(line)
    const problem = chain.problem ?? (await this.wrongAtEnd(text, kept, chain.count))
    return { ok: problem === null, entries: chain.count, problem }
  }

  private async wrongAtEnd(
    text: string | null,
    kept: HistoryTail | null,
    count: number,
  ): Promise<Problem | null> {
    const problem = (what: string): Problem => ({ line: null, text: what })
    if (kept === null) {
      if (text === null && count === 0) return null
      const state = text === null ? 'is missing' : 'cannot be understood'
      return problem(`${this.tailFile} ${state}: whether lines are missing at the end cannot be told.`)
    }
    if (count < kept.count) {
      if ((await this.files.stat(this.file)) === null)
        return problem(`${this.file} is missing. It had ${kept.count} lines.`)
      return problem(`Lines are missing at the end: there were ${kept.count}, now there are ${count}.`)
    }
    // One more: the power was lost, or the daemon is just about to write the second file.
    if (count <= kept.count + 1) return null
    return problem(
      `${this.tailFile} remembers ${kept.count} lines, but there are ${count}: lines were added by hand, or it is an old copy.`,
    )
  }

  /** @returns how the history goes on */
  private async settle(): Promise<HistoryTail> {
    const text = await this.files.readText(this.tailFile)
    const kept = text === null ? null : parseTail(text)
    const found = await this.lastLines()
    if (kept === null) return this.beginAnew(text, found)
    const { place, known } = placeOf(kept, found)
    let tail = kept
    let next = place
    for (let line = found[next]; line !== undefined && continues(line.text, tail); line = found[next]) {
      tail = tailAfter(tail, line.text)
      next += 1
    }
    const rest = found.slice(next)
    if (!known || rest.length > 1)
      this.log.error({ file: this.file }, 'the history does not end as it was left')
    await this.mendEnd(found, rest, known)
    return tail === kept ? kept : this.keep(tail)
  }

  /**
   * Ends a whole line that has no line feed, and puts aside what one append left unfinished.
   * @param rest what is behind the last line that counts
   */
  private async mendEnd(found: readonly Found[], rest: readonly Found[], known: boolean): Promise<void> {
    const last = found.at(-1)
    if (last !== undefined && !last.ended && rest.length === 0) return this.files.append(this.file, '\n')
    // With a line feed too: parts of a line can reach the disk in any order. More than one line no power cut leaves.
    const torn = known && rest.length === 1 ? last : found.find((line) => !line.ended)
    if (torn !== undefined) await this.putAside(torn)
  }

  private async putAside({ start, text }: Found): Promise<void> {
    await this.files.append(this.tornFile, Buffer.concat([text, Buffer.from('\n')]))
    await this.files.truncate(this.file, start)
    this.log.warn(
      { file: this.tornFile, bytes: text.length },
      'an unfinished entry of the history was put aside',
    )
  }

  /** Without the second file nothing tells whether lines are missing: the next line says so for good. */
  private async beginAnew(text: string | null, found: readonly Found[]): Promise<HistoryTail> {
    const torn = found.find((line) => !line.ended)
    if (torn !== undefined) await this.putAside(torn)
    const count = await countOf(this.files.lines(this.file))
    if (text !== null || count > 0) {
      const fields = { file: this.tailFile, text: text === null ? null : shortened(text, textLength) }
      this.log.error(fields, 'the second file of the history is lost')
    }
    return this.keep({ count, hash: noHash })
  }

  /** At least the last line, and as many before it as fit. */
  private async lastLines(): Promise<readonly Found[]> {
    const size = (await this.files.stat(this.file))?.size ?? 0
    for (let length = endSize; ; length *= 4) {
      const start = Math.max(0, size - length)
      const lines = linesOf(await this.files.readRange(this.file, start, size - start), start)
      if (start === 0) return lines
      // The first one was probably cut.
      if (lines.length > 1) return lines.slice(1)
    }
  }
}

/**
 * Where the lines begin that the tail does not know.
 * @returns known: false when the line is not there that the tail tells of
 */
const placeOf = (
  kept: HistoryTail,
  found: readonly Found[],
): { readonly place: number; readonly known: boolean } => {
  const last = found.findLastIndex((line) => hashOf(line.text) === kept.hash)
  if (last >= 0) return { place: last + 1, known: true }
  if (kept.count === noTail.count && (found[0]?.start ?? 0) === 0) return { place: 0, known: true }
  const next = found.findIndex((line) => continues(line.text, kept))
  return { place: next < 0 ? found.findLastIndex((line) => line.ended) + 1 : next, known: false }
}
