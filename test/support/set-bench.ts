import path from 'node:path'
import type { TestContext } from 'node:test'
import type { GitRepoStatus, Job } from '../../src/contract/generated/types.js'
import { Application, type Policy } from '../../src/engine/application.js'
import { plainChange, type Change } from '../../src/engine/change.js'
import { recoverFromCrash, type Outcome } from '../../src/engine/crash-recovery.js'
import { createHealthGate, type HealthSurroundings } from '../../src/engine/health.js'
import { History } from '../../src/engine/history.js'
import { Journal } from '../../src/engine/journal.js'
import { Restarts } from '../../src/engine/restarts.js'
import { UpdateEngine, type EngineSurroundings } from '../../src/engine/update-engine.js'
import type { Services } from '../../src/machine/services.js'
import { systemClock, type Clock } from '../../src/system/clock.js'
import type { Commands } from '../../src/system/commands.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import { systemHttpProbe } from '../../src/system/http-probe.js'
import type { Json, Plan, Step, Updater, UpdaterSurroundings } from '../../src/updaters/contract.js'
import { GitRepoUpdater } from '../../src/updaters/git_repo/index.js'
import type { GitRepoOptions } from '../../src/updaters/git_repo/options.js'
import { policy as calmPolicy, type Line } from './engine.js'
import { temporaryFolder } from './folder.js'
import { checkoutAt, git, makeUpstream, type Upstream } from './repositories.js'
import { calmServices } from './services.js'
import { gitOptions, realSurroundings, silentLog } from './surroundings.js'
import { noShelf } from './shelf.js'

/** What is done wrong after everything else was done right. */
export type Fault = Partial<Pick<Step, 'run' | 'undo'>>

/** A checkout's updater with one step more. */
class FaultyUpdater extends GitRepoUpdater {
  constructor(
    name: string,
    options: GitRepoOptions,
    outside: UpdaterSurroundings,
    private readonly fault: () => Fault | undefined,
  ) {
    super(name, options, outside)
  }

  override plan(goal: Parameters<GitRepoUpdater['plan']>[0]): Plan {
    const plan = super.plan(goal)
    const fault: Step = {
      name: 'fault',
      run: async (context) => this.fault()?.run?.(context),
      undo: async (context) => this.fault()?.undo?.(context),
    }
    return { ...plan, steps: [...plan.steps, fault] }
  }
}

/** What a test may change at any time. */
export interface SetWorld {
  readonly faults: Map<string, Fault>
  readonly services: Partial<Services>
  readonly printer: { printing: boolean; state: HealthSurroundings['printer']['state'] }
  readonly policies: Map<string, Partial<Policy>>
  readonly options: Record<string, GitRepoOptions>
  /** Updaters that are no checkouts, behind them. */
  readonly others: Updater[]
  clock: Clock
  files: Files
  minFreeSpace: number
  /** Milliseconds. */
  lockTimeout: number
  power: EngineSurroundings['power']
  commands: Commands | null
  onLine: (line: Line) => void
}

export interface SetBench {
  readonly engine: UpdateEngine
  readonly journal: Journal
  readonly history: History
  readonly lines: Line[]
  readonly dataFolder: string
  application(name: string): Application
  status(name: string): GitRepoStatus
  /** As at a start. */
  recover(): Promise<Outcome>
  /** Asks as a client does, and gives back what was thrown. */
  ask(change?: Partial<Change>): Promise<unknown>
  /** The newest. */
  job(): Job
}

const rebuilt = (updaters: readonly Updater[], name: string): Updater | null =>
  updaters.find((updater) => updater.name === name) ?? null

/** An engine on real repositories that has looked at everything, in a world of the test's. */
export const setBench = async (t: TestContext, folder: string, world: SetWorld): Promise<SetBench> => {
  const dataFolder = path.join(folder, 'data', 'moonkeeper')
  const lines: Line[] = []
  const { clock, printer } = world
  const files: Files = {
    ...systemFiles,
    freeSpace: (target) => world.files.freeSpace(target),
    rename: (from, to) => world.files.rename(from, to),
    writeText: (file, text) => world.files.writeText(file, text),
    mayWrite: (target) => world.files.mayWrite(target),
    stat: (target) => world.files.stat(target),
  }
  await systemFiles.makeFolder(dataFolder)
  const real = await realSurroundings(dataFolder, { clock })
  const commands: Commands = { run: (...args) => (world.commands ?? real.commands).run(...args) }
  const services: Services = {
    restart: (name) => (world.services.restart ?? calmServices.restart)(name),
    state: (name, signal) => (world.services.state ?? calmServices.state)(name, signal),
  }
  const isPrinting = (): boolean => printer.printing
  const isKnown = (): boolean => true
  const restarts = new Restarts({
    services,
    clock,
    files,
    log: silentLog,
    folder: dataFolder,
    isPrinting,
    isKnown,
  })
  await restarts.settle()
  const journal = new Journal(dataFolder, files)
  const history = new History(dataFolder, files, silentLog)
  await history.open()
  const engine = new UpdateEngine({
    journal,
    history,
    log: silentLog,
    clock,
    version: 'test',
    lockTimeout: world.lockTimeout,
    mayBeSilent: () => restarts.waiting,
    files,
    folder: dataFolder,
    get minFreeSpace() {
      return world.minFreeSpace
    },
    power: { underVoltage: () => world.power.underVoltage() },
    prepareWhilePrinting: () => false,
    health: createHealthGate({ services, printer, commands, probe: systemHttpProbe, files, clock }),
    images: noShelf,
    notifier: {
      updateResponse: (line) => {
        lines.push(line)
        world.onLine(line)
      },
      updateJob: () => undefined,
      updateRefreshed: () => undefined,
    },
    restarts,
    isPrinting,
    isKnown,
    whenKnown: async () => undefined,
    limits: () => real.forge.limits(),
    waitForKlipper: async () => true,
  })
  const outside = { ...real, commands }
  const checkouts = Object.entries(world.options).map(
    ([name, own]) =>
      new FaultyUpdater(name, own, { ...outside, services: restarts.for(name) }, () =>
        world.faults.get(name),
      ),
  )
  const updaters: readonly Updater[] = [...checkouts, ...world.others]
  const applications = updaters.map((updater) => {
    const { name } = updater
    const options = (world.options[name] ?? {}) as unknown as Json
    const type = name in world.options ? 'git_repo' : 'scripted'
    const policy = { ...calmPolicy, ...world.policies.get(name) }
    return new Application({ name, type, options, policy, refreshInterval: 168 }, updater, dataFolder, files)
  })
  await engine.manage(async () => {
    for (const application of applications) await application.load()
    return applications
  })
  t.after(() => engine.stop())
  const find = (name: string): Application | null =>
    applications.find((application) => application.name === name) ?? null
  const application = (name: string): Application => {
    const found = find(name)
    if (found === null) throw new Error(`no application ${name}`)
    return found
  }
  return {
    engine,
    journal,
    history,
    lines,
    dataFolder,
    application,
    status: (name) => {
      const status = application(name).status()
      if (status === null) throw new Error(`no status of ${name}`)
      return status as GitRepoStatus
    },
    recover: () =>
      recoverFromCrash({
        journal,
        log: silentLog,
        clock,
        version: 'test',
        restarts,
        rebuild: ({ application: name }) => rebuilt(updaters, name),
        application: find,
        tell: (found) => engine.resume(found),
      }),
    async ask(change = {}) {
      const asked = { ...plainChange('upgrade', Object.keys(world.options), 'test'), atomic: true, ...change }
      return engine.change(asked).then(
        () => null,
        (thrown: unknown) => thrown,
      )
    },
    job() {
      const [job] = engine.jobs.list({ limit: 1, offset: 0 }).jobs
      if (job === undefined) throw new Error('no job')
      return job
    },
  }
}

export interface SetScene {
  readonly folder: string
  readonly upstream: Upstream
  readonly world: SetWorld
  readonly bench: SetBench
  /** Everything that an operation could change of a checkout and of what is kept of it. */
  state(name: string): Promise<unknown>
  /** What is told of each, sorted by name. */
  outcomes(): Promise<readonly (readonly unknown[])[]>
  readonly version: (name: string) => string
  /** Another life of the daemon. */
  restart(): Promise<SetBench>
}

const addOwnWork = async (app: string): Promise<void> => {
  await systemFiles.writeText(path.join(app, 'lib/plugin.py'), 'mine = 1\n')
  git(app, 'update-index', '--skip-worktree', 'README.md')
  await systemFiles.writeText(path.join(app, 'README.md'), '# as I like it\n')
}

export const makeWorld = (options: Record<string, GitRepoOptions>, clock: Clock = systemClock): SetWorld => ({
  faults: new Map(),
  services: {},
  printer: { printing: false, state: 'disconnected' },
  policies: new Map(),
  options,
  others: [],
  clock,
  files: systemFiles,
  minFreeSpace: 0,
  lockTimeout: 180_000,
  power: { underVoltage: async () => null },
  commands: null,
  onLine: () => undefined,
})

/** Every wait takes no time. */
export const quickClock: Clock = { ...systemClock, wait: () => Promise.resolve() }

/** Checkouts at v1.0.0, three commits behind, each with work of its owner and a service of its name. */
export const setScene = async (
  t: TestContext,
  names: readonly string[],
  change: (world: SetWorld) => void = () => undefined,
): Promise<SetScene> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const options: Record<string, GitRepoOptions> = {}
  for (const name of names) {
    const app = checkoutAt(upstream, path.join(folder, name), 'v1.0.0')
    await addOwnWork(app)
    options[name] = gitOptions(app, upstream.url, { managed_services: [name] })
  }
  const world = makeWorld(options, quickClock)
  change(world)
  const start = async (): Promise<SetBench> => {
    const bench = await setBench(t, folder, world)
    await bench.engine.lookForChanges()
    await bench.engine.refreshWhatIsDue()
    bench.engine.endFirstRefresh()
    return bench
  }
  const bench = await start()
  const version = (name: string): string => git(path.join(folder, name), 'describe', '--tags')
  return {
    folder,
    upstream,
    world,
    bench,
    version,
    async state(name) {
      const app = path.join(folder, name)
      const { saved } = JSON.parse(
        (await systemFiles.readText(path.join(bench.dataFolder, 'state', `${name}.json`))) ?? '{}',
      ) as { saved: unknown }
      return {
        head: git(app, 'rev-parse', 'HEAD'),
        branch: git(app, 'symbolic-ref', 'HEAD'),
        tree: git(app, 'status', '--porcelain'),
        hidden: git(app, 'ls-files', '-v', 'README.md'),
        readme: await systemFiles.readText(path.join(app, 'README.md')),
        kept: git(app, 'for-each-ref', 'refs/moonkeeper'),
        saved,
        status: bench.status(name),
      }
    },
    async outcomes() {
      const { entries } = await bench.history.list({ name: null, limit: 100, offset: 0 })
      return entries
        .map(({ application, from, to, outcome, code }) => [application, from, to, outcome, code] as const)
        .sort()
    },
    restart: async () => {
      await bench.engine.stop()
      return start()
    },
  }
}
