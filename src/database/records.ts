/** One record that is written, or removed when its text is null. */
export interface RecordChange {
  readonly namespace: string
  readonly key: string
  /** JSON. */
  readonly text: string | null
}

/** Bytes that a line has besides its record: brackets, quotes, commas. */
const lineCost = 12

const costOf = ({ namespace, key, text }: RecordChange): number =>
  text === null
    ? 0
    : lineCost + Buffer.byteLength(text) + Buffer.byteLength(namespace) + Buffer.byteLength(key)

/**
 * Every record, as JSON text: a fraction of what the objects would take, and nobody can change what others hold.
 * Maps, so that every name is an ordinary one.
 */
export class Records {
  private readonly namespaces = new Map<string, Map<string, string>>()
  private bytes = 0

  /** About what a file of them takes, in bytes. */
  get size(): number {
    return this.bytes
  }

  names(): readonly string[] {
    return [...this.namespaces.keys()]
  }

  /** The JSON text of a record; undefined when there is none. */
  text(namespace: string, key: string): string | undefined {
    return this.namespaces.get(namespace)?.get(key)
  }

  /** Key and JSON text of every record of a namespace. */
  entries(namespace: string): Iterable<readonly [string, string]> {
    return this.namespaces.get(namespace) ?? []
  }

  *all(): Generator<RecordChange, void, undefined> {
    for (const [namespace, records] of this.namespaces)
      for (const [key, text] of records) yield { namespace, key, text }
  }

  apply(change: RecordChange): void {
    const { namespace, key, text } = change
    const records = this.namespaces.get(namespace) ?? new Map<string, string>()
    const before = records.get(key)
    if (before !== undefined) this.bytes -= costOf({ namespace, key, text: before })
    this.bytes += costOf(change)
    if (text === null) records.delete(key)
    else records.set(key, text)
    if (records.size === 0) this.namespaces.delete(namespace)
    else this.namespaces.set(namespace, records)
  }
}
