import { createHash } from 'node:crypto'
import path from 'node:path'
import type { ApplicationState, GitRepoStatus } from '../contract/generated/types.js'
import { ApplicationState as validate } from '../contract/generated/validators.js'
import { asMoonkeeperError } from '../contract/error.js'
import type { Files } from '../system/files.js'
import type { Goal, Json, Updater } from '../updaters/contract.js'
import { parseEntry, type JournalEntry } from './journal.js'
import { Queue } from './queue.js'

/** What the engine must know of a section of the configuration. */
export interface ApplicationSettings {
  readonly name: string
  readonly type: string
  readonly options: Json
  /** Hours between looks at the remote. */
  readonly refreshInterval: number
}

const hour = 3_600_000

/** A managed application: its updater, and what is kept of it between starts. */
export class Application {
  refreshedAt = 0
  /** Why nobody but a person can go on; null when all is well. */
  needsPerson: string | null = null
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
    const kept = parse(text)
    if (kept === null || kept.type !== this.settings.type) return
    this.refreshedAt = kept.refreshedAt
    this.needsPerson = kept.needsPerson
    this.lookedWithOptions = kept.optionsHash
    this.updater.restore(kept.saved as Json)
  }

  async save(): Promise<void> {
    const kept: ApplicationState = {
      type: this.settings.type,
      optionsHash: this.lookedWithOptions,
      refreshedAt: this.refreshedAt,
      needsPerson: this.needsPerson,
      saved: this.updater.saved() as ApplicationState['saved'],
    }
    await this.files.makeFolder(path.dirname(this.file))
    await this.files.writeText(this.file, `${JSON.stringify(kept)}\n`)
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
    await this.look(goal.kind === 'recover', now, new AbortController().signal)
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
  status(): GitRepoStatus | null {
    const status = this.updater.status()
    if (status === null) return status
    const warnings = [...status.warnings, ...this.ownWarnings()]
    if (this.needsPerson === null) return { ...status, warnings }
    // Front ends offer a soft recovery for what is dirty, and only the hard one for what is corrupt.
    return { ...status, warnings, is_valid: false, corrupt: true, is_dirty: false }
  }

  private ownWarnings(): readonly string[] {
    const { needsPerson, leftover } = this
    const left = `${this.name}: what the last operation left over could not be removed yet. ${leftover?.reason}`
    return [...(needsPerson === null ? [] : [needsPerson]), ...(leftover === null ? [] : [left])]
  }
}

/** The one thing that mends what is half done: it does not build on it. */
export const isHardRecovery = (goal: Goal): boolean => goal.kind === 'recover' && goal.hard

const fingerprint = (status: GitRepoStatus | null): string =>
  status === null ? '' : [status.current_hash, status.branch, status.remote_url].join(' ')

const parse = (text: string): ApplicationState | null => {
  try {
    const kept: unknown = JSON.parse(text)
    return validate(kept) ? (kept as ApplicationState) : null
  } catch {
    return null
  }
}
