import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import type { AccessRecord } from '../contract/generated/types.js'
import { MoonkeeperError } from '../contract/error.js'

export type StoredPassword = AccessRecord['users'][number]['password']

/** 16 MiB and about a tenth of a second: what a small board can spare while it prints. */
const cost = { cost: 2 ** 14, block_size: 8, parallel: 5 }
const hashLength = 32
const saltLength = 16

/** Bytes: nobody types more. */
const longest = 1024

/** Waiting for their turn: more are refused, before they hold up memory. */
const mostWaiting = 32

const derive = (password: string, salt: Buffer, given: typeof cost, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { N: given.cost, r: given.block_size, p: given.parallel, maxmem: 256 * 1024 * 1024 }
    scrypt(password, salt, length, options, (cause, key) => (cause === null ? resolve(key) : reject(cause)))
  })

const busy = (): MoonkeeperError =>
  new MoonkeeperError('busy', 'Too many logins at once: try again in a few seconds')

/** Hashing is made to be slow, so it is done one at a time: who floods us with logins must not take the machine. */
export class Passwords {
  private turn: Promise<unknown> = Promise.resolve()
  private waiting = 0

  /** @throws bad_argument for one that is empty or endless, busy */
  async hash(password: string): Promise<StoredPassword> {
    if (password === '')
      throw new MoonkeeperError('bad_argument', 'The password is empty: choose another one')
    if (Buffer.byteLength(password) > longest)
      throw new MoonkeeperError(
        'bad_argument',
        `The password is longer than ${longest} bytes: choose another one`,
      )
    const salt = randomBytes(saltLength)
    const hash = await this.inTurn(() => derive(password, salt, cost, hashLength))
    return { salt: salt.toString('base64'), hash: hash.toString('base64'), ...cost }
  }

  /** @throws busy */
  async matches(password: string, stored: StoredPassword): Promise<boolean> {
    if (Buffer.byteLength(password) > longest) return false
    const [salt, expected] = [Buffer.from(stored.salt, 'base64'), Buffer.from(stored.hash, 'base64')]
    const hash = await this.inTurn(() => derive(password, salt, stored, expected.length))
    return timingSafeEqual(hash, expected)
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting >= mostWaiting) throw busy()
    this.waiting += 1
    const result = this.turn.then(work)
    this.turn = result.catch(() => undefined)
    try {
      return await result
    } finally {
      this.waiting -= 1
    }
  }
}
