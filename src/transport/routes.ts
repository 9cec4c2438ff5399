import type { IncomingMessage, ServerResponse } from 'node:http'
import { MoonkeeperError } from '../contract/error.js'
import { methodTable } from '../contract/generated/tables.js'
import type { Scope } from '../contract/requester.js'
import type { Call } from '../methods/context.js'
import { decodeUtf8 } from './door.js'
import type { Inside } from './door.js'
import { fileVerbs, isOfFile, uploadPath, uploadRoute } from './file-routes.js'
import { htmlAnswer, jsonAnswer, plainError, resultAnswer } from './http-answer.js'
import type { Answer } from './http-answer.js'
import { httpArguments } from './http-arguments.js'
import { readBody } from './http-body.js'
import { octoprintVerbs } from './octoprint-routes.js'
import { builtImagePath, builtImageRoute, imageUploadPath, imageUploadRoute } from './image-routes.js'
import type { Dialect } from '../rpc/dialect.js'
import { dialectPlaces, type DialectPlace } from './dialect-routes.js'
import { answerForKlipper, klipperMethod, klipperVerbs } from './klipper-routes.js'
import { queryOf, type Guest } from './reception.js'
import { redirectRoute } from './redirect.js'
import { welcomePage } from './welcome.js'

/** compat: the second leads to Klipper's own socket. */
export const webSocketPaths = ['/websocket', '/klippysocket'] as const

/** Bytes. */
const restBodyLimit = 1024 * 1024
const rpcBodyLimit = 10 * 1024 * 1024
/** Who is nobody can log in, and that is not much to say. */
const strangersBodyLimit = 64 * 1024

const limitFor = ({ caller }: Guest, usual: number): number =>
  caller.requester === null ? strangersBodyLimit : usual

/** An answer that writes itself. @param headers come on top of its own */
export interface Streamed {
  readonly stream: (response: ServerResponse, headers: Readonly<Record<string, string>>) => Promise<void>
}

export type Respond = (request: IncomingMessage, guest: Guest) => Promise<Answer | Streamed>

export interface Route {
  /** Who is let in. What a method needs beyond that is the dispatcher's matter. `own`: the route asks who it is. */
  readonly scope: Scope | 'open' | 'own'
  readonly respond: Respond
}

export type Verbs = ReadonlyMap<string, Route>

export interface Routes {
  /** Stands before every path; empty for none. */
  readonly prefix: string
  /** Paths, and what answers each verb there. */
  readonly paths: ReadonlyMap<string, Verbs>
  /** What answers each verb at the addresses of files. */
  readonly files: Verbs
  /** What answers at a path of another API. */
  readonly dialects: (path: string) => DialectPlace | undefined
}

const callOf = ({ app }: Inside, { caller }: Guest): Call => ({
  app,
  transport: 'http',
  connection: null,
  caller,
})

/** Arguments that are orders: a GET is sent by whatever shows a picture, or fetches ahead. @throws bad_argument */
const refuseOrders = (
  method: string,
  verb: string | undefined,
  args: Readonly<Record<string, unknown>>,
): void => {
  if (verb !== 'GET') return
  const order = methodTable[method]?.params.find(({ name, scope }) => scope !== undefined && name in args)
  if (order === undefined) return
  throw new MoonkeeperError('bad_argument', `Argument '${order.name}' is an order: send it with POST`)
}

const restRoute =
  (inside: Inside, method: string, needsArguments: boolean): Respond =>
  async (request, guest) => {
    const body = await readBody(request, limitFor(guest, restBodyLimit))
    const contentType = request.headers['content-type']?.trim() ?? ''
    const sources = { query: queryOf(request.url), contentType, body, needsArguments }
    // A foreign page may look; an argument could turn the look into an order (?refresh=true).
    const args = guest.isForeign ? {} : httpArguments(sources)
    refuseOrders(method, request.method, args)
    return resultAnswer(await inside.dispatcher.invoke(method, args, callOf(inside, guest)))
  }

const klipperRoute =
  (inside: Inside, method: string): Respond =>
  (request, guest) =>
    answerForKlipper(inside, method, callOf(inside, guest), request, guest)

const rpcRoute =
  (inside: Inside): Respond =>
  async (request, guest) => {
    // Also what keeps a foreign page's form out.
    if (request.headers['content-type']?.trim().toLowerCase().startsWith('application/json') !== true)
      return plainError(400, 'bad_argument')
    const text = decodeUtf8(await readBody(request, limitFor(guest, rpcBodyLimit)))
    if (text === null) return plainError(500, 'internal')
    const answer = await inside.dispatcher.dispatch(text, callOf(inside, guest))
    return answer === null ? htmlAnswer(200, '') : jsonAnswer(answer)
  }

/** @param version shown on the page at / */
export const buildRoutes = (
  inside: Inside,
  version: string,
  prefix: string,
  dialects: readonly Dialect[],
): Routes => {
  const routes = new Map<string, Map<string, Route>>()
  const add = (verb: string, path: string, scope: Route['scope'], respond: Respond): void => {
    routes.set(path, (routes.get(path) ?? new Map<string, Route>()).set(verb, { scope, respond }))
  }
  add('GET', '/', 'open', async (_, { caller }) =>
    htmlAnswer(200, welcomePage(caller.requester === null ? null : version)),
  )
  // Of every method in it the dispatcher asks who calls it.
  add('POST', '/server/jsonrpc', 'open', rpcRoute(inside))
  for (const path of webSocketPaths)
    add('GET', path, 'open', async () => htmlAnswer(400, 'Can "Upgrade" only to "WebSocket".'))
  add('GET', '/server/redirect', 'open', redirectRoute(inside.app.access.gate))
  add('POST', uploadPath, 'admin', uploadRoute(inside, prefix))
  add('POST', imageUploadPath, 'update', imageUploadRoute(inside))
  add('GET', builtImagePath, 'update', builtImageRoute(inside))
  for (const [method, { http, params, scope, klipper }] of Object.entries(methodTable)) {
    if (http === null) continue
    if (klipper !== undefined) {
      for (const verb of klipperVerbs) add(verb, http.path, 'read', klipperRoute(inside, method))
      continue
    }
    const needsArguments = params.some(({ required }) => required)
    const entered = scope === 'open' ? 'open' : 'read'
    const hasOrders = params.some((parameter) => parameter.scope !== undefined)
    for (const verb of hasOrders ? new Set([http.verb, 'POST']) : [http.verb])
      add(verb, http.path, entered, restRoute(inside, method, needsArguments))
  }
  return {
    prefix,
    paths: routes,
    files: fileVerbs(inside, prefix),
    dialects: dialectPlaces(inside, dialects),
  }
}

/** What answers at a path. What Klipper offers is known only when it is there. */
export const verbsAt = (inside: Inside, routes: Routes, path: string): Verbs | undefined => {
  const known = routes.paths.get(path)
  if (known !== undefined) return known
  if (isOfFile(inside, path)) return routes.files
  const octoprint = octoprintVerbs(inside, path)
  if (octoprint !== undefined) return octoprint
  const method = klipperMethod(inside, path)
  if (method === null) return undefined
  const route: Route = { scope: 'read', respond: klipperRoute(inside, method) }
  return new Map(klipperVerbs.map((verb) => [verb, route]))
}
