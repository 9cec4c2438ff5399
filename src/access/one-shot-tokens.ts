import { randomBytes } from 'node:crypto'
import type { Credential } from '../contract/requester.js'
import type { Clock } from '../system/clock.js'

/** Milliseconds. compat: as Moonraker's. */
const lifetime = 5_000

/** Tokens that are good at once; the oldest goes when there are more. */
const most = 1024

/** What somebody showed who got a token; null when their address was enough. */
interface Issued {
  readonly address: string
  readonly credential: Credential | null
  readonly until: number
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** compat: 160 random bits in base32. */
const randomToken = (): string => {
  let bits = BigInt(`0x${randomBytes(20).toString('hex')}`)
  let text = ''
  for (; text.length < 32; bits >>= 5n) text += letters[Number(bits & 31n)]
  return text
}

/** Good once, for five seconds, and only from the address that asked for it. */
export class OneShotTokens {
  private readonly issued = new Map<string, Issued>()

  constructor(private readonly clock: Clock) {}

  issue(address: string, credential: Credential | null): string {
    this.dropOld()
    const token = randomToken()
    this.issued.set(token, { address, credential, until: this.clock.now() + lifetime })
    return token
  }

  /** @returns what its owner had shown; undefined when it is not good */
  take(token: string, address: string | null): Credential | null | undefined {
    const found = this.issued.get(token)
    if (found === undefined) return undefined
    this.issued.delete(token)
    const left = found.until - this.clock.now()
    return found.address === address && left > 0 && left <= lifetime ? found.credential : undefined
  }

  private dropOld(): void {
    const now = this.clock.now()
    for (const [token, { until }] of this.issued)
      if (until <= now || this.issued.size >= most) this.issued.delete(token)
  }
}
