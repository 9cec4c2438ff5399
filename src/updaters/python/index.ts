import { asMoonkeeperError, MoonkeeperError } from '../../contract/error.js'
import type { UpdateManagerPythonOptions, Versions } from '../../contract/generated/types.js'
import { canReport, pipVersion } from '../../python/pip.js'
import { readVirtualenv, type Virtualenv } from '../../python/virtualenv.js'
import { shortPythonVersion } from '../../python/versions.js'
import type {
  Goal,
  GoalKind,
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
import { applicationOf, labelOf, toolsOf, type PythonApplication } from './application.js'
import { listVersions } from './available.js'
import { readInstall } from './install.js'
import { planFor } from './plan.js'
import { askRemote } from './remote.js'
import { discardStaged, stage, stagedFor } from './staging.js'
import { installedId, offered, readState, unknownState, type PythonState } from './state.js'
import { statusOf } from './status.js'
import { summarise } from './summary.js'
import { findVersion, refusePip, survey } from './survey.js'

/** Applications that are Python packages in a virtualenv of their own. */
export class PythonUpdater implements Updater {
  private state: PythonState = unknownState()
  private readonly application: PythonApplication

  constructor(
    readonly name: string,
    private readonly options: UpdateManagerPythonOptions,
    private readonly outside: UpdaterSurroundings,
  ) {
    this.application = applicationOf(name, options, outside)
  }

  /** compat: what works is not recovered, and Moonraker's words say so. */
  get goals(): readonly GoalKind[] {
    return this.state.looked && !this.state.valid
      ? ['upgrade', 'rollback', 'recover']
      : ['upgrade', 'rollback']
  }

  get folder(): string {
    return this.options.virtualenv
  }

  async inspect({ remote, signal }: InspectContext): Promise<void> {
    const { install, virtualenv } = await readInstall(this.application)
    this.state = afterLook(this.state, install)
    if (remote && install.valid && virtualenv !== null) await this.ask(virtualenv, signal)
  }

  async survey(goal: Goal, context: SurveyContext): Promise<Survey> {
    this.state = { ...this.state, target: null }
    if (context.fresh && goal.kind === 'upgrade' && this.state.valid) {
      const { virtualenv } = await readInstall(this.application)
      if (virtualenv !== null) await this.ask(virtualenv, context.signal)
    }
    const finding = await survey(this.application, this.state, goal, context)
    const target = 'target' in finding ? finding.target : null
    this.state = { ...this.state, target }
    const plan = await summarise(this.application, this.state, goal, target, context)
    return { plan, nothing: 'nothing' in finding ? finding.nothing : null }
  }

  async prepare(goal: Goal, context: PrepareContext): Promise<void> {
    const { target } = this.state
    if (target?.action !== 'install') return
    refusePip(this.application)
    const virtualenv = await readVirtualenv(target.folder, toolsOf(this.application))
    if (virtualenv === null || !canReport(await pipVersion(virtualenv, toolsOf(this.application)))) return
    const { application } = this
    const exact = goal.kind !== 'upgrade' || goal.version !== null || this.state.pin !== null
    const staged =
      (await stagedFor(application, virtualenv, target.goal)) ??
      (await stage({ application, virtualenv, context }, this.state, target.goal, exact))
    this.state = { ...this.state, target: { ...target, staged } }
  }

  async discard(): Promise<void> {
    await discardStaged(this.application)
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
    return this.state.looked ? statusOf(this.state, this.application) : null
  }

  installed(): { readonly version: string; readonly id: string } {
    return { version: shortPythonVersion(this.state.version), id: installedId(this.state) }
  }

  offer(): Offer | null {
    const wanted = this.state.valid ? offered(this.state) : null
    if (wanted === null) return null
    const { published } = this.state.remote
    const date = this.state.pin !== null || published === null ? null : published / 1000
    return { version: shortPythonVersion(wanted.version), id: wanted.id, date }
  }

  async versions(
    page: { readonly limit: number; readonly offset: number },
    signal: AbortSignal,
  ): Promise<Versions> {
    return listVersions(this.application, this.state, page, signal)
  }

  async pin(version: string | null, signal: AbortSignal): Promise<string | null> {
    const pin = version === null ? null : await findVersion(this.application, this.state, version, signal)
    this.state = { ...this.state, pin }
    return pin?.id ?? null
  }

  saved(): Json {
    return this.state as unknown as Json
  }

  restore(saved: Json): void {
    this.state = readState(saved)
  }

  plan(goal: Goal): Plan {
    return planFor(this.application, this.state, goal)
  }

  failed(): void {
    // What went wrong is told by whoever asked; what the remote refused stands in failure.
  }

  /** compat: Moonraker's last words of a rollback are those of an update. */
  finished(goal: Goal): string {
    const label = labelOf(this.application)
    if (goal.kind !== 'recover') return `${label}: Update Finished...`
    const [warning] = this.state.warnings
    if (warning !== undefined) throw new MoonkeeperError('recovery_failed', `${label}: ${warning}`)
    return `${label}: Recovery Complete`
  }

  /** When the remote cannot be asked, what is known stays, and why is told. pip is not started while a print runs. */
  private async ask(virtualenv: Virtualenv, signal: AbortSignal): Promise<void> {
    if (this.outside.isPrinting() && this.state.source !== 'github') return
    try {
      const remote = await askRemote(this.application, this.state, virtualenv, signal)
      this.state = { ...this.state, remote, failure: '' }
    } catch (thrown) {
      signal.throwIfAborted()
      this.state = { ...this.state, failure: asMoonkeeperError(thrown).message }
    }
  }
}

/** After an update what was offered is what is installed, until the remote is asked again. */
const afterLook = (
  before: PythonState,
  install: Awaited<ReturnType<typeof readInstall>>['install'],
): PythonState => {
  const state = { ...before, ...install, looked: true, target: null }
  // An interpreter that is gone does not tell what was there: that is still known.
  const known = install.version === '?' && before.version !== '?' && install.problem !== null
  const kept = known ? { ...state, version: before.version, commit: before.commit } : state
  if (kept.remote.id !== '' || before.rollback === null) return kept
  const { version, commit } = kept
  return { ...kept, remote: { version, id: installedId(kept), hash: commit, published: null } }
}
