import { scopes as knownScopes, type Scope } from '../contract/requester.js'
import type { ReaderSetup } from './section-reader.js'
import { SectionReader } from './section-reader.js'
import { parseNetwork, type Network } from './networks.js'

/** What [authorization] says, checked. */
export interface AuthorizationSettings {
  /** False without the section: then only this machine may enter. */
  readonly configured: boolean
  readonly enableApiKey: boolean
  /** Days. */
  readonly loginTimeout: number
  /** null: as many as one likes. */
  readonly maxLoginAttempts: number | null
  readonly forceLogins: boolean
  readonly trustedNetworks: readonly Network[]
  /** Host names, in lower case. */
  readonly trustedNames: readonly string[]
  /** Origins; `*` stands for anything. */
  readonly corsDomains: readonly string[]
}

/** Without the section: this machine itself, and nobody else. */
const loopback: readonly Network[] = [
  { family: 'ipv4', address: '127.0.0.0', prefix: 8 },
  { family: 'ipv6', address: '::1', prefix: 128 },
]

type Reader = SectionReader<'authorization'>

/** compat: the texts of all warnings here. */
const trustedIn = (reader: Reader): Pick<AuthorizationSettings, 'trustedNetworks' | 'trustedNames'> => {
  const trustedNetworks: Network[] = []
  const trustedNames: string[] = []
  for (const entry of reader.finish().trusted_clients) {
    const network = parseNetwork(entry)
    if (network === 'inside')
      reader.warn(`[authorization]: Invalid CIDR expression '${entry}' in option 'trusted_clients'`)
    else if (network !== null) trustedNetworks.push(network)
    else if (isHostName(entry)) trustedNames.push(entry)
    else reader.warn(`[authorization]: Invalid domain name '${entry}' in option 'trusted_clients'`)
  }
  return { trustedNetworks, trustedNames }
}

/** compat: lower case, and it ends in two letters. */
const isHostName = (text: string): boolean =>
  /[a-z]{2}$/.test(text) &&
  text.length <= 253 &&
  text.split('.').every((label) => /^[a-z0-9-]+$/.test(label) && !/^-|-$|--/.test(label))

const domainProblem = (domain: string): string | null => {
  if (/^.+\.[^:]*\*/.test(domain))
    return `[authorization]: Unsafe domain '${domain}' in option 'cors_domains'. Wildcards are not permitted in the top level domain.`
  if (domain.endsWith('/'))
    return `[authorization]: Invalid domain '${domain}' in option 'cors_domains'.  Domain's cannot contain a trailing slash.`
  return null
}

const corsDomainsIn = (reader: Reader): readonly string[] =>
  reader.finish().cors_domains.filter((domain) => {
    const problem = domainProblem(domain)
    if (problem !== null) reader.warn(problem)
    return problem === null
  })

const warnAboutSource = (reader: Reader): void => {
  const source = reader.finish().default_source.toLowerCase()
  if (source === 'moonraker') return
  if (source === 'ldap')
    reader.warn(
      "[authorization]: Option 'default_source' set to 'ldap', which is not served: passwords are those of this " +
        "machine's own users. Write 'default_source: moonraker'",
    )
  else
    reader.warn(
      `[authorization]: option 'default_source' - Invalid value '${source}', falling back to 'moonraker'.`,
    )
}

/**
 * Reads [authorization].
 * @throws refused, with file and line: a door that was meant to be shut must not stand open over a typing error
 */
export const readAuthorization = (
  setup: ReaderSetup,
): { readonly reader: Reader; readonly settings: AuthorizationSettings } => {
  const reader = new SectionReader('authorization', 'authorization', setup)
  const options = [
    'enable_api_key',
    'login_timeout',
    'max_login_attempts',
    'force_logins',
    'default_source',
    'trusted_clients',
    'cors_domains',
  ] as const
  for (const option of options) reader.read(option)
  warnAboutSource(reader)
  const configured = reader.section !== null
  const trusted = trustedIn(reader)
  const values = reader.finish()
  const settings = {
    configured,
    enableApiKey: values.enable_api_key,
    loginTimeout: values.login_timeout,
    maxLoginAttempts: values.max_login_attempts ?? null,
    forceLogins: values.force_logins,
    trustedNetworks: configured ? trusted.trustedNetworks : loopback,
    trustedNames: trusted.trustedNames,
    corsDomains: corsDomainsIn(reader),
  }
  return { reader, settings }
}

/** What the lines of `scopes` say; null without any. Names that are not in it may look. */
export type ScopeTable = ReadonlyMap<string, Scope> | null

/** A line that is none gives nobody anything, and the others count: what was written to shut must not open. */
export const scopesIn = (reader: SectionReader<'moonkeeper'>): ScopeTable => {
  const lines = reader.finish().scopes
  if (lines.length === 0) return null
  const table = new Map<string, Scope>()
  for (const line of lines) {
    const delimiter = line.lastIndexOf('=')
    const name = line.slice(0, Math.max(delimiter, 0)).trim()
    const scope = knownScopes.find(
      (known) =>
        known ===
        line
          .slice(delimiter + 1)
          .trim()
          .toLowerCase(),
    )
    if (name === '' || scope === undefined)
      reader.warn(
        `[moonkeeper]: option 'scopes' has the line '${line}', which gives nothing: write NAME = read, update or admin`,
      )
    else table.set(name, scope)
  }
  return table
}

/** @throws refused: a proxy that is not recognised would be taken for its clients */
export const proxiesIn = (reader: SectionReader<'moonkeeper'>): readonly Network[] =>
  reader.finish().trusted_proxies.map((entry) => {
    const network = parseNetwork(entry)
    if (network !== null && network !== 'inside') return network
    throw reader.fault(
      'trusted_proxies',
      `must have addresses and networks such as 10.0.0.0/24, not '${entry}'`,
    )
  })
