import type { Log } from '../system/log.js'
import { asError } from './channel.js'
import type { Subscriber } from './members.js'
import { asRecord, type StatusReport } from './messages.js'

/** What is needed of the connection. */
export interface TemperatureSource {
  /** @throws when Klipper refuses, or is gone */
  request(endpoint: string, params: object): Promise<unknown>
  subscribe(subscriber: Subscriber, objects: object): Promise<StatusReport>
  drop(subscriber: Subscriber): void
  /** The last known fields of an object that is subscribed to. */
  fields(name: string): ReadonlyMap<string, unknown> | null
}

type Value = number | null

/** What is kept of each sensor, as far as it has it. */
const kept = ['temperature', 'target', 'power', 'speed']

/** Milliseconds between two values. */
const interval = 1_000

/** Milliseconds that a question waits for sensors that are just being looked for. */
const patience = 2_000

const rounded = (value: unknown): Value => (typeof value === 'number' ? Number(value.toFixed(2)) : null)

const namesIn = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((name) => typeof name === 'string') : []

/** The last values of one field, a second apart. */
class Series {
  readonly values: Value[] = []
  #last: Value

  constructor(
    private readonly most: number,
    first: Value,
  ) {
    this.#last = first
    this.add(first)
  }

  /** @param value undefined: nothing is known, it stays as it was */
  add(value: Value | undefined): void {
    if (value !== undefined) this.#last = value
    this.values.push(this.#last)
    if (this.values.length > this.most) this.values.shift()
  }
}

/** The temperatures of the last minutes, for the charts of front ends. */
export class TemperatureStore {
  readonly #own: Subscriber = { send: () => undefined }
  #sensors = new Map<string, Map<string, Series>>()
  #monitors = new Set<string>()
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> = Promise.resolve()
  #looks = 0

  /** @param most values of each field */
  constructor(
    private readonly source: TemperatureSource,
    private readonly most: number,
    private readonly log: Pick<Log, 'info'>,
  ) {}

  /** To be called when Klipper is ready: it may have other sensors now. What it had before goes on. */
  begin(): void {
    this.#looking = this.#look().catch((thrown: unknown) => {
      this.log.info({ reason: asError(thrown).message }, 'The temperature sensors are not known')
    })
  }

  stop(): void {
    this.#looks += 1
    this.#pause()
  }

  #pause(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** By sensor: `temperatures`, `targets`, `powers` and `speeds`, oldest first. */
  async read(includeMonitors: boolean): Promise<Record<string, Record<string, Value[]>>> {
    await this.#settled()
    const shown = [...this.#sensors].filter(([name]) => includeMonitors || !this.#monitors.has(name))
    return Object.fromEntries(
      shown.map(([name, fields]) => [
        name,
        Object.fromEntries([...fields].map(([field, { values }]) => [`${field}s`, [...values]])),
      ]),
    )
  }

  /** A second has passed. */
  note(): void {
    for (const [name, fields] of this.#sensors) {
      const known = this.source.fields(name)
      for (const [field, series] of fields)
        series.add(known?.has(field) === true ? rounded(known.get(field)) : undefined)
    }
  }

  async #settled(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)))
    await Promise.race([this.#looking, late])
    clearTimeout(timer)
  }

  async #look(): Promise<void> {
    const look = (this.#looks += 1)
    const answer = asRecord(await this.source.request('objects/query', { objects: { heaters: null } }))
    const heaters = asRecord(asRecord(answer.status).heaters)
    const monitors = namesIn(heaters.available_monitors)
    const names = [...namesIn(heaters.available_sensors), ...monitors]
    const status = await this.#subscribe(names)
    // Klipper was begun anew meanwhile: another look is under way.
    if (look !== this.#looks) return
    this.#monitors = new Set(monitors)
    this.#sensors = new Map(
      names.flatMap((name) => {
        const series = this.#seriesOf(name, asRecord(status[name]))
        return series.size === 0 ? [] : [[name, series]]
      }),
    )
    this.#pause()
    if (this.#sensors.size > 0) this.#timer = setInterval(() => this.note(), interval).unref()
  }

  async #subscribe(names: readonly string[]): Promise<StatusReport['status']> {
    if (names.length > 0)
      return (await this.source.subscribe(this.#own, Object.fromEntries(names.map((name) => [name, null]))))
        .status
    this.source.drop(this.#own)
    return {}
  }

  #seriesOf(name: string, fields: Readonly<Record<string, unknown>>): Map<string, Series> {
    const known = this.#sensors.get(name)
    return new Map(
      kept
        .filter((field) => field in fields)
        .map((field) => {
          const value = rounded(fields[field])
          const series = known?.get(field)
          series?.add(value)
          return [field, series ?? new Series(this.most, value)]
        }),
    )
  }
}
