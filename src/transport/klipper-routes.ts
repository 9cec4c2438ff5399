import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { MoonkeeperError } from '../contract/error.js'
import { methodTable } from '../contract/generated/tables.js'
import type { Call } from '../methods/context.js'
import type { Inside } from './door.js'
import { resultAnswer, type Answer } from './http-answer.js'
import { httpArguments, namedConnection, objectArguments, type Sources } from './http-arguments.js'
import { readBody } from './http-body.js'
import { queryOf, type Guest } from './reception.js'

/** Bytes. */
const bodyLimit = 1024 * 1024

/** compat: what is Klipper's takes both verbs. */
export const klipperVerbs = ['GET', 'POST'] as const

const prefix = '/printer/'

/** The method of a path that only Klipper knows; null when it has none there. */
export const klipperMethod = (inside: Inside, path: string): string | null => {
  if (!path.startsWith(prefix)) return null
  const endpoint = path.slice(prefix.length)
  const method = `printer.${endpoint.replaceAll('/', '.')}`
  return inside.app.klipper.endpointOf(method) === endpoint ? method : null
}

/** Our own page, or the address line. Over plain HTTP browsers tell neither, but where the reader came from. */
const isFromHere = (headers: IncomingHttpHeaders): boolean => {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { referer = '' } = headers
  return URL.canParse(referer) && new URL(referer).host === headers.host
}

/**
 * compat: Moonraker takes orders for Klipper by GET too, and scripts rely on it. But any page can have its reader's
 * browser fetch an image from here, without an Origin: what a browser asks for by GET is an order only when it comes from
 * here for certain.
 */
const refuseOrderOfPage = (
  method: string,
  { method: verb, headers }: IncomingMessage,
  { isForeign }: Guest,
): void => {
  if (methodTable[method]?.http?.verb === 'GET' || verb !== 'GET') return
  const isBrowser = headers['user-agent']?.startsWith('Mozilla/') === true
  if (!isForeign && (!isBrowser || isFromHere(headers))) return
  throw new MoonkeeperError('forbidden', 'A page must send this with POST: a GET could come from any page')
}

const argumentsOf = (method: string, sources: Sources): Readonly<Record<string, unknown>> =>
  methodTable[method]?.klipper?.startsWith('objects/') === true
    ? objectArguments(sources)
    : httpArguments(sources)

/** Answers a request for a method of Klipper's. */
export const answerForKlipper = async (
  inside: Inside,
  method: string,
  call: Call,
  request: IncomingMessage,
  guest: Guest,
): Promise<Answer> => {
  refuseOrderOfPage(method, request, guest)
  const body = await readBody(request, bodyLimit)
  const contentType = request.headers['content-type']?.trim() ?? ''
  const sources = { query: queryOf(request.url), contentType, body, needsArguments: false }
  // A foreign page may look, and nothing else.
  const args = argumentsOf(method, guest.isForeign ? { ...sources, query: '' } : sources)
  const id = namedConnection(sources)
  const connection = id === null ? null : inside.subscribers.webSocket(id)
  return resultAnswer(await inside.dispatcher.invoke(method, args, { ...call, connection }))
}
