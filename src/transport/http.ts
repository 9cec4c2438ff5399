import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { MoonkeeperError, asMoonkeeperError } from '../contract/error.js'
import { methodTable } from '../contract/generated/tables.js'
import type { Call } from '../methods/context.js'
import { closingTime, decodeUtf8 } from './door.js'
import type { Door, Inside } from './door.js'
import {
  htmlAnswer,
  jsonAnswer,
  plainError,
  refusalAnswer,
  resultAnswer,
  writeAnswer,
} from './http-answer.js'
import type { Answer } from './http-answer.js'
import { httpArguments } from './http-arguments.js'
import { readBody } from './http-body.js'
import { isForeign, isLocalHost } from './origin.js'
import { welcomePage } from './welcome.js'

/** Bytes. */
const restBodyLimit = 1024 * 1024
const rpcBodyLimit = 10 * 1024 * 1024

export interface HttpDoor extends Door {
  /** Not listening yet; the WebSocket door shares it. */
  readonly server: Server
}

type Respond = (request: IncomingMessage, query: string) => Promise<Answer>

/** Paths, and what answers each verb there. */
type Routes = ReadonlyMap<string, ReadonlyMap<string, Respond>>

const restRoute =
  (inside: Inside, method: string, needsArguments: boolean, call: Call): Respond =>
  async (request, query) => {
    const body = await readBody(request, restBodyLimit)
    const contentType = request.headers['content-type']?.trim() ?? ''
    const sources = { query, contentType, body, needsArguments }
    // A foreign page may look, see mayCome; an argument could turn the look into an order (?refresh=true).
    const args = isForeign(request.headers) ? {} : httpArguments(sources)
    const result = await inside.dispatcher.invoke(method, args, from(call, request))
    return resultAnswer(result)
  }

const rpcRoute =
  (inside: Inside, call: Call): Respond =>
  async (request) => {
    // Also what keeps a foreign page's form out.
    if (request.headers['content-type']?.trim().toLowerCase().startsWith('application/json') !== true)
      return plainError(400, 'bad_argument')
    const text = decodeUtf8(await readBody(request, rpcBodyLimit))
    if (text === null) return plainError(500, 'internal')
    const answer = await inside.dispatcher.dispatch(text, from(call, request))
    return answer === null ? htmlAnswer(200, '') : jsonAnswer(answer)
  }

const from = (call: Call, { socket }: IncomingMessage): Call =>
  socket.remoteAddress === undefined ? call : { ...call, address: socket.remoteAddress }

const buildRoutes = (inside: Inside, version: string): Routes => {
  const call: Call = { app: inside.app, transport: 'http', connection: null }
  const routes = new Map<string, Map<string, Respond>>()
  const add = (verb: string, path: string, respond: Respond): void => {
    routes.set(path, (routes.get(path) ?? new Map<string, Respond>()).set(verb, respond))
  }
  add('GET', '/', async () => htmlAnswer(200, welcomePage(version)))
  add('POST', '/server/jsonrpc', rpcRoute(inside, call))
  add('GET', '/websocket', async () => htmlAnswer(400, 'Can "Upgrade" only to "WebSocket".'))
  for (const [method, { http, params }] of Object.entries(methodTable)) {
    const needsArguments = params.some(({ required }) => required)
    if (http !== null) add(http.verb, http.path, restRoute(inside, method, needsArguments, call))
  }
  return routes
}

const publicNameRefusal = (host: string): Answer =>
  refusalAnswer(
    new MoonkeeperError('forbidden', `${host} is a public name: use this machine's address, or NAME.local`),
  )

/** compat: looking is allowed, but without CORS headers the foreign page cannot read what it sees. */
const mayCome = ({ method, headers }: IncomingMessage): boolean => method === 'GET' || !isForeign(headers)

const answerTo = async (routes: Routes, request: IncomingMessage): Promise<Answer> => {
  const { host } = request.headers
  if (host !== undefined && !isLocalHost(host)) return publicNameRefusal(host)
  const [path = '', ...query] = (request.url ?? '').split('?')
  const verbs = routes.get(path)
  if (verbs === undefined) return plainError(404, 'method_not_found')
  const respond = verbs.get(request.method ?? '')
  if (respond === undefined)
    return plainError(405, 'method_not_found', { Allow: [...verbs.keys()].join(', ') })
  if (mayCome(request)) return respond(request, query.join('?'))
  return refusalAnswer(
    new MoonkeeperError('forbidden', 'Requests from pages of other servers are not allowed'),
  )
}

const listenerOf =
  (routes: Routes, log: Inside['log']) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      writeAnswer(request, response, await answerTo(routes, request))
    } catch (thrown) {
      // The dispatcher has logged what a method threw; a client that hung up is nobody's fault.
      if (request.destroyed && !request.complete) return
      if (!(thrown instanceof MoonkeeperError))
        log.error({ err: thrown, path: request.url }, 'HTTP request failed')
      const refusal = asMoonkeeperError(thrown)
      writeAnswer(
        request,
        response,
        refusal === thrown ? refusalAnswer(refusal) : plainError(500, 'internal'),
      )
    }
  }

/**
 * The REST paths of the methods and POST /server/jsonrpc.
 * @param version shown on the page at /
 */
export const openHttp = (inside: Inside, version: string): HttpDoor => {
  const answer = listenerOf(buildRoutes(inside, version), inside.log)
  // Requests must arrive soon; how long an answer takes is the method's business, an update runs for minutes.
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 30_000 },
    (request, response) => void answer(request, response),
  )
  let closed = Promise.resolve()
  server.once('listening', () => {
    closed = new Promise((resolve) => server.once('close', resolve))
  })
  const stopAccepting = (): void => {
    if (server.listening) server.close()
  }
  return {
    server,
    stopAccepting,
    stop: async () => {
      stopAccepting()
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), closingTime)
      await closed
      clearTimeout(cut)
    },
  }
}
