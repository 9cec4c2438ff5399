import { MoonkeeperError } from '../../contract/error.js'
import type {
  Goal,
  InspectContext,
  Json,
  Plan,
  SurveyContext,
  Updater,
  UpdaterStatus,
  UpdaterSurroundings,
} from '../contract.js'
import type { Checkout } from './checkout.js'
import { Git, GitError, meansCorruption } from './git.js'
import { Inspection } from './inspection.js'
import type { GitRepoOptions } from './options.js'
import { planFor } from './plan.js'
import { readState, unknownState, type GitRepoState } from './state.js'
import { isValid, statusOf } from './status.js'
import { survey } from './survey.js'

/** Applications that are git checkouts. */
export class GitRepoUpdater implements Updater {
  readonly goals = ['upgrade', 'rollback', 'recover'] as const
  private state: GitRepoState = unknownState()
  private readonly git: Git

  constructor(
    readonly name: string,
    private readonly options: GitRepoOptions,
    private readonly outside: UpdaterSurroundings,
  ) {
    this.git = new Git(outside.commands, options.path)
  }

  async inspect(context: InspectContext): Promise<void> {
    const setup = { name: this.name, options: this.options, git: this.git, outside: this.outside }
    this.state = await new Inspection(setup, this.state, context).look()
  }

  async survey(goal: Goal, context: SurveyContext): Promise<string | null> {
    this.state = { ...this.state, target: null }
    const finding = await survey(this.checkout(), this.state, goal, context)
    if ('nothing' in finding) return finding.nothing
    this.state = { ...this.state, target: finding.target }
    return null
  }

  status(): UpdaterStatus | null {
    if (this.state.repository === 'unknown') return null
    return statusOf(this.state, {
      name: this.name,
      options: this.options,
      folder: this.options.path,
      debug: this.outside.debug,
    })
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

  private checkout(): Checkout {
    return {
      name: this.name,
      options: this.options,
      git: this.git,
      gitFolder: this.state.gitFolder,
      outside: this.outside,
    }
  }
}
