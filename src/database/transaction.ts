import type { Json } from '../contract/json.js'
import type { RecordChange, Records } from './records.js'

type Texts = Pick<Records, 'text' | 'entries'>

/** Changes that are not made yet, seen over what is there. */
export class Draft implements Texts {
  private readonly namespaces = new Map<string, Map<string, string | null>>()

  constructor(private readonly below: Texts) {}

  text(namespace: string, key: string): string | undefined {
    const own = this.namespaces.get(namespace)?.get(key)
    return own === undefined ? this.below.text(namespace, key) : (own ?? undefined)
  }

  entries(namespace: string): Iterable<readonly [string, string]> {
    const merged = new Map<string, string | null>(this.below.entries(namespace))
    for (const [key, text] of this.namespaces.get(namespace) ?? []) merged.set(key, text)
    return [...merged].flatMap(([key, text]) => (text === null ? [] : [[key, text] as const]))
  }

  set({ namespace, key, text }: RecordChange): void {
    const records = this.namespaces.get(namespace) ?? new Map<string, string | null>()
    this.namespaces.set(namespace, records.set(key, text))
  }

  /** What differs from what is there. */
  changes(): readonly RecordChange[] {
    return [...this.namespaces].flatMap(([namespace, records]) =>
      [...records]
        .filter(([key, text]) => (this.below.text(namespace, key) ?? null) !== text)
        .map(([key, text]) => ({ namespace, key, text })),
    )
  }
}

/** Reads and writes whole records. It sees its own writes. */
export class Transaction {
  constructor(private readonly draft: Draft) {}

  /** undefined when there is none. */
  read(namespace: string, record: string): Json | undefined {
    const text = this.draft.text(namespace, record)
    return text === undefined ? undefined : (JSON.parse(text) as Json)
  }

  entries(namespace: string): readonly (readonly [string, Json])[] {
    return [...this.draft.entries(namespace)].map(([key, text]) => [key, JSON.parse(text) as Json])
  }

  write(namespace: string, record: string, value: Json): void {
    this.writeText(namespace, record, JSON.stringify(value))
  }

  /** @param text JSON */
  writeText(namespace: string, record: string, text: string): void {
    this.draft.set({ namespace, key: record, text })
  }

  /** Absent is fine. */
  remove(namespace: string, record: string): void {
    this.draft.set({ namespace, key: record, text: null })
  }
}
