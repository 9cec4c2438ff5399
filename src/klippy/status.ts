import { isDeepStrictEqual } from 'node:util'
import { encode, type Encoded } from '../contract/encoded.js'
import type { Status, StatusReport } from './messages.js'
import type { Wanted } from './wanted.js'

/** What is wanted of a status. What is not in it is left out. */
export const pick = (status: Status, wanted: Wanted): Status => {
  const picked: [string, Status[string]][] = []
  for (const [name, fields] of Object.entries(status)) {
    const names = wanted.get(name)
    if (names === undefined) continue
    const kept = Object.entries(fields).filter(([field]) => names === null || names.has(field))
    picked.push([name, Object.fromEntries(kept)])
  }
  return Object.fromEntries(picked)
}

/** The last known value of everything that is subscribed to. */
export class StatusCache {
  #objects = new Map<string, Map<string, unknown>>()

  fields(name: string): ReadonlyMap<string, unknown> | null {
    return this.#objects.get(name) ?? null
  }

  /** What a push tells. */
  update(status: Status): void {
    for (const [name, fields] of Object.entries(status)) {
      const known = this.#objects.get(name) ?? new Map<string, unknown>()
      this.#objects.set(name, known)
      for (const [field, value] of Object.entries(fields)) known.set(field, value)
    }
  }

  /** Takes over what an answer tells: that is all there is. @returns what is new in it */
  replace(status: Status): Status {
    const before = this.#objects
    this.#objects = new Map()
    this.update(status)
    const changed = Object.entries(status).map(([name, fields]) => {
      const known = before.get(name)
      const news = Object.entries(fields).filter(
        ([field, value]) => known?.has(field) !== true || !isDeepStrictEqual(known.get(field), value),
      )
      return [name, Object.fromEntries(news)] as const
    })
    return Object.fromEntries(changed.filter(([, news]) => Object.keys(news).length > 0))
  }
}

interface ObjectText {
  readonly whole: string
  /** `"name":value` of each field. */
  readonly fields: ReadonlyMap<string, string>
}

const textOf = (fields: Status[string]): ObjectText => {
  const texts = new Map(
    Object.entries(fields).map(([name, value]) => [name, `${JSON.stringify(name)}:${JSON.stringify(value)}`]),
  )
  return { whole: [...texts.values()].join(','), fields: texts }
}

/** notify_status_update of one report, for any number of wishes: each value is serialised once. */
export class StatusText {
  readonly #objects: ReadonlyMap<string, ObjectText>

  constructor(private readonly report: StatusReport) {
    this.#objects = new Map(Object.entries(report.status).map(([name, fields]) => [name, textOf(fields)]))
  }

  /** @returns null when nothing of it is wanted */
  for(wanted: Wanted): Encoded | null {
    const parts: string[] = []
    for (const [name, { whole, fields }] of this.#objects) {
      const names = wanted.get(name)
      if (names === undefined) continue
      const text =
        names === null
          ? whole
          : [...fields].flatMap(([field, part]) => (names.has(field) ? [part] : [])).join(',')
      if (text !== '') parts.push(`${JSON.stringify(name)}:{${text}}`)
    }
    if (parts.length === 0) return null
    const params = `[{${parts.join(',')}},${JSON.stringify(this.report.eventtime)}]`
    return encode(`{"jsonrpc":"2.0","method":"notify_status_update","params":${params}}`)
  }
}
