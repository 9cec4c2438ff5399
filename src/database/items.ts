import { MoonkeeperError } from '../contract/error.js'
import type { Json } from '../contract/json.js'
import type { Database } from './database.js'
import { itemPath, noItem, recordWith, recordWithout, valueAt, type ItemKey } from './item-key.js'

/** compat: what belongs to the server may be read by everyone and written by nobody. */
const protectedAlways = ['moonraker', 'update_manager', 'announcements', 'gcode_metadata']
/** What the database knows about itself. */
const own = 'database'

/** Always there, also without an item. */
const registered = ['moonraker', 'announcements']

/** Items as clients see them: with what they may read and write, and with keys into the records. */
export class Items {
  constructor(private readonly database: Database) {}

  /** The namespaces that a client may read. */
  namespaces(): readonly string[] {
    const names = new Set([...registered, ...this.database.namespaces()])
    return [...names].filter((name) => !this.isForbidden(name))
  }

  /**
   * @param key null for every record of the namespace
   * @throws forbidden, not_found, bad_argument
   */
  get(namespace: string, key: ItemKey | null): Json {
    this.refuseForbidden(namespace)
    if (key === null) return this.namespace(namespace)
    const { record, rest } = itemPath(key)
    const found = this.database.read(namespace, record)
    if (found === undefined) throw noItem(namespace, record)
    const value = valueAt(found, rest)
    if (value === undefined) throw noItem(namespace, key)
    return value
  }

  /**
   * Objects on the way to the key are made. compat: a record never becomes null; it stays what it was.
   * @throws forbidden, bad_argument, too_large, no_space
   */
  async post(namespace: string, key: ItemKey, value: Json): Promise<void> {
    this.refuseWriting(namespace)
    const { record } = itemPath(key)
    await this.database.change((transaction) => {
      const changed = recordWith(namespace, key, transaction.read(namespace, record), value)
      if (changed !== null) transaction.write(namespace, record, changed)
    })
  }

  /** @returns what was removed @throws forbidden, not_found, bad_argument, no_space */
  async remove(namespace: string, key: ItemKey): Promise<Json> {
    this.refuseWriting(namespace)
    const { record } = itemPath(key)
    return this.database.change((transaction) => {
      const found = transaction.read(namespace, record)
      if (found === undefined) throw noItem(namespace, record)
      const { taken, left } = recordWithout(namespace, key, found)
      if (left === undefined) transaction.remove(namespace, record)
      else transaction.write(namespace, record, left)
      return taken
    })
  }

  private namespace(name: string): Json {
    const entries = this.database.entries(name)
    if (entries.length === 0 && !registered.includes(name))
      throw new MoonkeeperError('not_found', `Namespace ${name} not found`)
    return Object.fromEntries(entries)
  }

  /** What Moonraker's components had reserved stays reserved. */
  private reserved(record: string): readonly Json[] {
    const names = this.database.read(own, record)
    return Array.isArray(names) ? (names as readonly Json[]) : []
  }

  private isForbidden(namespace: string): boolean {
    return namespace === own || this.reserved('forbidden_namespaces').includes(namespace)
  }

  private refuseForbidden(namespace: string): void {
    if (!this.isForbidden(namespace)) return
    throw new MoonkeeperError('forbidden', `Read/Write access to namespace '${namespace}' is forbidden`)
  }

  private refuseWriting(namespace: string): void {
    this.refuseForbidden(namespace)
    const names = [...protectedAlways, ...this.reserved('protected_namespaces')]
    if (names.includes(namespace))
      throw new MoonkeeperError('forbidden', `Write access to namespace '${namespace}' is forbidden`)
  }
}
