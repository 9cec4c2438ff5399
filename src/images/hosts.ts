import { BlockList, isIP } from 'node:net'
import { MoonkeeperError } from '../contract/error.js'
import type { AddressGuard } from '../system/http.js'

/** What a name must never lead to: this machine, its links, and everybody at once. */
const forbidden = (): BlockList => {
  const list = new BlockList()
  for (const [net, prefix] of [
    ['0.0.0.0', 8],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const)
    list.addSubnet(net, prefix, 'ipv4')
  for (const [net, prefix] of [
    ['::', 128],
    ['::1', 128],
    ['fe80::', 10],
    ['ff00::', 8],
  ] as const)
    list.addSubnet(net, prefix, 'ipv6')
  return list
}

const list = forbidden()

const isForbidden = (address: string): boolean => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  const bare = mapped ?? address
  return list.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4')
}

const nameOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').toLowerCase()

const refused = (what: string): MoonkeeperError =>
  new MoonkeeperError('refused', `${what} Nothing was fetched.`)

/**
 * What is allowed to be asked for an image: the hosts that the configuration names, by name or address. A name may not
 * lead to this machine or its links; an address that is named as such may.
 * @throws refused
 */
export const guardFor = (url: string, hosts: readonly string[]): AddressGuard => {
  if (hosts.length === 0)
    throw refused("Images are not fetched here: 'image_hosts' in [moonkeeper] names no host to fetch from.")
  const allowed = new Set(hosts.map((host) => host.replace(/^\[|\]$/g, '').toLowerCase()))
  const guard: AddressGuard = {
    checkUrl(next) {
      const name = nameOf(next)
      if (!allowed.has(name))
        throw refused(`${name} is not one of the hosts that 'image_hosts' in [moonkeeper] names.`)
    },
    checkAddress(name, address) {
      if (allowed.has(address) || !isForbidden(address)) return
      throw refused(`${name} leads to ${address}, which is no place to fetch images from.`)
    },
  }
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (
    parsed === null ||
    !['http:', 'https:'].includes(parsed.protocol) ||
    parsed.username + parsed.password !== ''
  )
    throw refused('Images are fetched from http and https addresses only, without a password in them.')
  guard.checkUrl(parsed)
  return guard
}
