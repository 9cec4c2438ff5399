import { MoonkeeperError } from '../../contract/error.js'
import type { PackageChange } from '../../contract/generated/types.js'
import { filters, flags, info, offered } from './packagekit-codes.js'
import { askKit, type KitAnswer, type KitQuestion, type KitSurroundings } from './packagekit-questions.js'
import type { KitPackage } from './packagekit-transaction.js'
import { isPackageName, type PackagePlan, type PackageProvider, type PackageTask } from './provider.js'

/** What a task comes to: the packages that PackageKit is asked for, and what that would do. */
export interface Finding {
  readonly ids: readonly string[]
  readonly plan: PackagePlan
}

export const lookFailed = 'The packages could not be looked at'

const silent = (): void => undefined
const nothing: PackagePlan = {
  install: [],
  upgrade: [],
  remove: [],
  kept: [],
  unknown: [],
  downloadBytes: null,
  diskBytes: null,
}

const byName = (one: PackageChange, other: PackageChange): number => (one.name < other.name ? -1 : 1)

/** By name and architecture. */
const keyOf = ({ name, architecture }: KitPackage): string => `${name}:${architecture}`

const idsOf = (packages: readonly KitPackage[]): readonly string[] => packages.map(({ id }) => id)

/** What tells two architectures of one package apart. */
const namer = (packages: readonly KitPackage[]): ((one: KitPackage) => string) => {
  const architectures = new Map<string, Set<string>>()
  for (const { name, architecture } of packages)
    architectures.set(name, (architectures.get(name) ?? new Set()).add(architecture))
  return (one) => ((architectures.get(one.name)?.size ?? 0) > 1 ? keyOf(one) : one.name)
}

/** @param simulated what a transaction would do. @param installed versions by name and architecture */
const changesIn = (
  simulated: readonly KitPackage[],
  installed: ReadonlyMap<string, string>,
): Pick<PackagePlan, 'install' | 'upgrade' | 'remove'> => {
  const nameOf = namer(simulated)
  const of = (...kinds: readonly number[]): readonly KitPackage[] =>
    simulated.filter((one) => kinds.includes(one.info))
  const comes = of(info.installing, info.updating, info.downgrading).map((one): PackageChange => {
    const from = installed.get(keyOf(one)) ?? null
    return { name: nameOf(one), from, to: one.version, ...(one.source === '' ? {} : { origin: one.source }) }
  })
  const goes = of(info.removing, info.obsoleting).map((one): PackageChange => ({
    name: nameOf(one),
    from: installed.get(keyOf(one)) ?? one.version,
    to: null,
  }))
  return {
    install: comes.filter(({ from }) => from === null).sort(byName),
    upgrade: comes.filter(({ from, to }) => from !== null && from !== to).sort(byName),
    remove: goes.sort(byName),
  }
}

/** Those of the updates that what is below PackageKit would do; all where nobody knows. */
const likely = (updates: readonly KitPackage[], plan: PackagePlan | null): readonly KitPackage[] => {
  if (plan === null) return updates
  const names = new Set(plan.upgrade.map(({ name }) => name))
  return updates.filter((one) => names.has(one.name) || names.has(keyOf(one)))
}

/** One question that changes a task's packages, or only simulates it. */
export const changeQuestion = (
  task: PackageTask,
  ids: readonly string[],
  flag: bigint,
  what: string,
): KitQuestion => {
  const role = task.kind === 'install' ? 'InstallPackages' : 'UpdatePackages'
  return { role, signature: 'tas', body: [flag, ids], what }
}

/** Asks PackageKit what is installed and what a task would do. Changes nothing. */
export class KitFinder {
  /** @param local what is below PackageKit, where that is known; null: only PackageKit is asked */
  constructor(
    private readonly outside: KitSurroundings,
    private readonly local: Pick<PackageProvider, 'simulate'> | null,
  ) {}

  /** @throws refused for what is no name of a package */
  async find(task: PackageTask, signal: AbortSignal): Promise<Finding> {
    if (task.kind === 'install') return this.findNamed(task, task.names, signal)
    const question = { role: 'GetUpdates', signature: 't', body: [filters.none], what: lookFailed } as const
    const { packages } = await this.ask(question, signal)
    const updates = packages.filter((one) => offered.has(one.info))
    const blocked = packages.filter((one) => one.info === info.blocked).map(({ name }) => name)
    const other = (await this.local?.simulate(task, { signal, say: silent }).catch(() => null)) ?? null
    const found = await this.simulate(task, idsOf(updates), signal)
    const chosen =
      task.removing || found.plan.remove.length === 0
        ? found
        : await this.findCareful(task, likely(updates, other), signal)
    const taken = new Set(chosen.ids)
    const left = updates.filter(({ id }) => !taken.has(id)).map(({ name }) => name)
    // What somebody holds back is told by apt, and not by PackageKit's way to it.
    const kept = new Set([...blocked, ...left, ...(other?.kept ?? [])])
    return { ...chosen, plan: { ...chosen.plan, kept: [...kept].sort() } }
  }

  /** What is installed of these. */
  async installed(names: readonly string[], signal: AbortSignal): Promise<readonly KitPackage[]> {
    if (names.length === 0) return []
    const { packages } = await this.resolve(names, filters.installed, signal)
    return packages.filter((one) => one.info === info.installed)
  }

  async ask(question: KitQuestion, signal: AbortSignal): Promise<KitAnswer> {
    const answer = await askKit(question, this.outside, { signal, say: silent })
    if (answer.failure !== null) throw answer.failure
    return answer
  }

  private resolve(names: readonly string[], filter: bigint, signal: AbortSignal): Promise<KitAnswer> {
    return this.ask({ role: 'Resolve', signature: 'tas', body: [filter, names], what: lookFailed }, signal)
  }

  /** Those that need no other package to go. */
  private async findCareful(
    task: PackageTask,
    candidates: readonly KitPackage[],
    signal: AbortSignal,
  ): Promise<Finding> {
    const found = await this.simulate(task, idsOf(candidates), signal)
    return found.plan.remove.length === 0 ? found : this.growCareful(task, candidates, signal)
  }

  /** One after the other, as long as nothing goes. */
  private async growCareful(
    task: PackageTask,
    updates: readonly KitPackage[],
    signal: AbortSignal,
  ): Promise<Finding> {
    let found: Finding = { ids: [], plan: nothing }
    for (const { id } of updates) {
      const more = await this.simulate(task, [...found.ids, id], signal).catch(() => null)
      signal.throwIfAborted()
      if (more !== null && more.plan.remove.length === 0) found = more
    }
    return found
  }

  private async findNamed(
    task: PackageTask,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<Finding> {
    const odd = names.find((name) => !isPackageName(name))
    if (odd !== undefined) throw new MoonkeeperError('refused', `'${odd}' is not the name of a package`)
    const packages = await this.resolveNamed(names, signal)
    const known = new Set(packages.flatMap((one) => [one.name, keyOf(one)]))
    const unknown = names.filter((name) => !known.has(name))
    const installed = new Map(
      packages.filter((one) => one.info === info.installed).map((one) => [keyOf(one), one.version]),
    )
    const wanted = packages.filter(
      (one) => one.info === info.available && installed.get(keyOf(one)) !== one.version,
    )
    const found = await this.simulate(task, [...new Set(idsOf(wanted))], signal)
    return { ...found, plan: { ...found.plan, unknown } }
  }

  /** Of this machine's architecture, but for those whose architecture is named. */
  private async resolveNamed(names: readonly string[], signal: AbortSignal): Promise<readonly KitPackage[]> {
    const bare = names.filter((name) => !name.includes(':'))
    const named = names.filter((name) => name.includes(':'))
    const own =
      bare.length === 0 ? [] : (await this.resolve(bare, filters.newest | filters.arch, signal)).packages
    if (named.length === 0) return own
    const roots = named.map((name) => name.replace(/:.*$/, ''))
    const { packages } = await this.resolve(roots, filters.newest, signal)
    // `all` fits every architecture.
    const fits = (one: KitPackage): boolean =>
      named.includes(keyOf(one)) || (one.architecture === 'all' && roots.includes(one.name))
    return [...own, ...packages.filter(fits)]
  }

  /** What a transaction on these would do. */
  private async simulate(task: PackageTask, ids: readonly string[], signal: AbortSignal): Promise<Finding> {
    if (ids.length === 0) return { ids, plan: nothing }
    const question = changeQuestion(task, ids, flags.simulate | flags.onlyTrusted, lookFailed)
    const { packages } = await this.ask(question, signal)
    const before = await this.installed([...new Set(packages.map(({ name }) => name))], signal)
    const installed = new Map(before.map((one) => [keyOf(one), one.version]))
    return { ids, plan: { ...nothing, ...changesIn(packages, installed) } }
  }
}
