import type { Check, DoctorHost, ForgePlace, Trouble } from './check.js'
import type { Reply } from './web.js'

/** What GitHub answers without counting it. Other forges may not know it: that they answer at all is enough. */
export const probeUrl = ({ url }: ForgePlace): string => `${url}/rate_limit`

const inMinutes = (reset: string | null, now: number): string => {
  const at = Number(reset) * 1000
  return Number.isFinite(at) && at > now ? `in ${Math.ceil((at - now) / 60_000)} minutes` : 'within an hour'
}

/** A certificate that does not hold yet, or not any more: as often as not it is our clock that is wrong. */
export const isAboutTime = (reply: Reply): boolean =>
  reply.kind === 'silent' && (reply.code === 'CERT_NOT_YET_VALID' || reply.code === 'CERT_HAS_EXPIRED')

const unreachable = (forge: ForgePlace, why: string): Trouble => {
  const { host } = new URL(forge.url)
  return {
    code: 'forge_unreachable',
    about: host,
    cause: `${host}, where releases are looked for, does not answer as it should: ${why}`,
    repair: `curl -sSI ${forge.url}; if that answers, try again later`,
  }
}

const limited = (forge: ForgePlace, reset: string | null, now: number): Trouble => {
  const { host } = new URL(forge.url)
  const token =
    forge.token === null
      ? '; a token of your own in moonraker.secrets allows more (docs/configuration.md)'
      : ''
  return {
    code: 'forge_rate_limited',
    about: host,
    cause: `${host} answers no more requests for a while: there were too many`,
    repair: `Wait: it goes on ${inMinutes(reset, now)}${token}`,
  }
}

const refused = (forge: ForgePlace): Trouble => {
  const { host } = new URL(forge.url)
  return {
    code: 'forge_token_refused',
    about: host,
    cause: `${host} does not take the token in moonraker.secrets: it ran out, or was withdrawn`,
    repair: 'Make a new one, or remove [github] token from moonraker.secrets',
  }
}

const troublesIn = (forge: ForgePlace, reply: Reply, now: number): readonly Trouble[] => {
  if (reply.kind === 'nameless') return []
  if (reply.kind === 'silent')
    return [
      unreachable(forge, `${reply.why}${isAboutTime(reply) ? ' - is the clock of this machine right?' : ''}`),
    ]
  const { status, header } = reply
  if (status === 401 && forge.token !== null) return [refused(forge)]
  if (status === 429 || header('x-ratelimit-remaining') === '0')
    return [limited(forge, header('x-ratelimit-reset'), now)]
  return status < 500 ? [] : [unreachable(forge, `HTTP ${status}`)]
}

/** GitHub, and the forges that stand in for it. */
export const forge: Check = {
  name: 'forge',
  async look({ forges, web, clock }: DoctorHost) {
    const replies = await Promise.all(forges.map(async (one) => [one, await web.ask(probeUrl(one))] as const))
    if (replies.every(([, { kind }]) => kind === 'nameless'))
      return { unknown: 'Its name leads to no address, so that it cannot be asked' }
    return replies.flatMap(([one, reply]) => troublesIn(one, reply, clock.now()))
  },
}
