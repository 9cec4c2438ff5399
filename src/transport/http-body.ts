import type { IncomingMessage } from 'node:http'
import { MoonkeeperError } from '../contract/error.js'

/** What is read beyond the limit and thrown away, so that a client that only sends sees its refusal. Bytes. */
export const patience = 32 * 1024 * 1024

export const tooLarge = (limit: number): MoonkeeperError =>
  new MoonkeeperError('too_large', `The request's body is larger than ${limit / 1024 / 1024} MiB`)

/** Milliseconds for a whole body. An upload of a file is measured otherwise: it may take as long as it moves. */
const bodyTime = 60_000

/** A request without these has no body, and an upgraded one would never end. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/**
 * The whole body.
 * @param limit bytes
 * @throws too_large
 */
export const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
  if (!hasBody(request)) return Buffer.alloc(0)
  if (Number(request.headers['content-length'] ?? 0) > limit + patience) throw tooLarge(limit)
  const late = setTimeout(() => request.destroy(), bodyTime)
  try {
    return await collect(request, limit)
  } finally {
    clearTimeout(late)
  }
}

const collect = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > limit + patience) throw tooLarge(limit)
    if (length <= limit) parts.push(part)
  }
  if (length > limit) throw tooLarge(limit)
  return Buffer.concat(parts)
}
