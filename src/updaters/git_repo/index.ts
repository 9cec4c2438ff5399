import { MoonkeeperError } from '../../contract/error.js'
import type { GitRepoStatus, Versions } from '../../contract/generated/types.js'
import type { ImagePart } from '../../images/build.js'
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
  UpdaterSurroundings,
} from '../contract.js'
import { virtualenvProblem } from '../dependencies/dependent.js'
import { droppedBy } from '../dependencies/kept.js'
import { listVersions } from './available.js'
import { readBothSides } from './changes.js'
import type { Checkout } from './checkout.js'
import { dependentOf } from './dependencies.js'
import { Git, GitError, meansCorruption } from './git.js'
import { describe } from './history.js'
import { Inspection } from './inspection.js'
import { findAnywhere, unknownVersion } from './named-version.js'
import { dropKeptRef, fewestToDrop, tidyObjects } from './kept-refs.js'
import type { GitRepoOptions } from './options.js'
import { packCheckout } from './pack.js'
import { planFor } from './plan.js'
import { readState, unknownState, type GitRepoState } from './state.js'
import { isValid, statusOf } from './status.js'
import { summarise } from './summary.js'
import { survey } from './survey.js'
import { shortVersion } from './version.js'

/** Applications that are git checkouts. */
export class GitRepoUpdater implements Updater {
  readonly goals = ['upgrade', 'rollback', 'recover'] as const
  private state: GitRepoState = unknownState()
  /** True when the last survey has read all that differs. */
  private read = false
  private readonly git: Git

  constructor(
    readonly name: string,
    private readonly options: GitRepoOptions,
    private readonly outside: UpdaterSurroundings,
  ) {
    this.git = new Git(outside.commands, options.path)
  }

  async inspect(context: InspectContext): Promise<void> {
    const setup = { name: this.name, options: this.effective(), git: this.git, outside: this.outside }
    const state = await new Inspection(setup, this.state, context).look()
    this.state = { ...state, virtualenvProblem: await virtualenvProblem(dependentOf(this.checkout())) }
  }

  async survey(goal: Goal, context: SurveyContext): Promise<Survey> {
    this.state = { ...this.state, target: null }
    const finding = await survey(this.checkout(), this.state, goal, context)
    const target = 'target' in finding ? finding.target : null
    this.state = { ...this.state, target }
    this.read = 'target' in finding && finding.read
    const plan = await summarise(this.checkout(), this.state, goal, target, context)
    return { plan, nothing: 'nothing' in finding ? finding.nothing : null }
  }

  /** Everything is in the repository already: what is prepared is that it can be read. */
  async prepare(_goal: Goal, { signal }: PrepareContext): Promise<void> {
    const { target } = this.state
    if (target === null || target.from === '?' || target.to === '?' || this.read) return
    await readBothSides(this.git, target.from, target.to, signal)
  }

  async pack(folder: string, context: PrepareContext): Promise<ImagePart> {
    return packCheckout(this.checkout(), this.state, folder, context)
  }

  /** Objects that nothing needs are git's own to tidy. */
  async discard(): Promise<void> {
    this.state = { ...this.state, target: null }
  }

  /** Most kept versions are part of the branch: without their names only what they depended on is free. */
  async dropOldest(): Promise<boolean> {
    const { kept, target } = this.state
    const checkout = this.checkout()
    // Not the one that a rollback goes to.
    const others = kept.filter(({ commit }) => commit !== target?.to).toReversed()
    const foldersOf = (gone: typeof others): readonly string[] =>
      droppedBy(
        null,
        gone,
        kept.filter((place) => !gone.includes(place)),
      )
    const commits = others.map(({ commit }) => commit)
    const gone = await fewestToDrop(
      checkout,
      commits,
      (count) => foldersOf(others.slice(0, count)).length > 0,
    )
    for (const commit of gone) await dropKeptRef(checkout, commit)
    for (const folder of foldersOf(others.slice(0, gone.length))) await this.outside.files.remove(folder)
    this.state = { ...this.state, kept: kept.filter(({ commit }) => !gone.includes(commit)) }
    if (gone.length > 0) await tidyObjects(this.git)
    return gone.length > 0
  }

  get folder(): string {
    return this.options.path
  }

  status(): GitRepoStatus | null {
    if (this.state.repository === 'unknown') return null
    return statusOf(this.state, {
      name: this.name,
      options: this.effective(),
      folder: this.options.path,
      debug: this.outside.debug,
    })
  }

  installed(): { readonly version: string; readonly id: string } {
    return { version: shortVersion(this.state.currentVersion), id: this.state.currentCommit }
  }

  offer(): Offer | null {
    const { currentCommit, upstreamCommit, upstreamVersion, commitsBehind } = this.state
    if (currentCommit === upstreamCommit || !isValid(this.state, this.outside.debug)) return null
    const date = Number(commitsBehind[0]?.date)
    const version = shortVersion(upstreamVersion)
    return { version, id: upstreamCommit, date: Number.isFinite(date) ? date : null }
  }

  async versions(
    page: { readonly limit: number; readonly offset: number },
    signal: AbortSignal,
  ): Promise<Versions> {
    return listVersions(this.checkout(), this.state, page, signal)
  }

  async pin(version: string | null, signal: AbortSignal): Promise<string | null> {
    if (this.options.pinned_commit !== undefined) {
      throw new MoonkeeperError(
        'set_in_configuration',
        `Git Repo ${this.name}: pinned_commit in the configuration decides. Change it there.`,
      )
    }
    const pin = version === null ? null : await this.findPin(version, signal)
    this.state = { ...this.state, pin }
    return pin?.commit ?? null
  }

  saved(): Json {
    return this.state as unknown as Json
  }

  restore(saved: Json): void {
    this.state = readState(saved)
  }

  plan(goal: Goal): Plan {
    return planFor(this.checkout(), this.state, goal)
  }

  failed(thrown: unknown): void {
    if (!(thrown instanceof GitError)) return
    const corrupt = this.state.corrupt || meansCorruption(thrown.messages.join('\n'))
    this.state = { ...this.state, messages: [...thrown.messages], corrupt }
  }

  finished(goal: Goal): string {
    switch (goal.kind) {
      case 'upgrade':
        return `Git Repo ${this.name}: Update Finished...`
      case 'rollback':
        return `Git Repo ${this.name}: Rollback Complete`
      case 'recover':
        this.refuseHalfRecovery(goal.hard)
        return `Git Repo ${this.name}: Reinstall Complete`
    }
  }

  /** After a hard recovery local edits may be back in the files: that is no failure. */
  private refuseHalfRecovery(hard: boolean): void {
    const judged = hard ? { ...this.state, dirty: false } : this.state
    if (isValid(judged, this.outside.debug)) return
    const failure = this.state.remoteFailure ?? this.state.failure
    if (failure !== null) throw new MoonkeeperError('command_failed', failure)
    throw new MoonkeeperError('recovery_failed', 'Recovery attempt failed, repo state not pristine')
  }

  /** @throws unknown_version */
  private async findPin(
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly commit: string; readonly version: string }> {
    const commit = await findAnywhere(this.checkout(), this.state, name, signal)
    if (commit === null) throw unknownVersion(this.name, name)
    const [version = commit] = await describe(this.git, [commit], signal)
    return { commit, version }
  }

  /** A pin by the API is as one in the configuration, which goes before. */
  private effective(): GitRepoOptions {
    const { pin } = this.state
    if (pin === null || this.options.pinned_commit !== undefined) return this.options
    return { ...this.options, pinned_commit: pin.commit }
  }

  private checkout(): Checkout {
    return {
      name: this.name,
      options: this.effective(),
      git: this.git,
      gitFolder: this.state.gitFolder,
      outside: this.outside,
    }
  }
}
