import path from 'node:path'
import { randomBytes } from 'node:crypto'
import type { AccessRecord } from '../contract/generated/types.js'
import { AccessRecord as isAccessRecord } from '../contract/generated/validators.js'
import { MoonkeeperError, asMoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { Files } from '../system/files.js'
import type { SigningKey } from './tokens.js'

export type User = AccessRecord['users'][number]

const newKey = (): string => randomBytes(16).toString('hex')

const parse = (text: string): AccessRecord | null => {
  try {
    const value = JSON.parse(text) as unknown
    return isAccessRecord(value) ? (value as AccessRecord) : null
  } catch {
    return null
  }
}

/** Users and the API key, on the disk before anyone is told of a change. */
export class Users {
  private readonly file: string
  private readonly damagedFile: string
  private record: AccessRecord
  private byName = new Map<string, User>()
  private byKeyId = new Map<string, User>()
  private turn: Promise<unknown> = Promise.resolve()
  /** True while a list that could not be read lies beside: somebody was a user once. */
  private damaged = false

  constructor(
    folder: string,
    private readonly files: Files,
    private readonly clock: Clock,
  ) {
    this.file = path.join(folder, 'access.json')
    this.damagedFile = `${this.file}.damaged`
    this.record = this.fresh()
  }

  /** @returns what people must know of; null when all is well. @throws what the file system refuses */
  async open(): Promise<string | null> {
    const text = await this.files.readText(this.file)
    const found = text === null ? null : parse(text)
    if (text !== null && found === null) await this.files.rename(this.file, this.damagedFile)
    if (found === null) await this.store(this.fresh())
    else this.use(found)
    this.damaged = (await this.files.stat(this.damagedFile)) !== null
    if (!this.damaged) return null
    return (
      `The list of users was damaged and could not be read: it lies in ${this.damagedFile} now, there are no users, and the API ` +
      'key is a new one. Create the users anew, then remove that file.'
    )
  }

  get apiKey(): string {
    return this.record.api_key
  }

  /** Unix time in seconds. */
  get apiKeyCreatedOn(): number {
    return this.record.api_key_created_on
  }

  /** In the order of their creation. */
  get all(): readonly User[] {
    return this.record.users
  }

  /** Whether logins can be demanded of everyone. What was shut must not open because a list cannot be read. */
  get any(): boolean {
    return this.damaged || this.record.users.length > 0
  }

  find(name: string): User | null {
    return this.byName.get(name) ?? null
  }

  /** The key of a user who is logged in. */
  signingKey(id: string): SigningKey | null {
    return this.byKeyId.get(id)?.signing_key ?? null
  }

  /** @throws refused when there is one of that name */
  add(user: User): Promise<void> {
    return this.change((record) => {
      if (record.users.some(({ username }) => username === user.username))
        throw new MoonkeeperError('refused', `User ${user.username} already exists`)
      return { ...record, users: [...record.users, user] }
    })
  }

  /**
   * Changes a user as they are by then.
   * @returns them as they are now
   * @throws refused when they were deleted
   */
  async update(name: string, next: (user: User) => User): Promise<User> {
    let updated: User | null = null
    await this.change((record) => {
      const found = record.users.find(({ username }) => username === name)
      if (found === undefined) throw new MoonkeeperError('refused', `No registered user: ${name}`)
      const user = (updated = next(found))
      if (user === found) return record
      return { ...record, users: record.users.map((other) => (other === found ? user : other)) }
    })
    return updated as unknown as User
  }

  remove(name: string): Promise<void> {
    return this.change((record) => ({
      ...record,
      users: record.users.filter(({ username }) => username !== name),
    }))
  }

  renewApiKey(): Promise<void> {
    return this.change((record) => ({ ...record, api_key: newKey(), api_key_created_on: this.seconds() }))
  }

  private seconds(): number {
    return this.clock.now() / 1000
  }

  private fresh(): AccessRecord {
    return { version: 1, api_key: newKey(), api_key_created_on: this.seconds(), users: [] }
  }

  private use(record: AccessRecord): void {
    this.record = record
    this.byName = new Map(record.users.map((user) => [user.username, user]))
    this.byKeyId = new Map(
      record.users.flatMap((user) =>
        user.signing_key === null ? [] : [[user.signing_key.id, user] as const],
      ),
    )
  }

  /** One after the other, each from what the one before it left. */
  private async change(next: (record: AccessRecord) => AccessRecord): Promise<void> {
    const done = this.turn.then(() => this.store(next(this.record)))
    this.turn = done.catch(() => undefined)
    await done
  }

  private async store(record: AccessRecord): Promise<void> {
    if (record === this.record) return
    try {
      await this.files.makeFolder(path.dirname(this.file))
      await this.files.writeSecret(this.file, `${JSON.stringify(record, null, 1)}\n`)
    } catch (thrown) {
      throw asMoonkeeperError(thrown)
    }
    this.use(record)
  }
}
