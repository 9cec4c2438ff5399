import type { AuthorizationSettings, ScopeTable } from '../config/index.js'
import type { Network } from '../config/networks.js'
import type { Scope } from '../contract/requester.js'
import { hostMatcher } from './hosts.js'
import { matcherFor, type Matcher } from './networks.js'
import { originMatcher } from './origins.js'
import type { TrustedNames } from './trusted-names.js'

/** compat: what access.get_user calls those who are no users. */
export const keyName = '_API_KEY_USER_'
export const trustedName = '_TRUSTED_USER_'

/** What the configuration says of who may enter, and do what. */
export interface Policy {
  readonly settings: AuthorizationSettings
  readonly isProxy: Matcher
  /** By address or network. */
  readonly isTrusted: Matcher
  /** Whether a page of that origin may use the API. */
  readonly allowsOrigin: (origin: string) => boolean
  /** Whether a Host header is one that we answer to. */
  readonly answersTo: (host: string) => boolean
  readonly scopeOf: (name: string) => Scope
  /** True when not everyone may do everything. */
  readonly hasScopes: boolean
}

/** The parts of the configuration that count here. */
export interface PolicySource {
  readonly authorization: AuthorizationSettings
  readonly trustedProxies: readonly Network[]
  readonly scopes: ScopeTable
}

/** Names that were written for these two, beside their own. */
const otherNames: Readonly<Record<string, string>> = {
  [keyName]: 'api_key',
  [trustedName]: 'trusted_clients',
}

/** Names that no user can have. */
export const isReserved = (name: string): boolean =>
  name === keyName || name === trustedName || Object.values(otherNames).includes(name)

const scopesFrom =
  (table: ScopeTable) =>
  (name: string): Scope => {
    if (table === null) return 'admin'
    const other = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined
    return table.get(name) ?? table.get(other ?? name) ?? 'read'
  }

/** @param ours our own names, in lower case */
export const createPolicy = (
  { authorization: settings, trustedProxies, scopes }: PolicySource,
  ours: readonly string[],
  names: TrustedNames,
): Policy => {
  const inNetworks = matcherFor(settings.trustedNetworks)
  const isTrusted: Matcher = (address) => inNetworks(address) || names.has(settings.trustedNames, address)
  const allowsOrigin = originMatcher(settings.corsDomains, isTrusted)
  return {
    settings,
    isProxy: matcherFor(trustedProxies),
    isTrusted,
    allowsOrigin,
    answersTo: hostMatcher(ours, allowsOrigin),
    scopeOf: scopesFrom(scopes),
    hasScopes: scopes !== null,
  }
}
