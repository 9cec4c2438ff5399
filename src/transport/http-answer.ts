import { createHash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { encode, lengthOf, type Encoded } from '../contract/encoded.js'
import type { ErrorKind, MoonkeeperError } from '../contract/error.js'
import { Serialized } from '../contract/serialized.js'
import { encodeResult } from '../rpc/dispatcher.js'

export interface Answer {
  readonly status: number
  /** The status line's text; the usual one when left out. */
  readonly reason?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly body: string | Encoded
  /** Where it is known already: nothing is hashed then. */
  readonly etag?: string
}

const jsonType = 'application/json; charset=UTF-8'
const htmlType = 'text/html; charset=UTF-8'

/** Longer status lines than this break clients. */
const longestReason = 1000

/**
 * compat: Moonraker puts a refusal's message into the status line. Where it may not stand there it reads "Unknown", and
 * then it does so in the body too.
 */
export const reasonPhrase = (message: string): string =>
  /^[\t \x21-\x3b\x3d-\x7e\x80-\xff]{1,1000}$/.test(message) && message.length <= longestReason
    ? message
    : 'Unknown'

const errorBody = (code: number, message: string, kind: ErrorKind, detail = ''): string => {
  const data = detail === '' ? { code: kind } : { code: kind, detail }
  // compat: the key is expected, but Moonraker's tracebacks leak paths.
  return JSON.stringify({ error: { code, message, traceback: '', data } })
}

/** A status of the door itself. @param detail what it means, for people, where the status does not say it */
export const plainError = (
  status: number,
  kind: ErrorKind,
  headers: Readonly<Record<string, string>> = {},
  detail = '',
): Answer => ({
  status,
  headers,
  contentType: jsonType,
  body: errorBody(status, STATUS_CODES[status] ?? 'Unknown', kind, detail),
})

/** A method's refusal. */
export const refusalAnswer = ({ status, message, kind }: MoonkeeperError): Answer => {
  const reason = reasonPhrase(message)
  // Where Moonraker's words are none, ours stand beside them.
  const detail = reason === message ? '' : message
  return { status, reason, contentType: jsonType, body: errorBody(status, reason, kind, detail) }
}

export const jsonAnswer = (body: Encoded): Answer => ({ status: 200, contentType: jsonType, body })

const etagOf = (parts: Encoded): string => {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return `"${hash.digest('hex')}"`
}

const beforeResult = Buffer.from('{"result":')
const afterResult = Buffer.from('}')

/** Of results that many ask for: nothing of them is put together or hashed again. */
const prepared = new WeakMap<Serialized<unknown>, Answer>()

const prepare = (result: Serialized<unknown>): Answer => {
  const body = [Buffer.concat([beforeResult, result.bytes, afterResult])]
  const answer = { ...jsonAnswer(body), etag: etagOf(body) }
  prepared.set(result, answer)
  return answer
}

/** What a method answered. */
export const resultAnswer = (result: unknown): Answer =>
  result instanceof Serialized
    ? (prepared.get(result) ?? prepare(result))
    : jsonAnswer([beforeResult, encodeResult(result), afterResult])

export const htmlAnswer = (status: number, body: string): Answer => ({ status, contentType: htmlType, body })

const matches = (wanted: string, etag: string): boolean =>
  wanted.trim() === '*' || wanted.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
/** compat: whatever a GET brings has an ETag. */
const etagFor = ({ method }: IncomingMessage, { status, etag }: Answer, body: Encoded): string | null =>
  method === 'GET' && status === 200 ? (etag ?? etagOf(body)) : null

const isKnown = ({ headers }: IncomingMessage, etag: string | null): boolean => {
  const wanted = headers['if-none-match']
  return etag !== null && wanted !== undefined && matches(wanted, etag)
}

/** Node writes the status line in latin1: as bytes of UTF-8 any text can stand there. */
const statusText = ({ status, reason }: Answer): string =>
  reason === undefined ? (STATUS_CODES[status] ?? 'Unknown') : Buffer.from(reason).toString('latin1')

/** One packet for all parts. Buffers, all of them: a string would make Node write the status line in its encoding. */
const writeBody = (response: ServerResponse, body: Encoded): void => {
  response.cork()
  for (const part of body.slice(0, -1)) response.write(part)
  response.end(body.at(-1))
  response.uncork()
}

export const writeAnswer = (request: IncomingMessage, response: ServerResponse, answer: Answer): void => {
  if (response.destroyed) return
  const body = typeof answer.body === 'string' ? encode(answer.body) : answer.body
  const etag = etagFor(request, answer, body)
  const tag = etag === null ? {} : { Etag: etag }
  if (isKnown(request, etag)) {
    response.writeHead(304, tag).end()
    return
  }
  // Whatever of the request is still unread is not worth a second one on this connection.
  if (!request.complete) response.shouldKeepAlive = false
  response.writeHead(answer.status, statusText(answer), {
    ...answer.headers,
    ...tag,
    'Content-Type': answer.contentType ?? htmlType,
    ...(answer.status === 204 ? {} : { 'Content-Length': lengthOf(body) }),
    'X-Content-Type-Options': 'nosniff',
  })
  writeBody(response, body)
}
