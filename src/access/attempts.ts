import { isIP } from 'node:net'
import { MoonkeeperError, asMoonkeeperError } from '../contract/error.js'

/** Addresses that are remembered; the one that failed longest ago goes first. */
const most = 1024

/** From one address: who floods us must not keep others out. */
const mostAtOnce = 2

/** Who has an IPv6 address has a whole /64 of them. */
const groupOf = (address: string): string => {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('::')
  const front = head === '' ? [] : head.split(':')
  const missing =
    tail === undefined ? 0 : 8 - front.length - tail.split(':').filter((part) => part !== '').length
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')]
  return groups.slice(0, 4).join(':')
}

/** Logins that failed in a row, by address. Kept until a restart. */
export class Attempts {
  private readonly failed = new Map<string, number>()
  private readonly trying = new Map<string, number>()

  /**
   * Tries to log in.
   * @param address null: is not counted
   * @param limit null: there is none
   * @throws unauthorized when there were too many, busy when there are too many at once; what the try throws
   */
  async count<T>(address: string | null, limit: number | null, attempt: () => Promise<T>): Promise<T> {
    if (address === null) return attempt()
    const group = groupOf(address)
    if (limit !== null && (this.failed.get(group) ?? 0) >= limit)
      throw new MoonkeeperError('unauthorized', 'Unauthorized, Maximum Login Attempts Reached')
    if ((this.trying.get(group) ?? 0) >= mostAtOnce)
      throw new MoonkeeperError(
        'busy',
        'Too many logins at once from your address: try again in a few seconds',
      )
    this.trying.set(group, (this.trying.get(group) ?? 0) + 1)
    // Before it is known how it ends: those who try many at once are counted too.
    this.fail(group)
    try {
      const result = await attempt()
      this.failed.delete(group)
      return result
    } catch (thrown) {
      if (asMoonkeeperError(thrown).kind === 'busy') this.forgive(group)
      throw thrown
    } finally {
      this.leave(group)
    }
  }

  private leave(group: string): void {
    const count = this.trying.get(group) ?? 0
    if (count > 1) this.trying.set(group, count - 1)
    else this.trying.delete(group)
  }

  private fail(group: string): void {
    const count = (this.failed.get(group) ?? 0) + 1
    this.failed.delete(group)
    this.failed.set(group, count)
    for (const [oldest] of this.failed) {
      if (this.failed.size <= most) return
      this.failed.delete(oldest)
    }
  }

  /** One that was not tried after all. */
  private forgive(group: string): void {
    const count = this.failed.get(group) ?? 0
    if (count > 1) this.failed.set(group, count - 1)
    else this.failed.delete(group)
  }
}
