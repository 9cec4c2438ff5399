import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'

/** Names in the network. */
export interface Names {
  /** Every address of a host, in any order; none when it is not known, or when that is not known in time. */
  addressesOf(host: string): Promise<readonly string[]>
  /** What this machine is called: its host name, and that in the domains of its network. In lower case. */
  ours(): Promise<readonly string[]>
  /** The host name alone. */
  hostName(): string
}

/** Milliseconds. */
const patience = 5_000

const waited = (): Promise<readonly string[]> =>
  new Promise((resolve) => setTimeout(() => resolve([]), patience).unref())

const addressesOf = (host: string): Promise<readonly string[]> => {
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  )
  return Promise.race([found, waited()])
}

/** The domains in which the network looks for names without a dot. */
const searchDomains = (resolvConf: string): readonly string[] =>
  resolvConf
    .split('\n')
    .flatMap((line) => /^\s*(?:search|domain)\s+(.*)/.exec(line)?.[1]?.trim().split(/\s+/) ?? [])
    .map((domain) => domain.toLowerCase().replace(/\.$/, ''))
    .filter((domain) => domain !== '')

export const systemNames: Names = {
  addressesOf,
  ours: async () => {
    const name = hostname().toLowerCase()
    const domains = searchDomains(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''))
    return [name, ...domains.map((domain) => `${name}.${domain}`)]
  },
  hostName: hostname,
}
