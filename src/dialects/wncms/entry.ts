import type { MoonkeeperDialectOptions } from '../../contract/generated/types.js'
import type { Scope } from '../../contract/requester.js'
import type { Call } from '../../methods/context.js'
import { admit } from '../../rpc/admission.js'
import type { DialectAnswer, DialectRequest, DialectRoute } from '../../rpc/dialect.js'
import { bodyFields, mistakesIn, queryFields, type Fields, type Shape } from '../fields.js'
import { failure } from './envelope.js'

/** What every endpoint of this API has. */
export interface Endpoint {
  readonly verbs: readonly string[]
  readonly path: string
  readonly shape: Shape
  readonly toggle: 'wncms_api_update' | 'wncms_api_update_progress' | 'wncms_api_updates'
  /** null: nobody is asked who they are. */
  readonly scope: (toggles: MoonkeeperDialectOptions) => Scope | null
  /** Refused before the request is looked at. */
  readonly closed?: (toggles: MoonkeeperDialectOptions) => string | null
  readonly respond: (fields: Fields, call: Call, path: string) => Promise<DialectAnswer>
}

/** The token goes no further than here. */
const splitToken = (
  given: Fields,
): { readonly token: string | null; readonly isOdd: boolean; readonly rest: Fields } => {
  const { api_token: token, ...rest } = given
  const isOdd = token !== undefined && token !== null && typeof token !== 'string'
  return { token: typeof token === 'string' && token !== '' ? token : null, isOdd, rest }
}

/** @throws bad_argument, too_large, unauthorized, forbidden */
const enter = async (
  { path, shape, scope, toggle, closed, respond }: Endpoint,
  toggles: MoonkeeperDialectOptions,
  request: DialectRequest,
): Promise<DialectAnswer> => {
  if (!toggles[toggle]) return failure(403, 'API access is disabled')
  const { token, isOdd, rest } = splitToken(await bodyFields(request, shape))
  const needed = scope(toggles)
  if (needed !== null && isOdd) return failure(401, 'Invalid token')
  const call = needed === null ? request.call : await request.callBy(token)
  if (needed !== null) admit(call.caller, needed, path)
  const why = closed?.(toggles) ?? null
  if (why !== null) return failure(403, why)
  const fields = { ...splitToken(queryFields(request, shape)).rest, ...rest }
  const errors = mistakesIn(shape, fields)
  if (errors !== null) return failure(422, 'Validation failed', { errors })
  return respond(fields, call, request.path)
}

export const routesOf = (
  endpoint: Endpoint,
  toggles: () => MoonkeeperDialectOptions,
): readonly DialectRoute[] =>
  endpoint.verbs.map((verb) => ({
    verb,
    path: endpoint.path,
    scope: 'own',
    respond: (request) => enter(endpoint, toggles(), request),
  }))
