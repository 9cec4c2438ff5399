import { MoonkeeperError } from '../contract/error.js'

/** What a multipart/form-data body says, in its order: parts one after another, each with its bytes. */
export type PartEvent =
  | { readonly kind: 'part'; readonly name: string; readonly filename: string | null }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'end' }

/** Bytes. */
const longestHead = 16 * 1024
const longestPadding = 100
const longestBoundary = 200

const headEnd = Buffer.from('\r\n\r\n')
const lineEnd = Buffer.from('\r\n')

const malformed = (what: string): MoonkeeperError =>
  new MoonkeeperError('bad_argument', `The upload cannot be read: ${what}`)

/** @throws bad_argument for what is no multipart/form-data */
export const boundaryOf = (contentType: string): string => {
  const found = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^;\s]+))/is.exec(contentType)
  const boundary = found?.[1] ?? found?.[2]
  if (boundary === undefined || boundary.length > longestBoundary)
    throw malformed('it is no multipart/form-data')
  return boundary
}

/** A parameter of a header: quoted or not. Browsers write a quote in it as %22, others as \". */
const parameter = (header: string, name: string): string | null => {
  const found = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(header)
  return found?.[1]?.replace(/\\(["\\])/g, '$1') ?? found?.[2] ?? null
}

/** RFC 8187: filename*=UTF-8''na%C3%AFve.cfg */
const extended = (header: string): string | null => {
  const found = /;\s*filename\*=utf-8'[^']*'([^;\s]+)/i.exec(header)?.[1]
  try {
    return found === undefined ? null : decodeURIComponent(found)
  } catch {
    throw malformed('its file name is no UTF-8')
  }
}

const partOf = (head: Buffer): PartEvent => {
  const text = head.toString()
  const header = /^content-disposition:\s*form-data\s*(;.*)$/im.exec(text)?.[1] ?? ''
  const name = parameter(header, 'name')
  if (name === null) throw malformed('a part has no name')
  return { kind: 'part', name, filename: extended(header) ?? parameter(header, 'filename') }
}

/** Reads a body as it comes, in bounded memory. */
export class MultipartParser {
  private readonly delimiter: Buffer
  /** The first delimiter has no line before it. */
  private rest: Buffer = Buffer.from(lineEnd)
  private state: 'preamble' | 'delimited' | 'head' | 'body' | 'done' = 'preamble'
  private events: PartEvent[] = []

  constructor(boundary: string) {
    this.delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  }

  /** @returns what these bytes complete @throws bad_argument */
  push(bytes: Buffer): readonly PartEvent[] {
    if (this.state === 'done') return []
    this.rest = Buffer.concat([this.rest, bytes])
    while (this.step());
    const events = this.events
    this.events = []
    return events
  }

  /** @throws bad_argument when the body was cut off */
  finish(): void {
    if (this.state !== 'done') throw malformed('it was cut off')
  }

  /** @returns false when more bytes are needed */
  private step(): boolean {
    if (this.state === 'preamble' || this.state === 'body') return this.toDelimiter()
    if (this.state === 'delimited') return this.afterDelimiter()
    return this.state === 'head' && this.readHead()
  }

  private toDelimiter(): boolean {
    const at = this.rest.indexOf(this.delimiter)
    const inBody = this.state === 'body'
    // The end of what is there may be the beginning of a delimiter.
    const known = at < 0 ? Math.max(0, this.rest.length - this.delimiter.length + 1) : at
    if (inBody && known > 0) this.events.push({ kind: 'data', bytes: this.rest.subarray(0, known) })
    this.rest = this.rest.subarray(at < 0 ? known : at + this.delimiter.length)
    if (at < 0) return false
    if (inBody) this.events.push({ kind: 'end' })
    this.state = 'delimited'
    return true
  }

  /** Two dashes end it all; else the line ends here. */
  private afterDelimiter(): boolean {
    if (this.rest.length < 2) return false
    if (this.rest.toString('latin1', 0, 2) === '--') {
      this.state = 'done'
      return false
    }
    const at = this.rest.indexOf(lineEnd)
    const padding = this.rest.toString('latin1', 0, at < 0 ? this.rest.length : at)
    if (padding.length > longestPadding || /[^ \t\r]/.test(padding)) throw malformed('a boundary is damaged')
    if (at < 0) return false
    this.rest = this.rest.subarray(at)
    this.state = 'head'
    return true
  }

  private readHead(): boolean {
    const at = this.rest.indexOf(headEnd)
    if ((at < 0 ? this.rest.length : at) > longestHead) throw malformed('the head of a part is too long')
    if (at < 0) return false
    this.events.push(partOf(this.rest.subarray(0, at)))
    this.rest = this.rest.subarray(at + headEnd.length)
    this.state = 'body'
    return true
  }
}
