import { canonicalAddress } from '../config/networks.js'
import type { Clock } from '../system/clock.js'
import type { Names } from '../system/names.js'

/** Milliseconds for which a name's addresses count, and for which one that is not known is not asked for again. */
const lifetime = 60_000

interface Known {
  addresses: ReadonlySet<string>
  until: number
  asking: Promise<void> | null
}

/**
 * The addresses of trusted hosts. They are found by the host's name: what an address claims to be called is its owner's
 * word, and that may be anybody.
 */
export class TrustedNames {
  private readonly known = new Map<string, Known>()

  constructor(
    private readonly names: Names,
    private readonly clock: Clock,
  ) {}

  /** As far as it was learned. */
  has(hosts: readonly string[], address: string): boolean {
    return hosts.some((host) => this.known.get(host)?.addresses.has(address) === true)
  }

  /** Asks for the hosts of which nothing new is known. */
  async learn(hosts: readonly string[]): Promise<void> {
    await Promise.all(hosts.map((host) => this.ask(host)))
  }

  private async ask(host: string): Promise<void> {
    const now = this.clock.now()
    const known = this.known.get(host) ?? { addresses: new Set<string>(), until: 0, asking: null }
    this.known.set(host, known)
    if (known.asking !== null) return known.asking
    // A clock that was set back must not keep an address for ever.
    if (now < known.until && known.until - now <= lifetime) return
    known.asking = this.names.addressesOf(host).then((found) => {
      const addresses = found
        .map((address) => canonicalAddress(address))
        .filter((address) => address !== null)
      Object.assign(known, {
        addresses: new Set(addresses),
        until: this.clock.now() + lifetime,
        asking: null,
      })
    })
    await known.asking
  }
}
