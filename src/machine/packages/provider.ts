import type { PackageChange, PackagePlan as Wire } from '../../contract/generated/types.js'
import type { CommandOptions, CommandResult } from '../../system/commands.js'

/** How commands are run that only root may run. @throws when that is not possible here */
export interface RootCommands {
  run(argv: readonly [string, ...string[]], options?: CommandOptions): Promise<CommandResult>
  /** Whether that is possible now. */
  granted(): Promise<boolean>
}

/** What is to be done to the machine's packages. */
export type PackageTask =
  /** All that is newer. `removing`: also what needs other packages to go. */
  | { readonly kind: 'upgrade'; readonly removing: boolean }
  /** These, and what they need. Names that no source knows are left out, and told. */
  | { readonly kind: 'install'; readonly names: readonly string[] }

/** What a task would do, exactly. Sorted by name. Its fields are described in schemas/types/package-plan.json. */
export type PackagePlan = {
  readonly [K in keyof Wire]: Wire[K] extends (infer T)[] ? readonly T[] : Wire[K]
}

export interface PackageContext {
  readonly signal: AbortSignal
  /** A line for people, and how much is done, 0 to 1, where that is known. */
  readonly say: (text: string, fraction?: number) => void
}

export interface TransactionContext extends PackageContext {
  /** A folder for what the transaction writes while it runs. It exists. */
  readonly folder: string
}

/**
 * One package manager of the operating system. Every function waits for another one's lock, and says so.
 * @throws by all of them: packages_busy, packages_broken, needs_privileges, command_failed; the signal's reason
 */
export interface PackageProvider {
  readonly name: 'PackageKit' | 'apt'
  /** Where packages are downloaded to: what must have room. */
  readonly folder: string
  /**
   * Asks the sources what there is.
   * @returns what people should know: a source that failed while others answered
   * @throws sources_*, no_dns, clock_wrong when nothing could be had
   */
  refresh(context: PackageContext): Promise<readonly string[]>
  /**
   * Another text after every change of what is installed, or of what the last refresh knows: for comparing only. Cheap.
   */
  stamp(): Promise<string>
  /** What a task would do, as the last refresh knows the sources. No sizes yet. Changes nothing. @throws refused */
  simulate(task: PackageTask, context: PackageContext): Promise<PackagePlan>
  /** What a task costs. */
  measure(
    task: PackageTask,
    context: PackageContext,
  ): Promise<Pick<PackagePlan, 'downloadBytes' | 'diskBytes'>>
  /** Downloads what a task needs. It may be ended at any time. @throws sources_*, no_dns, digest_mismatch, no_space */
  download(task: PackageTask, context: PackageContext): Promise<void>
  /**
   * Does it, if it is still what was planned. Once it began it is ended by nothing: the signal does not count any more,
   * and it goes on when the daemon is killed.
   * @throws plan_changed when nothing was done; package_failed, packages_broken
   */
  apply(task: PackageTask, planned: PackagePlan, context: TransactionContext): Promise<void>
  /** Who uses the package database now, for people; null when nobody does. */
  busy(): Promise<string | null>
  /** What an interrupted transaction left half done, by name; empty when the database is consistent. No root needed. */
  unfinished(): Promise<readonly string[]>
  /** True when repair() may be done now: it needs root. */
  mayRepair(): Promise<boolean>
  /** Brings what is half done to its end. @throws packages_broken, package_failed when it cannot */
  repair(context: TransactionContext): Promise<void>
  /** The installed version of each of these names that is installed. */
  installed(names: readonly string[]): Promise<ReadonlyMap<string, string>>
}

const isSame = (one: readonly PackageChange[], other: readonly PackageChange[]): boolean => {
  const words = (changes: readonly PackageChange[]): string =>
    JSON.stringify(changes.map(({ name, from, to }) => [name, from, to]).sort())
  return words(one) === words(other)
}

/** True when two plans change the same packages from and to the same versions. */
export const isSamePlan = (one: PackagePlan, other: PackagePlan): boolean =>
  isSame(one.install, other.install) && isSame(one.upgrade, other.upgrade) && isSame(one.remove, other.remove)

/** Debian's policy, and an architecture. No option, no `name-`, `name=version` or pattern of apt's passes. */
export const isPackageName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9+.-]*[a-z0-9+](?::[a-z0-9]+)?$/.test(name)
