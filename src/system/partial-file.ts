import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { naming, writeFully, type Files } from './files.js'

/** What proves that what comes later belongs to what came before. */
export interface Validator {
  /** For If-Range: a strong ETag, or a Last-Modified. null: what comes cannot be resumed. */
  readonly ifRange: string | null
  /** Bytes of the whole file; null when the server does not say. */
  readonly total: number | null
}

/** What stands beside the part, for a resumption after a restart. */
interface Note extends Validator {
  readonly url: string
  /** Bytes that were fsynced: what lies after them may be zeros after a power cut. */
  readonly bytes: number
}

/** Bytes between two fsyncs: at most so much is asked for again after a kill. */
const checkpointInterval = 8 * 1024 * 1024
const bufferSize = 64 * 1024

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const parseNote = (text: string | null): Note | null => {
  let note: Partial<Record<keyof Note, unknown>>
  try {
    note = (JSON.parse(text ?? 'null') ?? {}) as typeof note
  } catch {
    return null
  }
  const { url, ifRange, total, bytes } = note
  if (typeof url !== 'string' || typeof ifRange !== 'string' || !isSize(bytes)) return null
  if (total !== null && !isSize(total)) return null
  return { url, ifRange, total, bytes }
}

export const partOf = (target: string): string => `${target}.part`
const noteOf = (target: string): string => `${target}.part.json`

/** A file on its way: `<target>.part`, and `<target>.part.json` that says what it is a part of. */
export class PartialFile {
  private hash: Hash = createHash('sha256')
  private written = 0
  private safe = 0
  private known: Validator | null = null

  private constructor(
    private readonly target: string,
    private readonly url: string,
    private readonly handle: FileHandle,
    private readonly files: Files,
  ) {}

  /** With what an earlier try left of the same address, as far as it is surely on the disk. */
  static async open(target: string, url: string, files: Files): Promise<PartialFile> {
    await files.makeFolder(path.dirname(target))
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
    const part = new PartialFile(target, url, await open(partOf(target), flags, 0o644), files)
    try {
      await part.takeUp(parseNote(await files.readText(noteOf(target))))
      return part
    } catch (thrown) {
      await part.handle.close()
      throw thrown
    }
  }

  /** Bytes so far. */
  get size(): number {
    return this.written
  }

  /** null when nothing is known, or what is there cannot be resumed. */
  get validator(): Validator | null {
    return this.known
  }

  get digest(): string {
    return this.hash.copy().digest('hex')
  }

  /** What the first answer said of the whole; it is remembered over a restart. */
  async begin(validator: Validator): Promise<void> {
    this.known = validator
    await this.writeNote()
  }

  async write(chunk: Buffer): Promise<void> {
    await this.name(writeFully(this.handle, chunk, this.written))
    this.hash.update(chunk)
    this.written += chunk.length
    if (this.written - this.safe >= checkpointInterval) await this.checkpoint()
  }

  /** Forgets what is there. */
  async restart(): Promise<void> {
    this.known = null
    await this.files.remove(noteOf(this.target))
    await this.name(this.handle.truncate(0))
    this.hash = createHash('sha256')
    this.written = 0
    this.safe = 0
  }

  /** Makes what is there durable, and notes that it is. */
  async checkpoint(): Promise<void> {
    await this.name(this.handle.sync())
    this.safe = this.written
    await this.writeNote()
  }

  /** Durable, and under its own name. */
  async finish(): Promise<void> {
    await this.name(this.handle.sync())
    await this.handle.close()
    await this.files.rename(partOf(this.target), this.target)
    await this.files.remove(noteOf(this.target))
  }

  /** To be taken up later, where there is something. */
  async leave(): Promise<void> {
    if (this.written === 0) return this.drop()
    try {
      if (this.known !== null) await this.checkpoint()
    } finally {
      await this.handle.close()
    }
  }

  async drop(): Promise<void> {
    await this.handle.close()
    await discardPart(this.target, this.files)
  }

  private async takeUp(note: Note | null): Promise<void> {
    const { size } = await this.handle.stat()
    const usable = note !== null && note.url === this.url && note.bytes <= size
    if (!usable || note.bytes === 0) {
      if (size > 0 || note !== null) await this.restart()
      return
    }
    await this.name(this.handle.truncate(note.bytes))
    await this.hashUpTo(note.bytes)
    this.known = { ifRange: note.ifRange, total: note.total }
    this.written = note.bytes
    this.safe = note.bytes
  }

  private async hashUpTo(end: number): Promise<void> {
    const buffer = Buffer.alloc(bufferSize)
    for (let position = 0; position < end;) {
      const length = Math.min(bufferSize, end - position)
      const { bytesRead } = await this.name(this.handle.read(buffer, 0, length, position))
      if (bytesRead === 0) throw new Error(`${partOf(this.target)} became shorter while it was read`)
      this.hash.update(buffer.subarray(0, bytesRead))
      position += bytesRead
    }
  }

  private async writeNote(): Promise<void> {
    if (this.known === null || this.known.ifRange === null) return
    const note: Note = { ...this.known, url: this.url, bytes: this.safe }
    await this.files.writeText(noteOf(this.target), `${JSON.stringify(note)}\n`)
  }

  private name<T>(work: Promise<T>): Promise<T> {
    return naming(partOf(this.target), work)
  }
}

/** Removes what an interrupted download left. */
export const discardPart = async (target: string, files: Files): Promise<void> => {
  await files.remove(noteOf(target))
  await files.remove(partOf(target))
}
