import { createHash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorKind, MoonkeeperError } from '../contract/error.js'
import type { Serialized } from '../contract/serialized.js'

export interface Answer {
  readonly status: number
  /** The status line's text; the usual one when left out. */
  readonly reason?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly body: string | Prepared
}

/** A body that was encoded before, between what is put around it. */
interface Prepared {
  readonly head: Buffer
  readonly bytes: Buffer
  readonly tail: Buffer
  /** Names the bytes. */
  readonly digest: string
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

const resultHead = Buffer.from('{"result":')
const resultTail = Buffer.from('}')
const nothing = Buffer.alloc(0)

/** A result that many ask for: nothing of it is encoded or hashed again. */
export const preparedAnswer = ({ bytes, digest }: Serialized<unknown>): Answer => ({
  status: 200,
  contentType: jsonType,
  body: { head: resultHead, bytes, tail: resultTail, digest },
})

export const jsonAnswer = (body: string): Answer => ({ status: 200, contentType: jsonType, body })

export const htmlAnswer = (status: number, body: string): Answer => ({ status, contentType: htmlType, body })

const matches = (wanted: string, etag: string): boolean =>
  wanted.trim() === '*' || wanted.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)

/** compat: whatever a GET brings has an ETag. */
const writeNotModified = (request: IncomingMessage, response: ServerResponse, digest: string): boolean => {
  const etag = `"${digest}"`
  response.setHeader('Etag', etag)
  const wanted = request.headers['if-none-match']
  if (wanted === undefined || !matches(wanted, etag)) return false
  response.writeHead(304).end()
  return true
}

/** Buffers, all of them: a string would make Node write the status line in its encoding. */
interface Parts {
  readonly head: Buffer
  readonly bytes: Buffer
  readonly tail: Buffer
  readonly digest: () => string
}

const prepare = (body: string | Prepared): Parts => {
  if (typeof body !== 'string') return { ...body, digest: () => body.digest }
  const bytes = Buffer.from(body)
  return { head: nothing, bytes, tail: nothing, digest: () => createHash('sha1').update(bytes).digest('hex') }
}

export const writeAnswer = (request: IncomingMessage, response: ServerResponse, answer: Answer): void => {
  if (response.destroyed) return
  const { status, headers = {}, contentType = htmlType } = answer
  const { head, bytes, tail, digest } = prepare(answer.body)
  if (request.method === 'GET' && status === 200 && writeNotModified(request, response, digest())) return
  // Whatever of the request is still unread is not worth a second one on this connection.
  if (!request.complete) response.shouldKeepAlive = false
  const reason = answer.reason ?? STATUS_CODES[status] ?? 'Unknown'
  // Node writes the status line in latin1: as bytes of UTF-8 any text can stand there.
  response.writeHead(status, Buffer.from(reason).toString('latin1'), {
    ...headers,
    'Content-Type': contentType,
    'Content-Length': head.length + bytes.length + tail.length,
    'X-Content-Type-Options': 'nosniff',
  })
  // One packet for the three parts.
  response.cork()
  response.write(head)
  response.write(bytes)
  response.end(tail)
  response.uncork()
}
