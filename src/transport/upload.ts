import type { IncomingMessage } from 'node:http'
import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import type { FileChange } from '../roots/file-change.js'
import type { FileRoots } from '../roots/file-roots.js'
import type { StagedFile } from '../system/staged-file.js'
import { patience, tooLarge } from './http-body.js'
import { boundaryOf, MultipartParser, type PartEvent } from './multipart-stream.js'

/** Milliseconds without a byte after which a sender is gone. */
const stallLimit = 60_000

/** At the same time: each may fill the disk. */
const mostUploads = 8

const mostParts = 64

/** What is taken from a form besides the file. Bytes. */
const wantedFields = ['root', 'path', 'checksum'] as const
const longestField = 4096

type FieldName = (typeof wantedFields)[number]

const isWanted = (name: string): name is FieldName => (wantedFields as readonly string[]).includes(name)

/** A form as it arrives: its file goes to the disk, its fields are kept. */
class Form {
  private readonly fields = new Map<FieldName, Buffer>()
  private current: FieldName | 'file' | null = null
  private filename: string | null = null
  private parts = 0

  constructor(private readonly staged: StagedFile) {}

  async take(event: PartEvent): Promise<void> {
    if (event.kind === 'part') this.begin(event.name, event.filename)
    else if (event.kind === 'end') this.current = null
    else if (this.current === 'file') await this.staged.write(event.bytes)
    else if (this.current !== null) this.keep(this.current, event.bytes)
  }

  field(name: FieldName): string {
    return this.fields.get(name)?.toString().trim() ?? ''
  }

  /** Where the file goes, in its root. @throws bad_argument */
  get place(): string {
    const name = this.filename?.trim().replace(/^\/+/, '') ?? ''
    if (name === '') throw new MoonkeeperError('bad_argument', 'Multipart filename omitted')
    return path.posix.join(this.field('path').replace(/^\/+/, ''), name)
  }

  private begin(name: string, filename: string | null): void {
    this.parts += 1
    if (this.parts > mostParts) throw new MoonkeeperError('bad_argument', 'The upload has too many parts')
    if (name === 'file') {
      if (this.filename !== null) throw new MoonkeeperError('bad_argument', 'An upload has one file')
      this.filename = filename ?? ''
    }
    this.current = name === 'file' || isWanted(name) ? name : null
    if (this.current !== null && this.current !== 'file') this.fields.set(this.current, Buffer.alloc(0))
  }

  private keep(name: FieldName, bytes: Buffer): void {
    const value = Buffer.concat([this.fields.get(name) ?? Buffer.alloc(0), bytes])
    if (value.length > longestField)
      throw new MoonkeeperError('bad_argument', `The field ${name} of the upload is too long`)
    this.fields.set(name, value)
  }
}

/**
 * What cannot be taken any more is read and thrown away, so that a client that only sends sees why.
 * @throws too_large, bad_argument; what the disk refuses
 */
const readForm = async (request: IncomingMessage, form: Form, limit: number): Promise<void> => {
  const parser = new MultipartParser(boundaryOf(request.headers['content-type'] ?? ''))
  let length = 0
  let wasted = 0
  let failure: { readonly thrown: unknown } | null = null
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > limit) failure ??= { thrown: tooLarge(limit) }
    if (failure !== null) wasted += chunk.length
    if (wasted > patience) break
    failure ??= await takeAll(form, parser, chunk)
  }
  if (failure !== null) throw failure.thrown
  parser.finish()
}

const takeAll = async (
  form: Form,
  parser: MultipartParser,
  chunk: Buffer,
): Promise<{ readonly thrown: unknown } | null> => {
  try {
    for (const event of parser.push(chunk)) await form.take(event)
    return null
  } catch (thrown) {
    return { thrown }
  }
}

const refuseEarly = (request: IncomingMessage, files: FileRoots): void => {
  if (!files.roots().some(({ writable }) => writable))
    throw new MoonkeeperError(
      'refused',
      'Write access is disabled: enable_config_write_access in [file_manager]',
    )
  const limit = files.largestUpload
  if (Number(request.headers['content-length'] ?? 0) > limit + patience) throw tooLarge(limit)
}

/** Files that clients send, each to a place that nobody sees before it has its own. */
export class Uploads {
  private running = 0

  constructor(private readonly files: FileRoots) {}

  /** @throws bad_argument, checksum_mismatch, too_large, busy, no_space, refused, forbidden */
  async receive(request: IncomingMessage): Promise<FileChange> {
    refuseEarly(request, this.files)
    if (this.running >= mostUploads)
      throw new MoonkeeperError(
        'busy',
        `${mostUploads} files are being uploaded: try again when one of them is done`,
      )
    this.running += 1
    request.setTimeout(stallLimit, () => request.destroy())
    try {
      return await this.stage(request)
    } finally {
      this.running -= 1
      request.setTimeout(0)
    }
  }

  private async stage(request: IncomingMessage): Promise<FileChange> {
    const staged = await this.files.stage()
    try {
      const form = new Form(staged)
      await readForm(request, form, this.files.largestUpload)
      const { place } = form
      const digest = await staged.finish()
      const wanted = form.field('checksum').toLowerCase()
      if (wanted !== '' && wanted !== digest)
        throw new MoonkeeperError(
          'checksum_mismatch',
          `File checksum mismatch: expected ${wanted}, calculated ${digest}`,
        )
      const root = form.field('root').toLowerCase()
      return await this.files.changes.upload(staged.path, root === '' ? 'gcodes' : root, place)
    } finally {
      await staged.discard()
    }
  }
}
