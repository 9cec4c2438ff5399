import { createHash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorKind, MoonkeeperError } from '../contract/error.js'

export interface Answer {
  readonly status: number
  /** The status line's text; the usual one when left out. */
  readonly reason?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly body: string
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

const errorBody = (code: number, message: string, kind: ErrorKind): string =>
  // compat: the key is expected, but Moonraker's tracebacks leak paths.
  JSON.stringify({ error: { code, message, traceback: '', kind } })

/** A status of the door itself. */
export const plainError = (
  status: number,
  kind: ErrorKind,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers,
  contentType: jsonType,
  body: errorBody(status, STATUS_CODES[status] ?? 'Unknown', kind),
})

/** A method's refusal. */
export const refusalAnswer = ({ status, message, kind }: MoonkeeperError): Answer => {
  const reason = reasonPhrase(message)
  return { status, reason, contentType: jsonType, body: errorBody(status, reason, kind) }
}

export const jsonAnswer = (body: string): Answer => ({ status: 200, contentType: jsonType, body })

export const htmlAnswer = (status: number, body: string): Answer => ({ status, contentType: htmlType, body })

const matches = (wanted: string, etag: string): boolean =>
  wanted.trim() === '*' || wanted.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)

/** compat: whatever a GET brings has an ETag. */
const writeNotModified = (request: IncomingMessage, response: ServerResponse, body: Buffer): boolean => {
  const etag = `"${createHash('sha1').update(body).digest('hex')}"`
  response.setHeader('Etag', etag)
  const wanted = request.headers['if-none-match']
  if (wanted === undefined || !matches(wanted, etag)) return false
  response.writeHead(304).end()
  return true
}

export const writeAnswer = (request: IncomingMessage, response: ServerResponse, answer: Answer): void => {
  if (response.destroyed) return
  const { status, headers = {}, contentType = htmlType } = answer
  const body = Buffer.from(answer.body)
  if (request.method === 'GET' && status === 200 && writeNotModified(request, response, body)) return
  // Whatever of the request is still unread is not worth a second one on this connection.
  if (!request.complete) response.shouldKeepAlive = false
  const reason = answer.reason ?? STATUS_CODES[status] ?? 'Unknown'
  // Node writes the status line in latin1: as bytes of UTF-8 any text can stand there.
  response.writeHead(status, Buffer.from(reason).toString('latin1'), {
    ...headers,
    'Content-Type': contentType,
    'Content-Length': body.length,
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(body)
}
