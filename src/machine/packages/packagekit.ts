import { MoonkeeperError } from '../../contract/error.js'
import { waitUntilFree } from './locks.js'
import { authorized, flags } from './packagekit-codes.js'
import { brokenPackages } from './packagekit-failures.js'
import { changeQuestion, KitFinder, lookFailed, type Finding } from './packagekit-plan.js'
import {
  askKit,
  KitLost,
  manager,
  service,
  type KitAnswer,
  type KitQuestion,
  type KitSurroundings,
} from './packagekit-questions.js'
import {
  isSamePlan,
  type PackageContext,
  type PackagePlan,
  type PackageProvider,
  type PackageTask,
  type TransactionContext,
} from './provider.js'

export interface PackageKitSetup extends KitSurroundings {
  /** The package manager below it, where it is one that we know: it tells what is half done, and who is at work. */
  readonly local: PackageProvider | null
}

const poll = 1_000
const action = (name: string): string => `org.freedesktop.packagekit.${name}`
/** What an update of packages is: polkit may refuse each. */
const needed = ['system-sources-refresh', 'package-install', 'system-update'].map(action)

const whatOf = (task: PackageTask): string =>
  task.kind === 'install'
    ? `The packages ${task.names.join(', ')} could not be installed`
    : 'The packages could not be upgraded'

const changesOf = ({ install, upgrade, remove }: PackagePlan): PackagePlan['upgrade'] => [
  ...install,
  ...upgrade,
  ...remove,
]

/** @param holder who has the lock */
const isItself = (holder: string | null): boolean => holder?.startsWith('packagekitd ') === true

class PackageKit implements PackageProvider {
  readonly name = 'PackageKit'
  readonly folder: string
  private readonly finder: KitFinder

  constructor(private readonly setup: PackageKitSetup) {
    this.folder = setup.local?.folder ?? '/'
    this.finder = new KitFinder(setup, setup.local)
  }

  async refresh(context: PackageContext): Promise<readonly string[]> {
    const what = 'The package sources could not be asked'
    const question = { role: 'RefreshCache', signature: 'b', body: [false], what } as const
    const { reached, failure } = await this.whenFree(context, () => askKit(question, this.setup, context))
    if (failure === null) return []
    // What was had before is used on: with nothing new at all that is no answer.
    if (!reached) throw failure
    return [failure.message]
  }

  async stamp(): Promise<string> {
    return this.setup.local?.stamp() ?? String(this.setup.clock.now())
  }

  async simulate(task: PackageTask, { signal }: PackageContext): Promise<PackagePlan> {
    return (await this.finder.find(task, signal)).plan
  }

  async measure(
    task: PackageTask,
    context: PackageContext,
  ): Promise<Pick<PackagePlan, 'downloadBytes' | 'diskBytes'>> {
    const { local } = this.setup
    // It knows what is downloaded already, and what is on the disk afterwards.
    if (local !== null) return local.measure(task, context)
    const { ids } = await this.finder.find(task, context.signal)
    if (ids.length === 0) return { downloadBytes: 0, diskBytes: 0 }
    const question = { role: 'GetDetails', signature: 'as', body: [ids], what: lookFailed } as const
    const { sizes } = await this.finder.ask(question, context.signal)
    return { downloadBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0), diskBytes: null }
  }

  async download(task: PackageTask, context: PackageContext): Promise<void> {
    const { ids } = await this.finder.find(task, context.signal)
    if (ids.length === 0) return
    const what = 'The packages could not be downloaded'
    const question = changeQuestion(task, ids, flags.onlyDownload | flags.onlyTrusted, what)
    const { failure } = await this.whenFree(context, () => askKit(question, this.setup, context))
    if (failure !== null) throw failure
  }

  async apply(task: PackageTask, planned: PackagePlan, context: TransactionContext): Promise<void> {
    try {
      // Whoever had the lock may have changed what is to be done.
      const { failure } = await this.whenFree(context, async () =>
        this.change(task, await this.asPlanned(task, planned, context.signal), planned, context),
      )
      if (failure !== null) throw await this.named(whatOf(task), failure)
    } catch (thrown) {
      if (!(thrown instanceof KitLost)) throw thrown
      await this.goOnWithout(whatOf(task), planned, context)
    }
  }

  async busy(): Promise<string | null> {
    const holder = (await this.setup.local?.busy()) ?? null
    // Its transactions wait for each other.
    return isItself(holder) ? null : holder
  }

  async unfinished(): Promise<readonly string[]> {
    return this.setup.local?.unfinished() ?? []
  }

  async mayRepair(): Promise<boolean> {
    if ((await this.setup.local?.mayRepair()) === true) return true
    return mayDo(this.setup, action('repair-system'))
  }

  async repair(context: TransactionContext): Promise<void> {
    const { local } = this.setup
    await this.waitForOwn(context)
    if ((await local?.mayRepair()) === true) return local?.repair(context)
    await this.waitForOthers(context)
    const before = await this.unfinished()
    if (local !== null && before.length === 0) return
    const what = 'What was half installed could not be brought to an end'
    const body = [flags.none]
    const question: KitQuestion = { role: 'RepairSystem', signature: 't', body, what, unstoppable: true }
    const { failure } = await this.whenFree(context, () => askKit(question, this.setup, context))
    await this.giveLockBack(before, context)
    const rest = await this.unfinished()
    if (rest.length > 0)
      throw new MoonkeeperError(
        'packages_broken',
        `${what}: ${rest.join(', ')}. Try: sudo dpkg --configure -a; sudo apt-get -f install`,
        failure,
      )
    if (failure !== null) throw failure
  }

  async installed(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { local } = this.setup
    if (local !== null) return local.installed(names)
    const bare = [...new Set(names.map((name) => name.replace(/:.*$/, '')))]
    const found = await this.finder.installed(bare, new AbortController().signal)
    const wanted = new Set(names)
    const versions = found.flatMap(({ name, architecture, version }) =>
      [name, `${name}:${architecture}`].map((known) => [known, version] as const),
    )
    return new Map(versions.filter(([name]) => wanted.has(name)))
  }

  /** @throws plan_changed */
  private async asPlanned(task: PackageTask, planned: PackagePlan, signal: AbortSignal): Promise<Finding> {
    const found = await this.finder.find(task, signal)
    if (isSamePlan(found.plan, planned)) return found
    throw new MoonkeeperError(
      'plan_changed',
      'The packages that would be changed are not those of the plan any more. Nothing was changed: look at it again',
    )
  }

  private async change(
    task: PackageTask,
    { ids }: Finding,
    planned: PackagePlan,
    context: TransactionContext,
  ): Promise<KitAnswer> {
    if (ids.length === 0)
      return { packages: [], sizes: new Map(), reached: false, failure: null, held: false }
    const question = changeQuestion(task, ids, flags.onlyTrusted, whatOf(task))
    const count = changesOf(planned).length
    return askKit({ ...question, count, unstoppable: true }, this.setup, context)
  }

  private async named(what: string, failure: MoonkeeperError): Promise<MoonkeeperError> {
    const names = failure.kind === 'command_failed' ? await this.unfinished() : []
    return names.length === 0 ? failure : brokenPackages(what, names)
  }

  /** packagekitd went away in the middle of it. What it left is brought to its end; maybe all of it was done. */
  private async goOnWithout(what: string, planned: PackagePlan, context: TransactionContext): Promise<void> {
    context.say('PackageKit ended in the middle of it. Bringing what is half installed to its end...')
    await this.repair(context)
    const changes = changesOf(planned)
    const versions = await this.installed(changes.map(({ name }) => name))
    const missing = changes.filter(({ name, to }) => (versions.get(name) ?? null) !== to)
    if (missing.length === 0) return
    const names = missing.map(({ name }) => name).join(', ')
    throw new KitLost(what, `Nothing is half installed. Not changed: ${names}. Update again`)
  }

  /**
   * PackageKit keeps dpkg's lock after it repaired, until a transaction is over that takes it: one that downloads what is
   * there already does nothing else.
   */
  private async giveLockBack(names: readonly string[], context: PackageContext): Promise<void> {
    if (!isItself((await this.setup.local?.busy()) ?? null)) return
    const ids = (await this.finder.installed(names, context.signal)).map(({ id }) => id)
    if (ids.length === 0) return
    const flag = flags.onlyDownload | flags.onlyTrusted
    const question = changeQuestion({ kind: 'upgrade', removing: false }, ids, flag, lookFailed)
    await askKit(question, this.setup, { ...context, say: () => undefined })
  }

  /** Again and again, as long as another program has the lock. */
  private async whenFree(context: PackageContext, attempt: () => Promise<KitAnswer>): Promise<KitAnswer> {
    for (;;) {
      await this.waitForOthers(context)
      const answer = await attempt()
      if (!answer.held) return answer
      await this.setup.clock.wait(poll, context.signal)
    }
  }

  private async waitForOthers(context: PackageContext): Promise<void> {
    await waitUntilFree(() => this.busy(), this.setup.clock, context)
  }

  /** A transaction of an earlier life goes on without us. */
  private async waitForOwn({ say, signal }: PackageContext): Promise<void> {
    const { bus, clock } = this.setup
    for (let told = false; ; told = true) {
      const [list] = await bus.call({ ...manager, member: 'GetTransactionList' }).catch(() => [[]])
      if ((list as readonly unknown[]).length === 0) return
      if (!told) say('PackageKit is at work: waiting until it is done...')
      await clock.wait(poll, signal)
    }
  }
}

/** Whether polkit lets us, without asking anybody. */
const mayDo = async ({ bus }: KitSurroundings, name: string): Promise<boolean> => {
  const call = { ...manager, member: 'CanAuthorize', signature: 's', body: [name] }
  const [answer] = await bus.call(call).catch(() => [])
  return answer === authorized
}

/** True when it is there and can be started. */
const isThere = async ({ bus }: KitSurroundings): Promise<boolean> => {
  const properties = { ...manager, interface: 'org.freedesktop.DBus.Properties', member: 'Get' }
  const call = { ...properties, signature: 'ss', body: [service, 'VersionMajor'] }
  return bus.call(call).then(
    () => true,
    () => false,
  )
}

/**
 * PackageKit on the system's bus.
 * @returns null where it is not there, and where it does not let us but sudo lets us do it without it
 */
export const findPackageKit = async (setup: PackageKitSetup): Promise<PackageProvider | null> => {
  if (!(await isThere(setup))) return null
  const allowed = await Promise.all(needed.map((name) => mayDo(setup, name)))
  if (allowed.includes(false) && (await setup.local?.mayRepair()) === true) return null
  return new PackageKit(setup)
}
