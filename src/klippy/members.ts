import type { Encoded } from '../contract/encoded.js'
import { keyOf, type Wanted } from './wanted.js'

/** Who is told of changes; known by identity. */
export interface Subscriber {
  send(text: Encoded): void
}

/** All who want the same: what they are told is put together once. */
interface Group {
  readonly key: string
  readonly wanted: Wanted
  readonly members: Set<Subscriber>
}

/** Subscribers by what they want. */
export class Members {
  readonly #groups = new Map<string, Group>()
  readonly #groupOf = new Map<Subscriber, Group>()
  /** Of those whose answer is on its way: what they are told comes behind it. */
  readonly #held = new Map<Subscriber, Encoded[]>()

  get count(): number {
    return this.#groupOf.size
  }

  /** What is wanted by anyone but these. */
  wishesWithout(these: ReadonlySet<Subscriber>): readonly Wanted[] {
    const groups = [...this.#groups.values()]
    return groups
      .filter(({ members }) => [...members].some((member) => !these.has(member)))
      .map(({ wanted }) => wanted)
  }

  /** Who wants nothing is no member. What it is told from now on is sent behind what is sent now. */
  set(subscriber: Subscriber, wanted: Wanted): void {
    this.delete(subscriber)
    if (wanted.size === 0) return
    const key = keyOf(wanted)
    const group = this.#groups.get(key) ?? { key, wanted, members: new Set() }
    this.#groups.set(key, group)
    this.#groupOf.set(subscriber, group)
    group.members.add(subscriber)
    if (this.#held.size === 0) setImmediate(() => this.#release())
    this.#held.set(subscriber, [])
  }

  /** @returns false when it was none */
  delete(subscriber: Subscriber): boolean {
    this.#held.delete(subscriber)
    const group = this.#groupOf.get(subscriber)
    if (group === undefined) return false
    this.#groupOf.delete(subscriber)
    group.members.delete(subscriber)
    if (group.members.size === 0) this.#groups.delete(group.key)
    return true
  }

  clear(): void {
    for (const subscriber of [...this.#groupOf.keys()]) this.delete(subscriber)
  }

  /** @param textFor called once for all that want the same; null: there is nothing to tell them */
  tell(textFor: (wanted: Wanted) => Encoded | null, except: ReadonlySet<Subscriber>): void {
    for (const { wanted, members } of [...this.#groups.values()]) {
      const text = textFor(wanted)
      if (text === null) continue
      for (const member of [...members]) if (!except.has(member)) this.#send(member, text)
    }
  }

  #send(member: Subscriber, text: Encoded): void {
    const held = this.#held.get(member)
    if (held === undefined) member.send(text)
    else held.push(text)
  }

  #release(): void {
    const all = [...this.#held]
    this.#held.clear()
    for (const [member, texts] of all) for (const text of texts) member.send(text)
  }
}
