import { createHash } from 'node:crypto'
import path from 'node:path'
import type { ApplicationPlan, ApplicationState } from '../contract/generated/types.js'
import { ApplicationState as validate } from '../contract/generated/validators.js'
import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import { parseAs } from '../contract/parse-as.js'
import { harmless } from '../contract/text.js'
import type { Files } from '../system/files.js'
import type { Goal, Json, SurveyContext, Updater, UpdaterStatus } from '../updaters/contract.js'
import { parseEntry, type JournalEntry } from './journal.js'
import { Queue } from '../system/queue.js'

/** Which releases are installed unattended. */
export type AutoUpdate = 'none' | 'minor' | 'all'

/** How an application is updated: its own options, or those of all. */
export interface Policy {
  readonly settle_time: number
  readonly health_command?: string
  readonly health_url?: string
  readonly auto_update: AutoUpdate
  /** True when the configuration says so: then nobody else decides it. */
  readonly autoUpdateIsSet: boolean
  /** Hours of the day, first and last; null: any time. */
  readonly updateWindow: readonly number[] | null
  /** Hours. */
  readonly soakTime: number
  readonly maxFailures: number
  /** Versions that are kept, the running one not counted. */
  readonly generations: number
  /** The application that it belongs to. */
  readonly extends?: string
  readonly theme?: boolean
}

/** What the engine must know of a section of the configuration. */
export interface ApplicationSettings {
  readonly name: string
  readonly policy: Policy
  readonly type: string
  readonly options: Json
  /** minisign public keys: with any, an image for it must be signed by one of them. Default: none. */
  readonly signingKeys?: readonly string[]
  /** Hours between looks at the remote. */
  readonly refreshInterval: number
}

const hour = 3_600_000

/** A managed application: its updater, and what is kept of it between starts. */
export class Application {
  refreshedAt = 0
  /** Why nobody but a person can go on; null when all is well. */
  needsPerson: string | null = null
  /** Why the health gate undid the last update; null when it did not. */
  private healthFailure: string | null = null
  /** Unattended updates that failed in a row. */
  failures = 0
  /** Unix milliseconds since when it is managed; 0 as long as it was not looked at. */
  firstSeen = 0
  /** What the API decided, where the configuration does not; null when nobody did. */
  private chosen: AutoUpdate | null = null
  private offered = { id: '', since: 0 }
  /** The operation whose cleanup is still to be done; null when there is none. */
  leftover: JournalEntry | null = null
  /** What uses the updater, one at a time. */
  readonly turn = new Queue()
  private lookedWithOptions = ''

  constructor(
    readonly settings: ApplicationSettings,
    readonly updater: Updater,
    private readonly folder: string,
    private readonly files: Files,
  ) {}

  get name(): string {
    return this.settings.name
  }

  /** Unix milliseconds since when it is known what an upgrade would bring. */
  get offeredSince(): number {
    return this.offered.since
  }

  get autoUpdate(): AutoUpdate {
    const { auto_update: configured, autoUpdateIsSet: isSet } = this.settings.policy
    return isSet ? configured : (this.chosen ?? configured)
  }

  private get file(): string {
    return path.join(this.folder, 'state', `${this.name}.json`)
  }

  private get leftoverFile(): string {
    return path.join(this.folder, 'leftovers', `${this.name}.json`)
  }

  private get optionsHash(): string {
    return createHash('sha256').update(JSON.stringify(this.settings.options)).digest('hex').slice(0, 16)
  }

  /** Reads what was kept. What is not understood counts as nothing. */
  async load(): Promise<void> {
    const leftover = await this.files.readText(this.leftoverFile)
    this.leftover = leftover === null ? null : parseEntry(leftover)
    const text = await this.files.readText(this.file)
    if (text === null) return
    const kept = parseAs<ApplicationState>(text, validate)
    if (kept === null || kept.type !== this.settings.type) return
    this.refreshedAt = kept.refreshedAt
    this.needsPerson = kept.needsPerson
    this.healthFailure = kept.healthFailure ?? null
    this.failures = kept.failures ?? 0
    this.offered = kept.offered ?? this.offered
    this.firstSeen = kept.firstSeen ?? 0
    this.chosen = kept.autoUpdate ?? null
    this.lookedWithOptions = kept.optionsHash
    this.updater.restore(kept.saved as Json)
  }

  async save(): Promise<void> {
    const kept: ApplicationState = {
      type: this.settings.type,
      optionsHash: this.lookedWithOptions,
      refreshedAt: this.refreshedAt,
      needsPerson: this.needsPerson,
      healthFailure: this.healthFailure,
      failures: this.failures,
      offered: this.offered,
      firstSeen: this.firstSeen,
      ...(this.chosen === null ? {} : { autoUpdate: this.chosen }),
      saved: this.updater.saved() as ApplicationState['saved'],
    }
    await this.files.makeFolder(path.dirname(this.file))
    await this.files.writeText(this.file, `${JSON.stringify(kept)}\n`)
  }

  /** Decides what is installed unattended. @throws set_in_configuration */
  async automate(autoUpdate: AutoUpdate): Promise<void> {
    if (autoUpdate === this.autoUpdate) return
    if (this.settings.policy.autoUpdateIsSet)
      throw new MoonkeeperError(
        'set_in_configuration',
        `What of ${this.name} is installed unattended stands in the configuration: auto_update in [moonkeeper] or ` +
          `[moonkeeper ${this.name}]`,
      )
    const before = this.chosen
    this.chosen = autoUpdate
    try {
      await this.save()
    } catch (thrown) {
      this.chosen = before
      throw thrown
    }
  }

  /** Remembers that the cleanup of a committed operation is still to be done. */
  async leave(entry: JournalEntry, why: unknown): Promise<void> {
    const leftover: JournalEntry = { ...entry, phase: 'committed', reason: asMoonkeeperError(why).message }
    await this.files.makeFolder(path.dirname(this.leftoverFile))
    await this.files.writeText(this.leftoverFile, `${JSON.stringify(leftover)}\n`)
    this.leftover = leftover
  }

  async dropLeftover(): Promise<void> {
    await this.files.remove(this.leftoverFile)
    this.leftover = null
  }

  /** What was done for the goal is committed: keeps its outcome, and looks again. */
  async commit(goal: Goal, outcome: Json, now: number): Promise<void> {
    this.updater.restore(outcome)
    if (isHardRecovery(goal)) this.needsPerson = null
    this.healthFailure = null
    this.failures = 0
    await this.look(goal.kind === 'recover', now, new AbortController().signal)
  }

  /** An operation failed and was undone. @param mine false when it failed at another part of its set */
  noteFailure(thrown: unknown, mine: boolean): void {
    if (mine) this.updater.failed(thrown)
    if (!(thrown instanceof MoonkeeperError) || thrown.kind !== 'health_failed') return
    const stays = this.updater.ofTheMachine === true ? 'could not be undone' : 'was undone'
    this.healthFailure = `${this.name}: the last update ${stays}. ${thrown.message}`
  }

  /** What would be done, in its turn; what the updater knows afterwards is what it knew before. */
  async show(goal: Goal, context: SurveyContext): Promise<ApplicationPlan> {
    return this.turn.run(async () => {
      const before = this.updater.saved()
      try {
        return (await this.updater.survey(goal, context)).plan
      } finally {
        this.updater.restore(before)
      }
    })
  }

  /** @returns the id of the version; null when it is let go. @throws unknown_version, set_in_configuration */
  async pin(version: string | null, now: number, signal: AbortSignal): Promise<string | null> {
    const id = await this.updater.pin(version, signal)
    await this.look(false, now, signal)
    return id
  }

  /** True when the options changed since the last look, or it is too long ago. */
  needsRefresh(now: number): boolean {
    return (
      this.lookedWithOptions !== this.optionsHash ||
      now - this.refreshedAt >= this.settings.refreshInterval * hour
    )
  }

  /** Looks at the install, and at the remote too when `remote`; keeps what was seen. */
  async look(remote: boolean, now: number, signal: AbortSignal): Promise<void> {
    await this.updater.inspect({ signal, remote })
    if (this.updater.isMended?.() === true) this.needsPerson = null
    if (this.firstSeen === 0) this.firstSeen = now
    const id = this.updater.offer()?.id ?? ''
    if (id !== this.offered.id) this.offered = { id, since: now }
    if (remote) {
      this.refreshedAt = now
      this.lookedWithOptions = this.optionsHash
    }
    await this.save()
  }

  /**
   * A look at the install only: it may have been changed by hand while nobody looked.
   * @returns true when it was, so that the remote should be asked too
   */
  async lookForChanges(now: number, signal: AbortSignal): Promise<boolean> {
    const before = fingerprint(this.updater.status())
    await this.look(false, now, signal)
    return before !== fingerprint(this.updater.status())
  }

  /** The entry in version_info; null as long as nothing is known. */
  status(): UpdaterStatus | null {
    const status = this.updater.status()
    if (status === null) return status
    // What commands said is in them.
    const warnings = [...status.warnings, ...this.ownWarnings().map(harmless)]
    if (this.needsPerson === null) return { ...status, warnings }
    if (status.configured_type !== 'git_repo') return { ...status, warnings, is_valid: false }
    // Front ends offer a soft recovery for what is dirty, and only the hard one for what is corrupt.
    return { ...status, warnings, is_valid: false, corrupt: true, is_dirty: false }
  }

  private ownWarnings(): readonly string[] {
    const { needsPerson, leftover, healthFailure, failures } = this
    const left = `${this.name}: what the last operation left over could not be removed yet. ${leftover?.reason}`
    const known = [needsPerson, healthFailure].filter((text) => text !== null)
    if (failures >= this.settings.policy.maxFailures && this.autoUpdate !== 'none') {
      known.push(
        `${this.name}: unattended updates stopped after ${failures} failures. They go on after an update that holds.`,
      )
    }
    return [...known, ...(leftover === null ? [] : [left])]
  }
}

/** The one thing that mends what is half done: it does not build on it. */
export const isHardRecovery = (goal: Goal): boolean => goal.kind === 'recover' && goal.hard

const fingerprint = (status: UpdaterStatus | null): string => {
  if (status === null) return ''
  if (status.configured_type === 'system') return status.package_list.join(' ')
  if (status.configured_type !== 'git_repo') return [status.version, status.owner, status.repo_name].join(' ')
  return [status.current_hash, status.branch, status.remote_url].join(' ')
}
