import { asMoonkeeperError } from '../../contract/error.js'
import type { Versions } from '../../contract/generated/types.js'
import type { ImagePart } from '../../images/build.js'
import { StatusAnswer } from '../../system/http.js'
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
import { carriedSource } from './carried-source.js'
import { virtualenvWarnings, withDependencies } from './dependencies.js'
import { knownRelease } from './found-release.js'
import { readInstall, type Install } from './install.js'
import { packRelease } from './pack.js'
import { isOlder } from './order.js'
import { placeOf, type Place, type ReleaseOptions, type ReleaseType } from './place.js'
import { planFor } from './plan.js'
import { stagedFor } from './staged.js'
import { discardStaged, stage } from './staging.js'
import { isInstalled, readState, unknownState, type ReleaseState, type Target } from './state.js'
import { statusOf } from './status.js'
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
    const warnings = [...install.warnings, ...(await virtualenvWarnings(this.place))]
    const found = { ...install, ...releaseOf(this.state, install), warnings }
    this.state = { ...this.state, ...found, looked: true, target: null }
    if (remote && install.valid) await this.askForge(signal)
  }

  async survey(goal: Goal, context: SurveyContext): Promise<Survey> {
    this.state = { ...this.state, target: null }
    if (context.fresh && goal.kind === 'upgrade' && this.state.valid) await this.askForge(context.signal)
    const place = this.placeFor(goal)
    const finding = await survey(place, this.state, goal, context)
    const target = 'target' in finding ? await withDependencies(place, this.state, finding.target) : null
    this.state = { ...this.state, remote: newest(place, this.state, target), target }
    const plan = await summarise(place, this.state, goal, target, context)
    return { plan, nothing: 'nothing' in finding ? finding.nothing : null }
  }

  async prepare(goal: Goal, context: PrepareContext): Promise<void> {
    const { target } = this.state
    const release = target?.release ?? null
    if (target === null || release === null) return
    const staged =
      (await stagedFor(this.place, release)) ??
      (await stage(this.placeFor(goal), this.state, release, context))
    // What it says of itself is what will be seen of it.
    const found = { ...target, version: staged.version ?? target.version }
    this.state = { ...this.state, target: await withDependencies(this.place, this.state, found) }
  }

  async pack(folder: string, context: PrepareContext): Promise<ImagePart> {
    return packRelease(this.place, this.state, folder, context)
  }

  async discard(): Promise<void> {
    await discardStaged(this.place)
    this.state = { ...this.state, target: null }
  }

  async dropOldest(): Promise<boolean> {
    const { kept, target } = this.state
    // Not the one that a rollback goes to.
    const oldest = kept.findLast(({ folder }) => folder !== target?.from)
    if (oldest === undefined) return false
    await this.outside.files.remove(oldest.folder)
    this.state = { ...this.state, kept: kept.filter((one) => one !== oldest) }
    return true
  }

  status(): UpdaterStatus | null {
    return this.state.looked ? statusOf(this.state, this.place) : null
  }

  installed(): { readonly version: string; readonly id: string } {
    return { version: this.state.version, id: this.state.version }
  }

  offer(): Offer | null {
    const { valid, pin, remote } = this.state
    const offered = pin ?? remote
    if (!valid || offered === null || isInstalled(this.state, offered)) return null
    const { version, tag: id } = offered
    const published = offered === remote ? remote.published : null
    return { version, id, date: published === null ? null : published / 1000 }
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

  /** The place, with where the goal's version comes from. */
  private placeFor(goal: Goal): Place {
    const carried = goal.kind === 'upgrade' ? goal.carried : undefined
    return carried === undefined ? this.place : { ...this.place, source: carriedSource(carried) }
  }

  /** compat: the status has Moonraker's words, and none when the limit was known and nothing was asked. */
  private errorOf(thrown: unknown): string {
    const { kind, message, cause } = asMoonkeeperError(thrown)
    if (cause instanceof StatusAnswer) return cause.message
    return kind === 'rate_limited' && this.state.remote !== null ? this.state.lastError : message
  }

  /** What the forge offers. When it cannot be asked, what is known stays, and why is told. */
  private async askForge(signal: AbortSignal): Promise<void> {
    const { owner, project } = this.state
    try {
      const release = await this.outside.forge.latest(owner, project, this.options.channel, signal)
      const remote = release === null ? this.state.remote : knownRelease(this.place, this.state, release)
      // compat: Moonraker's words for a project without a release.
      const lastError = release === null ? 'HTTP 404: Not Found' : ''
      this.state = { ...this.state, remote, lastError }
    } catch (thrown) {
      signal.throwIfAborted()
      this.state = { ...this.state, lastError: this.errorOf(thrown) }
    }
  }
}

/** Who brings a newer release than the forge was known to have, tells of it. */
const newest = (
  { source }: Place,
  { remote }: ReleaseState,
  target: Target | null,
): ReleaseState['remote'] => {
  const brought = source.isHere ? (target?.release ?? null) : null
  if (brought === null || (remote !== null && !isOlder(remote.version, brought.version))) return remote
  return brought
}

/** What is known of releases holds for the project and the version that it was found for. */
const releaseOf = (before: ReleaseState, install: Install): Pick<ReleaseState, 'remote' | 'tag'> => {
  const repo = `${install.owner}/${install.project}`
  const remote = before.remote?.repo === repo ? before.remote : null
  if (remote !== null && (remote.version === install.version || remote.tag === install.version))
    return { remote, tag: remote.tag }
  return { remote, tag: install.version === before.version ? before.tag : null }
}
