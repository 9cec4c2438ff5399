import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import type { ReadableFile } from '../roots/reading.js'

/** Texts, and what the themes of front ends are made of. Everything else is bytes: no page runs from here. */
const types: Readonly<Record<string, string>> = {
  '.cfg': 'text/plain',
  '.css': 'text/css',
  '.gcode': 'text/plain',
  '.gif': 'image/gif',
  '.ico': 'image/vnd.microsoft.icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.log': 'text/plain',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.zip': 'application/zip',
}

/** Milliseconds without a byte after which a reader is gone. */
const stallLimit = 60_000

const typeOf = (name: string): string => types[path.extname(name).toLowerCase()] ?? 'application/octet-stream'

const dispositionOf = (name: string): string => {
  const ascii = name.replace(/[^\x20-\x7e]/gu, '?').replaceAll('"', '\\"')
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

interface Span {
  readonly start: number
  /** Not included. */
  readonly end: number
}

/** The last so many bytes. */
const suffixOf = (length: number, size: number): Span | null =>
  length === 0 || size === 0 ? null : { start: Math.max(0, size - length), end: size }

const rangeOf = (start: number, last: number, size: number): Span | null | undefined => {
  if (last < start) return undefined
  return start < size ? { start, end: Math.min(size, last + 1) } : null
}

/** One range of bytes; undefined for what is none (it is ignored), null for one that the file does not have. */
const spanOf = (header: string, size: number): Span | null | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? []
  if (first === '') return last === '' ? undefined : suffixOf(Number(last), size)
  return rangeOf(Number(first), last === '' ? Infinity : Number(last), size)
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

/** RFC 9110, 13.2.2: the tag counts before the time. */
const isKnown = ({ headers }: IncomingMessage, etag: string, modified: number): boolean => {
  const tags = headers['if-none-match']
  if (tags !== undefined) {
    const known = tags.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    return known.includes(etag) || known.includes('*')
  }
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return !Number.isNaN(since) && seconds(modified) <= seconds(since)
}

/** A range of another version of the file would be put to the rest of the old one. */
const rangeHolds = ({ headers }: IncomingMessage, etag: string, modified: number): boolean => {
  const condition = headers['if-range']
  if (condition === undefined || condition === etag) return true
  return seconds(Date.parse(String(condition))) === seconds(modified)
}

/** Waits for room, or for the end of the client. */
const flushed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
  })

const sendBytes = async (
  response: ServerResponse,
  file: ReadableFile,
  { start, end }: Span,
): Promise<void> => {
  let sent = start
  for await (const chunk of file.chunks(start, end)) {
    if (response.destroyed) return
    sent += chunk.length
    if (!response.write(chunk)) await flushed(response)
  }
  // A file that became shorter cannot be sent as it was announced.
  if (sent < end) response.destroy()
  else response.end()
}

/** Sends a file, or a part of it, or says that the client has it already. */
export const sendFile = async (
  request: IncomingMessage,
  response: ServerResponse,
  file: ReadableFile,
  more: Readonly<Record<string, string>>,
): Promise<void> => {
  const { size, modified, name } = file
  const etag = `"${file.version}"`
  const headers = {
    ...more,
    Etag: etag,
    'Last-Modified': new Date(modified).toUTCString(),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
  }
  response.setTimeout(stallLimit, () => response.destroy())
  if (isKnown(request, etag, modified)) return void response.writeHead(304, headers).end()
  const { range } = request.headers
  const asked = range !== undefined && rangeHolds(request, etag, modified) ? spanOf(range, size) : undefined
  if (asked === null) {
    response
      .writeHead(416, { ...headers, 'Content-Type': 'text/plain', 'Content-Range': `bytes */${size}` })
      .end()
    return
  }
  const span = asked ?? { start: 0, end: size }
  const part = span.end - span.start < size
  response.writeHead(part ? 206 : 200, {
    ...headers,
    'Content-Type': typeOf(name),
    'Content-Disposition': dispositionOf(name),
    'Content-Length': span.end - span.start,
    ...(part ? { 'Content-Range': `bytes ${span.start}-${span.end - 1}/${size}` } : {}),
  })
  if (request.method === 'HEAD') response.end()
  else await sendBytes(response, file, span)
}
