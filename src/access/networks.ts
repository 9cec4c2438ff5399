import { BlockList, isIP } from 'node:net'
import type { Network } from '../config/networks.js'

/** Tells whether a canonical address is in one of some networks. */
export type Matcher = (address: string) => boolean

/** Ranges of each family on their own: an IPv4 address is in no range of IPv6, `::/0` included. */
export const matcherFor = (networks: readonly Network[]): Matcher => {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const { family, address, prefix } of networks) lists[family].addSubnet(address, prefix, family)
  return (address) => {
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    return isIP(address) !== 0 && lists[family].check(address, family)
  }
}
