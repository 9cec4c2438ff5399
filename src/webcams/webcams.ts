import { MoonkeeperError } from '../contract/error.js'
import type { Json } from '../contract/json.js'
import type { Database } from '../database/database.js'
import type { Transaction } from '../database/transaction.js'
import type { HttpClient } from '../system/http.js'
import { checked, defaults, fromRecord, toRecord, type Webcam, type WebcamChange } from './webcam.js'
import { uuid5 } from './uuid5.js'

export interface WebcamSurroundings {
  readonly database: Database
  /** Of [webcam NAME]. */
  readonly configured: () => readonly (WebcamChange & {
    readonly name: string
    readonly stream_url: string
  })[]
  readonly http: HttpClient
  readonly newId: () => string
  /** Told of every change. */
  readonly changed: (webcams: readonly Webcam[]) => void
}

/** Which one is meant; a uid counts before a name. */
export interface WebcamName {
  readonly uid?: string | undefined
  readonly name?: string | undefined
}

export interface WebcamTest {
  readonly name: string
  readonly snapshot_reachable: boolean
  readonly snapshot_url: string
  readonly stream_url: string
}

const namespace = 'webcams'

type Records = readonly (readonly [uid: string, record: Json])[]

/** Milliseconds for a picture to come. */
const testLimit = 1000

const absent = (what: string): MoonkeeperError => new MoonkeeperError('not_found', `Webcam ${what} not found`)

/** The cameras that front ends show: those of the configuration, and those that were added there. */
export class Webcams {
  constructor(private readonly outside: WebcamSurroundings) {}

  list(): readonly Webcam[] {
    return this.from(this.outside.database.entries(namespace))
  }

  /** @throws not_found, missing_argument */
  get(wanted: WebcamName): Webcam {
    return this.find(this.list(), wanted)
  }

  /**
   * Adds a camera, or changes the one that is meant.
   * @throws not_found for a uid that is none; refused; bad_argument, missing_argument
   */
  async post(wanted: WebcamName, change: WebcamChange): Promise<Webcam> {
    const webcam = await this.outside.database.change((transaction) => {
      const webcams = this.from(transaction.entries(namespace))
      const known = this.known(webcams, wanted)
      const made = checked(known === null ? this.made(change) : this.renamed(webcams, known, change))
      transaction.write(namespace, made.uid, toRecord(made))
      return made
    })
    this.tell()
    return webcam
  }

  /** @throws not_found, refused */
  async remove(wanted: WebcamName): Promise<Webcam> {
    const webcam = await this.outside.database.change((transaction: Transaction) => {
      const found = this.find(this.from(transaction.entries(namespace)), wanted)
      if (found.source === 'config')
        throw new MoonkeeperError(
          'refused',
          `Cannot delete webcam '${found.name}' sourced from Moonraker configuration`,
        )
      transaction.remove(namespace, found.uid)
      return found
    })
    this.tell()
    return webcam
  }

  /** Whether a picture can be had. @throws not_found */
  async test(wanted: WebcamName): Promise<WebcamTest> {
    const { name, snapshot_url: snapshot, stream_url: stream } = this.get(wanted)
    const url = absolute(snapshot)
    return {
      name,
      snapshot_reachable: await this.isReachable(url),
      snapshot_url: url,
      stream_url: absolute(stream),
    }
  }

  private async isReachable(url: string): Promise<boolean> {
    if (!/^https?:/i.test(url)) return false
    try {
      const signal = AbortSignal.timeout(testLimit)
      const { status, body } = await this.outside.http.get(url, { answerLimit: testLimit, signal })
      body.destroy()
      return status < 400
    } catch {
      return false
    }
  }

  private tell(): void {
    this.outside.changed(this.list())
  }

  /** compat: of two with one name the first counts. */
  private from(records: Records): readonly Webcam[] {
    const all = [...this.configured(), ...records.map(([uid, record]) => fromRecord(uid, record))]
    const byName = new Map<string, Webcam>()
    for (const webcam of all) if (webcam !== null && !byName.has(webcam.name)) byName.set(webcam.name, webcam)
    return [...byName.values()]
  }

  private configured(): readonly Webcam[] {
    const { database, configured } = this.outside
    const id = database.read('moonraker', 'instance_id')
    const server = typeof id === 'string' ? id : ''
    return configured().map((options) => ({
      ...defaults,
      ...options,
      source: 'config',
      uid: uuid5(server, `moonraker.webcam.${options.name}`),
    })) as readonly Webcam[]
  }

  private known(webcams: readonly Webcam[], { uid, name }: WebcamName): Webcam | null {
    if (uid !== undefined) return this.find(webcams, { uid })
    if (name === undefined) throw new MoonkeeperError('missing_argument', 'No data for argument: name')
    return webcams.find((webcam) => webcam.name === name) ?? null
  }

  private find(webcams: readonly Webcam[], { uid, name }: WebcamName): Webcam {
    if (uid === undefined && name === undefined)
      throw new MoonkeeperError('missing_argument', 'No data for argument: name')
    const found = webcams.find((webcam) => (uid === undefined ? webcam.name === name : webcam.uid === uid))
    if (found === undefined) throw absent(uid === undefined ? String(name) : `with UID ${uid}`)
    return found
  }

  private made(change: WebcamChange): Webcam {
    const { name, stream_url } = change
    if (name === undefined || stream_url === undefined)
      throw new MoonkeeperError(
        'missing_argument',
        `No data for argument: ${name === undefined ? 'name' : 'stream_url'}`,
      )
    const given = withoutAbsent(change)
    return { ...defaults, ...given, name, stream_url, source: 'database', uid: this.outside.newId() }
  }

  private renamed(webcams: readonly Webcam[], known: Webcam, change: WebcamChange): Webcam {
    if (known.source === 'config')
      throw new MoonkeeperError(
        'refused',
        `Cannot overwrite webcam '${known.name}' sourced from Moonraker configuration`,
      )
    const { name = known.name } = change
    if (name !== known.name && webcams.some((webcam) => webcam.name === name))
      throw new MoonkeeperError(
        'refused',
        `Cannot rename webcam from '${known.name}' to '${name}'.  Webcam with requested name '${name}' already exists.`,
      )
    return { ...known, ...withoutAbsent(change), name }
  }
}

const withoutAbsent = (change: WebcamChange): Partial<Webcam> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))

/** compat: an address without a host is one of this machine. */
const absolute = (url: string): string => {
  if (url === '' || /^\w+:\/\/[^/]+/.test(url)) return url
  return `http://127.0.0.1/${url.replace(/^\/+/, '')}`
}
