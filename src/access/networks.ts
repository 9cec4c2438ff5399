import { BlockList, isIP } from 'node:net'
import type { Network } from '../config/networks.js'

/** Tells whether a canonical address is in one of some networks. */
export type Matcher = (address: string) => boolean

/** Ranges of each family on their own: an IPv4 address is in no range of IPv6, `::/0` included. */
export const matcherFor = (networks: readonly Network[]): Matcher => {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const { family, address, prefix } of networks) lists[family].addSubnet(address, prefix, family)
  return remembering((address) => {
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    return isIP(address) !== 0 && lists[family].check(address, family)
  })
}

/** Answers that are kept: every notification asks it of every connection. */
const most = 1024

const remembering = (ask: Matcher): Matcher => {
  const known = new Map<string, boolean>()
  return (address) => {
    const before = known.get(address)
    if (before !== undefined) return before
    if (known.size >= most) known.clear()
    const answer = ask(address)
    known.set(address, answer)
    return answer
  }
}
