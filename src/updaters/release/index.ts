import { asMoonkeeperError } from '../../contract/error.js'
import type { Versions } from '../../contract/generated/types.js'
import type {
  Goal,
  InspectContext,
  Json,
  Offer,
  Plan,
  PrepareContext,
  Survey,
  SurveyContext,
  Updater,
  UpdaterStatus,
  UpdaterSurroundings,
} from '../contract.js'
import { listVersions } from './available.js'
import { knownRelease } from './found-release.js'
import { readInstall } from './install.js'
import { placeOf, type Place, type ReleaseOptions, type ReleaseType } from './place.js'
import { planFor } from './plan.js'
import { discardStaged, stage, stagedFor } from './staging.js'
import { readState, unknownState, type ReleaseState } from './state.js'
import { offeredVersion, statusOf } from './status.js'
import { summarise } from './summary.js'
import { findRelease, survey } from './survey.js'

/** Applications that come as releases of a forge: the types web, zip and executable. */
export class ReleaseUpdater implements Updater {
  readonly goals = ['upgrade', 'rollback'] as const
  private state: ReleaseState
  private readonly place: Place

  constructor(
    readonly name: string,
    type: ReleaseType,
    private readonly options: ReleaseOptions,
    private readonly outside: UpdaterSurroundings,
  ) {
    this.place = placeOf(name, type, options, outside)
    this.state = unknownState(options.repo)
  }

  get folder(): string {
    return this.options.path
  }

  async inspect({ remote, signal }: InspectContext): Promise<void> {
    const install = await readInstall(this.place, this.state.version)
    this.state = { ...this.state, ...install, looked: true, target: null }
    if (remote && install.valid) await this.askForge(signal)
  }

  async survey(goal: Goal, context: SurveyContext): Promise<Survey> {
    this.state = { ...this.state, target: null }
    const finding = await survey(this.place, this.state, goal, context)
    const target = 'target' in finding ? finding.target : null
    this.state = { ...this.state, target }
    const plan = await summarise(this.place, this.state, goal, target)
    return { plan, nothing: 'nothing' in finding ? finding.nothing : null }
  }

  async prepare(_goal: Goal, context: PrepareContext): Promise<void> {
    const release = this.state.target?.release ?? null
    if (release === null || (await stagedFor(this.place, this.state, release)) !== null) return
    const staged = await stage(this.place, this.state, release, context)
    this.state = { ...this.state, staged }
  }

  async discard(): Promise<void> {
    await discardStaged(this.place)
    this.state = { ...this.state, staged: null, target: null }
  }

  async dropOldest(): Promise<boolean> {
    const oldest = this.state.kept.at(-1)
    if (oldest === undefined) return false
    await this.outside.files.remove(oldest.folder)
    this.state = { ...this.state, kept: this.state.kept.slice(0, -1) }
    return true
  }

  status(): UpdaterStatus | null {
    return this.state.looked ? statusOf(this.state, this.place) : null
  }

  installed(): { readonly version: string; readonly id: string } {
    return { version: this.state.version, id: this.state.version }
  }

  offer(): Offer | null {
    const { valid, version, pin, remote } = this.state
    const offered = offeredVersion(this.state)
    if (!valid || offered === '?' || offered === version) return null
    if (pin !== null) return { version: offered, id: pin.tag, date: null }
    const published = remote?.published ?? null
    return {
      version: offered,
      id: remote?.tag ?? offered,
      date: published === null ? null : published / 1000,
    }
  }

  async versions(
    page: { readonly limit: number; readonly offset: number },
    signal: AbortSignal,
  ): Promise<Versions> {
    return listVersions(this.place, this.state, page, signal)
  }

  async pin(version: string | null, signal: AbortSignal): Promise<string | null> {
    const release = version === null ? null : await findRelease(this.place, this.state, version, signal)
    const pin = release === null ? null : { tag: release.tag, version: release.version }
    this.state = { ...this.state, pin }
    return pin?.tag ?? null
  }

  saved(): Json {
    return this.state as unknown as Json
  }

  restore(saved: Json): void {
    this.state = readState(saved, this.options.repo)
  }

  plan(goal: Goal): Plan {
    return planFor(this.place, this.state, goal)
  }

  failed(): void {
    // What went wrong is told by whoever asked; the forge's own failures stand in lastError.
  }

  finished(goal: Goal): string {
    const label = `${this.place.title} ${this.name}`
    return goal.kind === 'rollback' ? `${label}: Rollback Complete` : `${label}: Update Finished...`
  }

  /** What the forge offers. When it cannot be asked, what is known stays, and why is told. */
  private async askForge(signal: AbortSignal): Promise<void> {
    const { owner, project } = this.state
    try {
      const release = await this.outside.forge.latest(owner, project, this.options.channel, signal)
      const remote = release === null ? this.state.remote : knownRelease(this.place, this.state, release)
      const lastError = release === null ? `${owner}/${project} has no release` : ''
      this.state = { ...this.state, remote, lastError }
    } catch (thrown) {
      signal.throwIfAborted()
      this.state = { ...this.state, lastError: asMoonkeeperError(thrown).message }
    }
  }
}
