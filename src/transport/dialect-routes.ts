import type { IncomingMessage } from 'node:http'
import { MoonkeeperError } from '../contract/error.js'
import type { Call } from '../methods/context.js'
import type { Dialect, DialectAnswer, DialectRequest, DialectRoute } from '../rpc/dialect.js'
import type { Inside } from './door.js'
import type { Answer } from './http-answer.js'
import { readBody } from './http-body.js'
import { receiveImage } from './image-routes.js'
import { queryOf, type Guest } from './reception.js'
import type { Route, Verbs } from './routes.js'

/** Bytes: of what is read whole. Enough for any of them, and not much for a stranger. */
const bodyLimit = 64 * 1024

/** What answers at a path of a dialect. */
export interface DialectPlace {
  readonly verbs: Verbs
  readonly refuse: (refusal: MoonkeeperError, status?: number) => Answer
}

type Parameters = Readonly<Record<string, string>>

interface Pattern {
  readonly dialect: Dialect
  readonly parts: readonly string[]
  readonly routes: readonly DialectRoute[]
}

const isName = (part: string): boolean => part.startsWith('{')

/** Written out before not, from left to right. */
const bySpecificity = (a: Pattern, b: Pattern): number => {
  const rank = ({ parts }: Pattern): string => parts.map((part) => Number(isName(part))).join('')
  return rank(a).localeCompare(rank(b))
}

const patternsOf = (dialect: Dialect): readonly Pattern[] =>
  [...new Set(dialect.routes.map(({ path }) => path))].map((path) => ({
    dialect,
    parts: path.split('/'),
    routes: dialect.routes.filter((route) => route.path === path),
  }))

const decoded = (part: string): string | null => {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

/** null when it is another path. */
const parametersIn = ({ parts }: Pattern, given: readonly string[]): Parameters | null => {
  if (parts.length !== given.length) return null
  const found: [string, string][] = []
  for (const [index, part] of parts.entries()) {
    const value = given[index] ?? ''
    if (!isName(part)) {
      if (part !== value) return null
      continue
    }
    const text = decoded(value)
    if (text === null || text === '') return null
    found.push([part.slice(1, -1), text])
  }
  return Object.fromEntries(found)
}

const typeOf = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

const answerOf = ({ status, headers, body }: DialectAnswer): Answer => ({
  status,
  ...(headers === undefined ? {} : { headers }),
  contentType: 'application/json; charset=UTF-8',
  body: body === undefined ? '' : JSON.stringify(body),
})

const requestFor = (
  { app }: Inside,
  dialect: Dialect,
  parameters: Parameters,
  request: IncomingMessage,
  guest: Guest,
): DialectRequest => {
  const call = (caller: Guest['caller']): Call => ({
    app,
    transport: 'http',
    connection: null,
    caller,
    dialect: dialect.name,
  })
  return {
    path: request.url?.split('?', 1)[0] ?? '',
    parameters,
    query: queryOf(request.url),
    contentType: typeOf(request),
    call: call(guest.caller),
    callBy: async (token) => {
      const { socket, headers } = request
      const seen = { peer: socket.remoteAddress, headers, query: '', shown: token }
      const { caller, refusal } = await app.access.gate.arrive(seen)
      if (refusal !== null) throw refusal
      return call(caller)
    },
    body: () => readBody(request, bodyLimit),
    image: () => receiveImage(app.images, request),
  }
}

const routeFor = (inside: Inside, dialect: Dialect, route: DialectRoute, parameters: Parameters): Route => ({
  scope: route.scope,
  respond: async (request, guest) =>
    answerOf(await route.respond(requestFor(inside, dialect, parameters, request, guest))),
})

/** @returns what answers at a path, below the prefix; undefined when no dialect that is on has it */
export const dialectPlaces = (
  inside: Inside,
  dialects: readonly Dialect[],
): ((path: string) => DialectPlace | undefined) => {
  const patterns = dialects.flatMap(patternsOf).sort(bySpecificity)
  return (path) => {
    const given = path.split('/')
    for (const pattern of patterns) {
      const { dialect, routes } = pattern
      const parameters = parametersIn(pattern, given)
      if (parameters === null || !dialect.isOn()) continue
      return {
        verbs: new Map(routes.map((route) => [route.verb, routeFor(inside, dialect, route, parameters)])),
        refuse: (refusal, status = refusal.status) => answerOf(dialect.refuse(refusal, status)),
      }
    }
    return undefined
  }
}

/** What the door itself says, for a dialect to put into its own words. */
export const wrongVerb = (verbs: Verbs): MoonkeeperError =>
  new MoonkeeperError('method_not_found', `Only ${[...verbs.keys()].join(' and ')} can be done here`)
