import { isDeepStrictEqual } from 'node:util'
import { loadConfiguration, type Configuration, type Locations } from '../config/index.js'
import { asMoonkeeperError } from '../contract/error.js'
import type { Notices } from './notices.js'
import type { Log } from '../system/log.js'
import { watchFiles, type Watch } from '../system/watch.js'

/** What is read at start only. */
const readAtStart = {
  server: [
    'host',
    'port',
    'ssl_port',
    'ssl_certificate_path',
    'ssl_key_path',
    'max_websocket_connections',
    'klippy_uds_address',
  ],
  machine: ['provider'],
  // Without the section only loopback is listened on.
  authorization: ['configured'],
  fileManager: ['file_system_observer'],
  dataStore: ['temperature_store_size', 'gcode_store_size'],
  moonkeeper: ['data', 'lock_timeout'],
} as const

/** Where they are called otherwise. */
const sectionNames: Readonly<Record<string, string>> = {
  dataStore: 'data_store',
  fileManager: 'file_manager',
}

const changedAtStart = (running: Configuration, loaded: Configuration): readonly string[] =>
  Object.entries(readAtStart).flatMap(([section, options]) => {
    const [before, after] = [running, loaded].map(
      (one) => one[section as keyof typeof readAtStart] as unknown as Readonly<Record<string, unknown>>,
    )
    return options
      .filter((option) => !isDeepStrictEqual(before?.[option], after?.[option]))
      .map((option) =>
        section === 'authorization' ? '[authorization]' : `[${sectionNames[section] ?? section}] ${option}`,
      )
  })

const reloadDue = 'The configuration was changed. Restart Moonkeeper (or send it SIGHUP) to use it.'

const restartDue = (running: Configuration, loaded: Configuration): readonly string[] => {
  const options = changedAtStart(running, loaded)
  if (options.length === 0) return []
  return [`Changed, but read at start only: ${options.join(', ')}. Restart Moonkeeper to use it.`]
}

/** All that a configuration says; comments say nothing. */
const saying = ({ parsed, orig, fileSections, ...settings }: Configuration): unknown => [
  settings,
  parsed(),
  orig(),
  fileSections(),
]

/** The configuration in use, and what its files say meanwhile. */
export class LiveConfiguration {
  private turn: Promise<void> = Promise.resolve()
  private watch: Watch | null = null
  private watched: readonly string[] = []
  private closed = false
  private used: Configuration

  private constructor(
    /** The one that the parts which are made once were made with. */
    readonly atStart: Configuration,
    private readonly locations: Locations,
    private readonly notices: Notices,
    private readonly log: Log,
  ) {
    this.used = atStart
  }

  /** @throws refused, with file and line */
  static async load(locations: Locations, notices: Notices, log: Log): Promise<LiveConfiguration> {
    return new LiveConfiguration(await loadConfiguration(locations), locations, notices, log)
  }

  get current(): Configuration {
    return this.used
  }

  /** Whether a start with the files as they are would work. @throws refused, with file and line */
  async check(): Promise<void> {
    await loadConfiguration(this.locations)
  }

  /** Reads the files again, before anything was done with them. @throws refused */
  async loadAgain(): Promise<void> {
    this.used = await loadConfiguration(this.locations)
  }

  /** From now on a change of the files is a notice. */
  async follow(): Promise<void> {
    await this.inTurn(() => this.watchTheFiles())
  }

  /**
   * Uses what the files say now, after what is under way. What cannot be read changes nothing, and that is a notice.
   * @param use makes the rest of the daemon follow
   */
  async reload(use: () => Promise<void>): Promise<void> {
    await this.inTurn(async () => {
      try {
        this.used = await loadConfiguration(this.locations)
        this.notices.set('reload due')
        this.notices.set('reload failed')
        this.notices.set('restart due', ...restartDue(this.atStart, this.used))
        await this.watchTheFiles()
        await use()
        this.log.info({}, 'configuration reloaded')
      } catch (thrown) {
        const { message } = asMoonkeeperError(thrown)
        const text = `The changed configuration cannot be used, the old one still is. ${message}`
        this.notices.set('reload failed', text)
        this.log.error({ err: thrown }, 'the configuration could not be reloaded')
      }
    })
  }

  /** Ends the watch; resolves when a reload that runs is over. */
  async close(): Promise<void> {
    this.closed = true
    await this.turn
    await this.watch?.close()
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.turn.then(async () => {
      if (!this.closed) await work()
    })
    this.turn = turn.catch(() => undefined)
    await turn
  }

  /** Other files may be included now. */
  private async watchTheFiles(): Promise<void> {
    const { files } = this.used
    if (this.watch !== null && isDeepStrictEqual(files, this.watched)) return
    await this.watch?.close()
    this.watched = files
    this.watch = await watchFiles(
      files,
      () => void this.inTurn(() => this.compare()),
      (thrown) => this.log.warn({ err: thrown }, 'the configuration is not watched any more'),
    )
  }

  /** A change that says nothing new, that is in use by now, or that was taken back is none. */
  private async compare(): Promise<void> {
    const found = await loadConfiguration(this.locations).catch(() => null)
    const changed = found === null || !isDeepStrictEqual(saying(found), saying(this.used))
    this.notices.set('reload due', ...(changed ? [reloadDue] : []))
    if (!changed) this.notices.set('reload failed')
  }
}
