import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Server as SecureServer } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import { MoonkeeperError, asMoonkeeperError } from '../contract/error.js'
import { admit } from '../rpc/admission.js'
import type { Dialect } from '../rpc/dialect.js'
import { wrongVerb, type DialectPlace } from './dialect-routes.js'
import { closingTime } from './door.js'
import type { Door, Inside } from './door.js'
import { htmlAnswer, plainError, refusalAnswer, writeAnswer } from './http-answer.js'
import type { Answer } from './http-answer.js'
import { receive, type Guest } from './reception.js'
import { buildRoutes, verbsAt, type Route, type Routes, type Streamed, type Verbs } from './routes.js'

export interface HttpDoor extends Door {
  /** Not listening yet; the WebSocket door shares it. */
  readonly server: Server
  /** The same behind TLS. Not listening yet. */
  secure(context: SecureContextOptions): SecureServer
}

const forbidden = (message: string): MoonkeeperError => new MoonkeeperError('forbidden', message)

const fromElsewhere = (): MoonkeeperError =>
  forbidden(
    'Requests from pages of other servers are not allowed: cors_domains in [authorization] names those that are',
  )

const unknownHost = (host = ''): MoonkeeperError =>
  forbidden(
    `${host} is not known as a name of this machine: use its address or NAME.local, or add http://${host} to ` +
      'cors_domains in [authorization]',
  )

/** compat: who it is comes before what there is. @throws unauthorized */
const letIn = (guest: Guest, route: Route | undefined, path: string): void => {
  const scope = route?.scope ?? 'read'
  if (scope === 'own') return
  const refusal = scope === 'open' ? guest.refusalWhereOpen : guest.refusal
  if (refusal !== null) throw refusal
  admit(guest.caller, scope, path)
}

/** compat: looking is allowed, but without CORS headers the foreign page cannot read what it sees. */
const mayCome = ({ method }: IncomingMessage, guest: Guest): boolean => method === 'GET' || !guest.isForeign

const isPreflight = ({ method }: IncomingMessage, { cors }: Guest): boolean =>
  method === 'OPTIONS' && Object.keys(cors).length > 0

/** @throws MoonkeeperError */
const answerTo = async (
  inside: Inside,
  routes: Routes,
  request: IncomingMessage,
  guest: Guest,
): Promise<Answer | Streamed> => {
  if (guest.isLost) throw unknownHost(request.headers.host)
  const place = dialectOf(routes, request)
  if (place !== undefined) return answerInDialect(inside, place, request, guest)
  const verbs = verbsOf(inside, routes, request)
  if (verbs !== undefined && isPreflight(request, guest)) return htmlAnswer(204, '')
  const route = verbs?.get(request.method ?? '')
  letIn(guest, route, pathOf(request))
  if (verbs === undefined) return plainError(404, 'method_not_found')
  if (route === undefined) return plainError(405, 'method_not_found', { Allow: [...verbs.keys()].join(', ') })
  if (!mayCome(request, guest)) throw fromElsewhere()
  return route.respond(request, guest)
}

/** A refusal there is told as the dialect tells it. */
const answerInDialect = async (
  inside: Inside,
  { verbs, refuse }: DialectPlace,
  request: IncomingMessage,
  guest: Guest,
): Promise<Answer | Streamed> => {
  if (isPreflight(request, guest)) return htmlAnswer(204, '')
  try {
    const route = verbs.get(request.method ?? '')
    letIn(guest, route, pathOf(request))
    if (route === undefined)
      return { ...refuse(wrongVerb(verbs), 405), headers: { Allow: [...verbs.keys()].join(', ') } }
    if (!mayCome(request, guest)) throw fromElsewhere()
    return await route.respond(request, guest)
  } catch (thrown) {
    if (request.destroyed && !request.complete) throw thrown
    if (!(thrown instanceof MoonkeeperError))
      inside.log.error({ err: thrown, path: pathOf(request) }, 'HTTP request failed')
    const refusal = asMoonkeeperError(thrown)
    return refuse(
      refusal.kind === 'internal'
        ? new MoonkeeperError('internal', 'Internal Server Error', thrown)
        : refusal,
    )
  }
}

const dialectOf = (routes: Routes, request: IncomingMessage): DialectPlace | undefined => {
  const path = pathOf(request)
  return path.startsWith(routes.prefix) ? routes.dialects(path.slice(routes.prefix.length)) : undefined
}

/** What answers where it was asked. compat: below a prefix the page at / needs no slash. */
const verbsOf = (inside: Inside, routes: Routes, request: IncomingMessage): Verbs | undefined => {
  const path = pathOf(request)
  if (!path.startsWith(routes.prefix)) return undefined
  return verbsAt(inside, routes, path.slice(routes.prefix.length) || '/')
}

/** Without what was asked: tokens stand there. */
const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? ''

const failure = (request: IncomingMessage, thrown: unknown, log: Inside['log']): Answer => {
  // The dispatcher has logged what a method threw.
  if (!(thrown instanceof MoonkeeperError))
    log.error({ err: thrown, path: pathOf(request) }, 'HTTP request failed')
  const refusal = asMoonkeeperError(thrown)
  return refusal === thrown ? refusalAnswer(refusal) : plainError(500, 'internal')
}

const listenerOf =
  (inside: Inside, routes: Routes) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const guest = await receive(inside.app.access.gate, request)
    const answer = await answerTo(inside, routes, request, guest).catch((thrown: unknown) =>
      // A client that hung up is nobody's fault.
      request.destroyed && !request.complete ? null : failure(request, thrown, inside.log),
    )
    if (answer === null) return
    if ('stream' in answer) return answer.stream(response, guest.cors)
    writeAnswer(request, response, { ...answer, headers: { ...answer.headers, ...guest.cors } })
  }

/** Requests must arrive soon, see readBody and Uploads; how long an answer takes is the method's business, an update runs for minutes. */
const limits = { headersTimeout: 10_000, requestTimeout: 0, keepAliveTimeout: 30_000 }

/** Resolves when it does not listen any more; at once when it never did. */
const closedOf = (server: Server | SecureServer): (() => Promise<void>) => {
  let closed = Promise.resolve()
  server.once('listening', () => {
    closed = new Promise((resolve) => server.once('close', resolve))
  })
  return () => closed
}

/**
 * The REST paths of the methods and POST /server/jsonrpc.
 * @param version shown on the page at /
 * @param prefix route_prefix; empty without one
 * @param dialects other APIs that are served beside it
 */
export const openHttp = (
  inside: Inside,
  version: string,
  prefix = '',
  dialects: readonly Dialect[] = [],
): HttpDoor => {
  const answer = listenerOf(inside, buildRoutes(inside, version, prefix, dialects))
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((err: unknown) => {
      inside.log.error({ err, path: pathOf(request) }, 'HTTP request failed')
      response.destroy()
    })
  }
  const server = createServer(limits, listener)
  const open = new Map<Server | SecureServer, () => Promise<void>>([[server, closedOf(server)]])
  const stopAccepting = (): void => {
    for (const one of open.keys()) if (one.listening) one.close()
  }
  return {
    server,
    secure: (context) => {
      const one = createSecureServer({ ...limits, ...context }, listener)
      open.set(one, closedOf(one))
      return one
    },
    stopAccepting,
    stop: async () => {
      stopAccepting()
      for (const one of open.keys()) one.closeIdleConnections()
      const cut = setTimeout(() => open.forEach((_, one) => one.closeAllConnections()), closingTime)
      await Promise.all([...open.values()].map((closed) => closed()))
      clearTimeout(cut)
    },
  }
}
