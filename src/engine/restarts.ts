import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import type { Services } from '../machine/services.js'
import type { Clock } from '../system/clock.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'
import type { Progress, ServiceRestarter } from '../updaters/contract.js'

export interface RestartSurroundings {
  readonly services: Pick<Services, 'restart'>
  readonly clock: Clock
  readonly files: Files
  readonly log: Log
  /** Where it is kept which restarts are still to be made. */
  readonly folder: string
  readonly isPrinting: () => boolean
  /** False while Klipper does not say whether it prints. */
  readonly isKnown: () => boolean
  /** Whether it is the service that we run as. Without it: none is. */
  readonly isOwn?: (service: string) => Promise<boolean>
}

const poll = 1_000
/** Milliseconds for answers to go out before we end, and for the end to come when it was ordered. */
const lastWords = 100
const endIsNear = 2_000

/**
 * Service restarts of updates. None happens under a running print: what goes forward waits, what goes back is made up
 * for when the print is over, also by a later start. In a full update restarts of services that are shared (another
 * application's) are put off, so that each is restarted once, with its own application or at the end. What was restarted
 * on new files that are undone is started again once, when all the old ones are back. The restart of the service that we
 * run as comes when all else is over and answered.
 */
export class Restarts {
  /** True while a restart waits for the end of a print. */
  waiting = false
  private full = false
  private readonly pending = new Set<string>()
  private readonly owed = new Set<string>()
  /** What was restarted by the operation that runs; null when that was in an earlier life, and nobody knows. */
  private made: Set<string> | null = null
  /** What is to be started again when all is undone, and who is told of it. */
  private readonly again = new Map<string, Progress>()
  private readonly file: string
  /** At start it is not known yet whether a print runs. */
  private known = false
  /** The service that we run as, when its restart is due. */
  private self: string | null = null

  constructor(private readonly outside: RestartSurroundings) {
    this.file = path.join(outside.folder, 'restarts.json')
  }

  /** Reads what an earlier life owes. */
  async load(): Promise<void> {
    const text = await this.outside.files.readText(this.file)
    for (const service of parse(text)) this.owed.add(service)
  }

  /** For one application's updater. */
  for(application: string): ServiceRestarter {
    return {
      restart: (service, progress, signal) => this.restart(application, service, progress, signal),
      restartWhenIdle: async (service, progress) => this.noteUndone(service, progress),
    }
  }

  begin(full: boolean): void {
    this.full = full
    this.pending.clear()
  }

  /** An operation begins: from here on it is known what it restarts. */
  watch(): void {
    this.made = new Set()
    this.again.clear()
  }

  /** All is undone: what was restarted meanwhile is started on the old files. What cannot be is told. */
  async startAgain(): Promise<void> {
    const again = [...this.again]
    this.again.clear()
    for (const [service, say] of again)
      await this.restartOrOwe(service, say).catch((thrown: unknown) => {
        // The files are back: that is no reason to leave all of it to a person.
        const why = thrown instanceof Error ? thrown.message : String(thrown)
        say(`The old version is back, but service ${service} could not be started on it: ${why}`)
      })
  }

  /** The services whose restart was put off. */
  putOff(): readonly string[] {
    return [...this.pending]
  }

  /** Restarts a service whose restart was put off; in a print that is owed. @returns false when it was not put off */
  async catchUp(service: string, progress: Progress): Promise<boolean> {
    if (!this.pending.delete(service)) return false
    if (await this.isOwn(service)) this.noteSelf(service, progress)
    else await this.restartOrOwe(service, progress)
    return true
  }

  /** True when all that is left to do is to restart ourselves. */
  get selfIsDue(): boolean {
    return this.self !== null
  }

  /**
   * Restarts the service that we run as. Resolves when we are to end.
   * @throws when that could not be ordered, or was and nothing came of it
   */
  async restartSelf(stopping: AbortSignal): Promise<void> {
    const service = this.self
    this.self = null
    if (service === null) return
    const { clock, services } = this.outside
    const wait = (milliseconds: number): Promise<unknown> =>
      clock.wait(milliseconds, stopping).catch(() => undefined)
    const isEnding = (): boolean => stopping.aborted
    await wait(lastWords)
    if (isEnding()) return
    // systemd may tell that it was done only when we are gone.
    await Promise.race([abortOf(stopping), services.restart(service)])
    await wait(endIsNear)
    if (isEnding()) return
    throw new MoonkeeperError('command_failed', `the restart of service ${service} does not concern us`)
  }

  /** Restarts all that was put off, each once. In a print it waits for its end. */
  async catchUpAll(progress: Progress, signal: AbortSignal): Promise<void> {
    for (const service of this.putOff()) {
      await this.restartNow(service, progress, signal)
      this.pending.delete(service)
    }
  }

  /** To be called when it is known whether a print runs, and when that changed: makes up for what is owed. */
  async settle(): Promise<void> {
    this.known = true
    for (const service of [...this.owed]) {
      if (!this.mayRestart()) return
      // Asked for twice at once, it is made up for once.
      if (!this.owed.delete(service)) continue
      // After our own end it would be owed again, at every start.
      if (await this.isOwn(service)) await this.save()
      await this.outside.services.restart(service).catch((thrown: unknown) => {
        this.outside.log.error({ service, err: thrown }, 'a service could not be restarted after the print')
      })
      await this.save()
    }
  }

  private async restart(
    application: string,
    service: string,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.full && service !== application) {
      progress(`Service ${service} restart postponed...`)
      this.pending.add(service)
      return
    }
    this.pending.delete(service)
    await this.restartNow(service, progress, signal)
  }

  private async restartNow(service: string, progress: Progress, signal: AbortSignal): Promise<void> {
    if (await this.isOwn(service)) return this.noteSelf(service, progress)
    await this.waitForPrinter(service, progress, signal)
    progress(`Restarting service ${service}...`)
    this.made?.add(service)
    try {
      await this.outside.services.restart(service)
    } catch (thrown) {
      // Who was not let near it did not touch it: what runs is the old version.
      if (isRefusal(thrown)) this.made?.delete(service)
      throw thrown
    }
  }

  private noteUndone(service: string, progress: Progress): void {
    // We still are what we were: nothing was restarted.
    if (this.self === service) this.self = null
    if (this.made !== null && !this.made.has(service)) return
    if (!this.again.has(service)) this.again.set(service, progress)
  }

  private mayRestart(): boolean {
    return this.known && !this.mayPrint()
  }

  private mayPrint(): boolean {
    return this.outside.isPrinting() || !this.outside.isKnown()
  }

  private async waitForPrinter(service: string, progress: Progress, signal: AbortSignal): Promise<void> {
    if (!this.mayPrint()) return
    progress(
      this.outside.isPrinting()
        ? `A print runs: service ${service} is restarted when it is over...`
        : `Klipper does not say whether it prints: service ${service} is restarted when that is known...`,
    )
    this.waiting = true
    try {
      while (this.mayPrint()) await this.outside.clock.wait(poll, signal)
    } finally {
      this.waiting = false
    }
  }

  private async isOwn(service: string): Promise<boolean> {
    return (await this.outside.isOwn?.(service)) === true
  }

  // compat: it is told where it would be done.
  private noteSelf(service: string, progress: Progress): void {
    progress(`Restarting service ${service}...`)
    this.self = service
  }

  private async restartOrOwe(service: string, progress: Progress): Promise<void> {
    if (this.mayRestart()) {
      progress(`Restarting service ${service}...`)
      await this.outside.services.restart(service)
      return
    }
    progress(`Service ${service} is restarted when no print runs...`)
    this.owed.add(service)
    await this.save()
  }

  private async save(): Promise<void> {
    try {
      if (this.owed.size === 0) await this.outside.files.remove(this.file)
      else await this.outside.files.writeText(this.file, `${JSON.stringify([...this.owed])}\n`)
    } catch (thrown) {
      this.outside.log.warn({ err: thrown }, 'which services are to be restarted was not written down')
    }
  }
}

/** True for services that are none of ours to restart: by polkit, or with `provider: none`. */
const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof MoonkeeperError && ['refused', 'busy'].includes(thrown.kind)

/** Resolves when it is aborted. */
const abortOf = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const parse = (text: string | null): readonly string[] => {
  try {
    const services: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(services) ? services.filter((service) => typeof service === 'string') : []
  } catch {
    return []
  }
}
