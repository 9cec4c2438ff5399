import type { IncomingMessage } from 'node:http'
import type { Arrival, Gate } from '../access/gate.js'
import { isForeign } from './origin.js'

/** Who stands at the door, and where they come from. */
export interface Guest extends Arrival {
  /** They ask for a name that is not ours (DNS rebinding). */
  readonly isLost: boolean
  /** A page of another origin that `cors_domains` does not allow. */
  readonly isForeign: boolean
  /** What the answer says to the browser. */
  readonly cors: Readonly<Record<string, string>>
}

/** More than one would mean another name to each that reads them. */
const hostsOf = ({ rawHeaders }: IncomingMessage): readonly string[] =>
  rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host')

export const queryOf = (url = ''): string => {
  const mark = url.indexOf('?')
  return mark < 0 ? '' : url.slice(mark + 1)
}

/** compat: what Moonraker lets foreign pages send, its spelling included. */
const preflight = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'Access-Control-Allow-Headers':
    'Origin, Accept, Content-Type, X-Requested-With, X-CRSF-Token, Authorization, X-Access-Token, X-Api-Key',
}

const corsHeaders = ({ method, headers }: IncomingMessage, origin: string): Record<string, string> => {
  const allowed = { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' }
  if (method !== 'OPTIONS') return allowed
  const asksForPrivate = headers['access-control-request-private-network'] === 'true'
  return {
    ...allowed,
    ...preflight,
    ...(asksForPrivate ? { 'Access-Control-Allow-Private-Network': 'true' } : {}),
  }
}

/** Looks at a request before anything is done for it. */
export const receive = async (gate: Gate, request: IncomingMessage): Promise<Guest> => {
  const { socket, headers, url } = request
  const arrival = await gate.arrive({ peer: socket.remoteAddress, headers, query: queryOf(url) })
  const origin = headers.origin ?? headers['sec-websocket-origin']
  const allowed = typeof origin === 'string' && gate.allowsOrigin(origin)
  const hosts = hostsOf(request)
  return {
    ...arrival,
    isLost: hosts.length > 1 || hosts.some((host) => !gate.answersTo(host)),
    isForeign: !allowed && isForeign(headers),
    cors: allowed ? corsHeaders(request, origin) : {},
  }
}
