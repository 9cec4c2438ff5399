import { asMoonkeeperError, MoonkeeperError } from '../../contract/error.js'
import type { ApplicationPlan, Versions } from '../../contract/generated/types.js'
import type { PackagePlan, PackageProvider } from '../../machine/packages/provider.js'
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
import { planFor, upgradeTask, type SystemSurroundings } from './plan.js'
import {
  countOf,
  idAfter,
  idBefore,
  nothing,
  readState,
  unknownState,
  versionOf,
  type SystemState,
} from './state.js'
import { statusOf } from './status.js'

/** The version that leaves out what needs other packages to go. */
const carefully = 'without-removals'

const silent = (): void => undefined

const noManager: SystemSurroundings['packages'] = {
  provider: () =>
    Promise.reject(new MoonkeeperError('no_package_manager', 'System updates are switched off')),
}

/** The packages of the operating system, through whoever manages them here. */
class SystemUpdater implements Updater {
  readonly goals = ['upgrade', 'recover'] as const
  readonly ofTheMachine = true
  folder = '/'
  private state: SystemState = unknownState
  private readonly outside: SystemSurroundings

  constructor(
    readonly name: string,
    { packages, files }: UpdaterSurroundings,
  ) {
    this.outside = { packages: packages ?? noManager, files }
  }

  async inspect({ remote, signal }: InspectContext): Promise<void> {
    try {
      const provider = await this.provider()
      const warnings = remote ? await provider.refresh({ signal, say: silent }) : this.state.warnings
      // A look at what nobody changed costs nothing.
      if (remote || (await provider.stamp()) !== this.state.stamp) await this.look(provider, signal)
      const lastError = remote ? '' : this.state.lastError
      this.state = { ...this.state, warnings: [...warnings], lastError }
    } catch (thrown) {
      signal.throwIfAborted()
      await this.lookWithout(signal)
      this.state = { ...this.state, looked: true, lastError: asMoonkeeperError(thrown).message }
    }
  }

  async survey(goal: Goal, context: SurveyContext): Promise<Survey> {
    this.state = { ...this.state, planned: null, careful: false }
    const provider = await this.provider()
    if (goal.kind === 'recover') return this.surveyRecovery(goal, provider)
    const version = goal.kind === 'upgrade' ? goal.version : null
    // compat: what is known to be up to date is left alone without a word.
    const told = this.state.lastError !== '' && context.named === true
    if (!context.fresh && version === null && countOf(this.state.available) === 0 && !told)
      return { plan: this.summary(goal, nothing), nothing: '' }
    if (!context.shown) context.progress('Updating packages...')
    const warnings = await provider.refresh({ signal: context.signal, say: context.progress })
    await this.look(provider, context.signal)
    this.state = { ...this.state, warnings: [...warnings], lastError: '' }
    const chosen = await this.choose(provider, version, context.signal)
    const sizes = await provider.measure(upgradeTask(this.state), { signal: context.signal, say: silent })
    const planned = { ...chosen, ...sizes }
    this.state = { ...this.state, planned }
    const plan = this.summary(goal, planned)
    return { plan, nothing: countOf(planned) === 0 ? 'All packages are up to date' : null }
  }

  async prepare(goal: Goal, { signal, progress: say }: PrepareContext): Promise<void> {
    if (goal.kind === 'recover') return
    const provider = await this.provider()
    await provider.download(upgradeTask(this.state), { signal, say })
  }

  async discard(): Promise<void> {
    // What was downloaded is the package manager's, which drops it in its own time.
    this.state = { ...this.state, planned: null }
  }

  async dropOldest(): Promise<boolean> {
    return false
  }

  status(): UpdaterStatus | null {
    return this.state.looked ? statusOf(this.name, this.state) : null
  }

  installed(): { readonly version: string; readonly id: string } {
    const { available } = this.state
    return { version: versionOf(countOf(available)), id: idBefore(available) }
  }

  isMended(): boolean {
    return this.state.looked && this.state.unfinished.length === 0
  }

  offer(): Offer | null {
    const { available } = this.state
    if (countOf(available) === 0) return null
    return { version: versionOf(0), id: idAfter(available), date: null }
  }

  async versions(): Promise<Versions> {
    const { version, id } = this.installed()
    const offer = this.offer()
    const current = { version, id, date: null, title: 'As it is', current: true, kept: false }
    const newest = { date: null, title: 'All that is newer', current: false, kept: false }
    const versions =
      offer === null ? [current] : [{ ...newest, version: offer.version, id: offer.id }, current]
    return { versions, total: versions.length, current: id, pinned: null }
  }

  async pin(): Promise<string | null> {
    throw new MoonkeeperError(
      'not_supported',
      `${this.name} cannot be pinned as a whole. Hold a package back with: sudo apt-mark hold NAME`,
    )
  }

  saved(): Json {
    return this.state as unknown as Json
  }

  restore(saved: Json): void {
    this.state = readState(saved)
  }

  plan(goal: Goal): Plan {
    return planFor(this.state, goal, this.outside)
  }

  failed(): void {
    // What is installed now is looked at anew: what was done stays.
  }

  finished(goal: Goal): string {
    if (goal.kind !== 'recover') return 'Package update finished...'
    if (this.isMended()) return 'Nothing is half installed any more'
    throw new MoonkeeperError('recovery_failed', `Still half installed: ${this.state.unfinished.join(', ')}`)
  }

  private async provider(): Promise<PackageProvider> {
    const provider = await this.outside.packages.provider()
    this.folder = provider.folder
    this.state = { ...this.state, provider: provider.name }
    return provider
  }

  /** The sources could not be asked: what was known of them before is still there. */
  private async lookWithout(signal: AbortSignal): Promise<void> {
    try {
      await this.look(await this.provider(), signal)
    } catch {
      signal.throwIfAborted()
    }
  }

  /** What there is now, as the last refresh knows the sources. */
  private async look(provider: PackageProvider, signal: AbortSignal): Promise<void> {
    const stamp = await provider.stamp()
    const unfinished = [...(await provider.unfinished())]
    const available = await provider.simulate({ kind: 'upgrade', removing: true }, { signal, say: silent })
    this.state = { ...this.state, looked: true, available, unfinished, stamp }
  }

  /** @param version null: all that is newer. @throws plan_changed, unknown_version */
  private async choose(
    provider: PackageProvider,
    version: string | null,
    signal: AbortSignal,
  ): Promise<PackagePlan> {
    const { available } = this.state
    if (version === null || version === versionOf(0) || version === idAfter(available)) return available
    this.state = { ...this.state, careful: true }
    const careful = await provider.simulate(upgradeTask(this.state), { signal, say: silent })
    if (version === carefully || version === idAfter(careful)) return careful
    if (/^[0-9a-f]{16}$/.test(version))
      throw new MoonkeeperError(
        'plan_changed',
        `${this.name}: other packages would be changed than was planned`,
      )
    throw new MoonkeeperError(
      'unknown_version',
      `${this.name} has no version '${version}'. There is '${carefully}': what needs no other package to go`,
    )
  }

  private async surveyRecovery(goal: Goal, provider: PackageProvider): Promise<Survey> {
    this.state = { ...this.state, unfinished: [...(await provider.unfinished())] }
    const busy = await provider.busy()
    const needed = !this.isMended() || busy !== null
    const plan = { ...this.summary(goal, nothing), needed }
    return { plan, nothing: needed ? null : 'Nothing is half installed' }
  }

  private summary(goal: Goal, planned: PackagePlan): ApplicationPlan {
    const { install, upgrade, remove, kept, downloadBytes, diskBytes } = planned
    const behind = goal.kind === 'recover' ? countOf(this.state.available) : this.behindAfter(planned)
    return {
      name: this.name,
      type: 'system',
      goal: goal.kind,
      needed: countOf(planned) > 0,
      from: this.installed(),
      to: { version: versionOf(behind), id: idAfter(planned) },
      downgrade: false,
      ...(downloadBytes === null ? {} : { download_bytes: downloadBytes }),
      ...(downloadBytes === null ? {} : { disk_bytes: downloadBytes + Math.max(0, diskBytes ?? 0) }),
      packages: { install: [...install], upgrade: [...upgrade], remove: [...remove] },
      services: [],
      edits: [],
      reversible: false,
      warnings: [
        ...this.state.warnings,
        ...(kept.length === 0 ? [] : [`Held back, and left as they are: ${kept.join(', ')}`]),
      ],
    }
  }

  /** What would still be newer. */
  private behindAfter(planned: PackagePlan): number {
    const done = new Set(planned.upgrade.map(({ name }) => name))
    return this.state.available.upgrade.filter(({ name }) => !done.has(name)).length
  }
}

export const createSystemUpdater = (name: string, _options: unknown, outside: UpdaterSurroundings): Updater =>
  new SystemUpdater(name, outside)
