import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'

/** A real server on a free port, gone when the test is over. @returns its address, without a slash */
export const serveWeb = async (t: Pick<TestContext, 'after'>, listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  return `http://127.0.0.1:${address.port}`
}

/** What happens to one answer's body. */
export type Fault =
  | { readonly kind: 'reset' | 'stall' | 'end'; readonly after: number }
  | { readonly kind: 'corrupt'; readonly at: number }
  | { readonly kind: 'slow' }
  | { readonly kind: 'status'; readonly status: number }

export interface FileServer {
  readonly url: string
  /** The Range headers of what was asked, in order; null where there was none. */
  readonly ranges: (string | null)[]
  readonly ifRanges: (string | null)[]
}

export interface FileServerOptions {
  readonly content: () => Buffer
  /** Headers that name the version. Default: a strong ETag of the content's length. */
  readonly validator?: () => Readonly<Record<string, string>>
  /** The nth request's fault (from 0). */
  readonly fault?: (request: number) => Fault | null
  /** What is done with a range. Default: RFC 9110. */
  readonly ranges?: 'kept' | 'ignored' | 'wrong' | 'refused' | 'other-total' | 'other-version'
  /** How many bytes of the file arrived. What is cut is cut when all arrived that was sent before. */
  readonly received: () => number
  /** False: chunked, without a length. */
  readonly length?: boolean
}

const rangeStart = (request: IncomingMessage, validator: Readonly<Record<string, string>>): number => {
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
  const condition = request.headers['if-range'] as string | undefined
  return condition === undefined || Object.values(validator).includes(condition) ? Number(match?.[1] ?? 0) : 0
}

const sendWithFault = (
  response: ServerResponse,
  body: Buffer,
  fault: Fault | null,
  arrived: (bytes: number) => boolean,
): void => {
  if (fault === null || fault.kind === 'status') return void response.end(body)
  if (fault.kind === 'corrupt') {
    const copy = Buffer.from(body)
    copy[fault.at] = (copy[fault.at] ?? 0) ^ 0xff
    return void response.end(copy)
  }
  if (fault.kind === 'slow') {
    let sent = 0
    const timer = setInterval(() => {
      response.write(body.subarray(sent, sent + 1))
      sent += 1
    }, 2)
    response.on('close', () => clearInterval(timer))
    return
  }
  response.flushHeaders()
  if (fault.after > 0) response.write(body.subarray(0, fault.after))
  const cut = (): void => {
    if (!arrived(fault.after)) return
    clearInterval(timer)
    if (fault.kind === 'reset') response.socket?.resetAndDestroy()
    if (fault.kind === 'end') response.socket?.end()
  }
  const timer = setInterval(cut, 5)
  response.on('close', () => clearInterval(timer))
}

/** One file, served with faults. */
export const serveFile = async (
  t: Pick<TestContext, 'after'>,
  options: FileServerOptions,
): Promise<FileServer> => {
  const ranges: (string | null)[] = []
  const ifRanges: (string | null)[] = []
  const base = await serveWeb(t, (request, response) => {
    const fault = options.fault?.(ranges.length) ?? null
    ranges.push(request.headers.range ?? null)
    ifRanges.push((request.headers['if-range'] as string | undefined) ?? null)
    const content = options.content()
    const validator = options.validator?.() ?? { etag: `"${content.length}"` }
    if (fault?.kind === 'status') return void response.writeHead(fault.status).end()
    const start = options.ranges === 'ignored' ? 0 : rangeStart(request, validator)
    if (start > 0 && options.ranges === 'refused') return void response.writeHead(416).end()
    const from = start > 0 && options.ranges === 'wrong' ? start - 1 : start
    const body = content.subarray(from)
    const total = content.length + (options.ranges === 'other-total' ? 1 : 0)
    const range = {
      'content-range': `bytes ${from}-${content.length - 1}/${total}`,
      ...(options.ranges === 'other-version' ? { etag: '"another"' } : {}),
    }
    response.writeHead(start > 0 ? 206 : 200, {
      ...validator,
      ...(start > 0 ? range : {}),
      ...(options.length === false ? {} : { 'content-length': String(body.length) }),
    })
    sendWithFault(response, body, fault, (bytes) => options.received() >= from + bytes)
  })
  return { url: `${base}/file`, ranges, ifRanges }
}
