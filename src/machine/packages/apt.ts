import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { Clock } from '../../system/clock.js'
import type { CommandOptions, CommandResult, Commands } from '../../system/commands.js'
import type { Files } from '../../system/files.js'
import { failureOf, someSourceAnswered, sourceFailureOf } from './apt-failures.js'
import { lockFilesOf, type AptLayout } from './apt-layout.js'
import { AptOutput } from './apt-output.js'
import { readSimulation, readSizes } from './apt-simulation.js'
import { installedIn, unfinishedIn } from './dpkg.js'
import { lockHolder, waitForLocks } from './locks.js'
import {
  isPackageName,
  isSamePlan,
  type PackageContext,
  type PackagePlan,
  type PackageProvider,
  type PackageTask,
  type RootCommands,
  type TransactionContext,
} from './provider.js'

export interface AptSetup {
  readonly commands: Commands
  readonly root: RootCommands
  readonly files: Files
  readonly clock: Clock
  readonly layout: AptLayout
  /** Seconds that a source may be silent. Default 20. */
  readonly patience?: number
}

/** Nobody answers questions, and nothing restarts services in the middle: needrestart would wait for us. */
const environment = {
  LC_ALL: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  APT_LISTCHANGES_FRONTEND: 'none',
  NEEDRESTART_SUSPEND: '1',
}

/** dpkg wants ldconfig and the like, which users have not in their path; apt brings its own. */
const dpkgPath = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }

/** A configuration file that was edited stays as it is. */
const keepEdits = ['--force-confdef', '--force-confold']
const dpkgArguments = keepEdits.flatMap((option) => ['-o', `Dpkg::Options::=${option}`])
/** Standard error is the one descriptor that sudo leaves open. */
const common = ['-y', '-o', 'APT::Status-Fd=2', '-o', 'DPkg::Lock::Timeout=120']
/** Looks only: nothing is locked, and it needs no root. */
const looking = ['-o', 'Debug::NoLocking=1', '-y']
const lookLimit = { timeout: 120_000, maxOutput: 16 * 1024 * 1024, env: environment }
const loadLimit = 3_600_000

const verbs = (task: PackageTask): readonly string[] => {
  if (task.kind === 'install') return ['install', ...task.names]
  return task.removing ? ['dist-upgrade'] : ['upgrade', '--with-new-pkgs']
}

const whatOf = (task: PackageTask): string =>
  task.kind === 'install'
    ? `The packages ${task.names.join(', ')} could not be installed`
    : 'The packages could not be upgraded'

const empty: PackagePlan = {
  install: [],
  upgrade: [],
  remove: [],
  kept: [],
  unknown: [],
  downloadBytes: 0,
  diskBytes: 0,
}

type PackageSizes = Pick<PackagePlan, 'downloadBytes' | 'diskBytes'>

class Apt implements PackageProvider {
  readonly name = 'apt'
  readonly folder: string

  constructor(private readonly setup: AptSetup) {
    this.folder = setup.layout.archives
  }

  async refresh(context: PackageContext): Promise<readonly string[]> {
    await this.waitForOthers(context)
    const output = new AptOutput(context.say, false)
    const result = await this.asRoot(['apt-get', 'update', ...this.sourceArguments()], output, {
      timeout: loadLimit,
      signal: context.signal,
    })
    context.signal.throwIfAborted()
    const what = 'The package sources could not be asked'
    if (result.code !== 0) throw failureOf(what, output.text)
    const failure = sourceFailureOf(what, output.text)
    if (failure === null) return []
    // What was had before is used on: with nothing new at all that is no answer.
    if (!someSourceAnswered(output.text)) throw failure
    return [failure.message]
  }

  async simulate(task: PackageTask, { signal }: PackageContext): Promise<PackagePlan> {
    const known = await this.known(task, signal)
    if (known.kind === 'install' && known.names.length === 0) return { ...empty, unknown: known.unknown }
    const changes = readSimulation(await this.look(known, ['-s'], signal))
    return { ...changes, unknown: known.unknown, downloadBytes: null, diskBytes: null }
  }

  async measure(task: PackageTask, { signal }: PackageContext): Promise<PackageSizes> {
    const known = await this.known(task, signal)
    if (known.kind === 'install' && known.names.length === 0) return { downloadBytes: 0, diskBytes: 0 }
    return readSizes(await this.look(known, ['--print-uris'], signal))
  }

  async stamp(): Promise<string> {
    const { dpkgFolder, lists } = this.setup.layout
    const files = [...['status', 'updates'].map((name) => path.join(dpkgFolder, name)), lists]
    const stats = await Promise.all(files.map((file) => this.setup.files.stat(file)))
    return stats.map((stat) => stat?.mtimeMs ?? 0).join(' ')
  }

  async download(task: PackageTask, context: PackageContext): Promise<void> {
    const known = await this.known(task, context.signal)
    if (known.kind === 'install' && known.names.length === 0) return
    await this.waitForOthers(context)
    const output = new AptOutput(context.say, false)
    const argv = [
      'apt-get',
      ...common,
      ...this.sourceArguments(),
      '--download-only',
      ...verbs(known),
    ] as const
    const result = await this.asRoot([...argv], output, { timeout: loadLimit, signal: context.signal })
    context.signal.throwIfAborted()
    if (result.code !== 0) throw failureOf('The packages could not be downloaded', output.text)
  }

  async apply(task: PackageTask, planned: PackagePlan, context: TransactionContext): Promise<void> {
    const known = await this.known(task, context.signal)
    if (known.kind === 'install' && known.names.length === 0) return
    await this.waitForOthers(context)
    if (!isSamePlan(await this.simulate(task, context), planned)) {
      throw new MoonkeeperError(
        'plan_changed',
        'The packages that would be changed are not those of the plan any more. Nothing was changed: look at it again',
      )
    }
    const removal = planned.remove.length === 0 ? ['--no-remove'] : []
    const argv = ['apt-get', ...common, ...dpkgArguments, ...removal, ...verbs(known)]
    await this.transact(argv, whatOf(task), context)
  }

  async busy(): Promise<string | null> {
    return lockHolder(lockFilesOf(this.setup.layout), this.setup)
  }

  async unfinished(): Promise<readonly string[]> {
    return unfinishedIn(this.setup.layout.dpkgFolder, this.setup.files)
  }

  async mayRepair(): Promise<boolean> {
    return this.setup.root.granted()
  }

  async repair(context: TransactionContext): Promise<void> {
    const what = 'What was half installed could not be brought to an end'
    const { dpkg, dpkgOptions } = this.setup.layout
    await this.waitForOthers(context)
    if ((await this.unfinished()).length === 0) return
    const configure = [dpkg, '--status-fd=2', ...dpkgOptions, ...keepEdits, '--configure', '-a']
    const failure = await this.transact(configure, what, context, dpkgPath).catch((thrown: unknown) => thrown)
    if ((await this.unfinished()).length === 0) return
    // What was interrupted while it was unpacked is unpacked again; what is needed and missing is installed.
    const argv = ['apt-get', ...common, ...dpkgArguments, '--no-remove', '-f', 'install']
    await this.transact(argv, what, context).catch((thrown: unknown) => {
      throw failure ?? thrown
    })
    const rest = await this.unfinished()
    if (rest.length === 0) return
    throw new MoonkeeperError(
      'packages_broken',
      `${what}: ${rest.join(', ')}. Try: sudo dpkg --configure -a; sudo apt-get -f install`,
      failure ?? null,
    )
  }

  async installed(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return installedIn(this.setup.layout.dpkgFolder, names, this.setup.files)
  }

  private sourceArguments(): readonly string[] {
    const { patience = 20 } = this.setup
    const limits = ['http', 'https'].flatMap((kind) => ['-o', `Acquire::${kind}::Timeout=${patience}`])
    return ['-o', 'Acquire::Retries=1', ...limits]
  }

  private async waitForOthers(context: PackageContext): Promise<void> {
    await waitForLocks(lockFilesOf(this.setup.layout), this.setup, context)
  }

  /** Without the names that no source knows: apt would refuse them all. @throws refused */
  private async known(
    task: PackageTask,
    signal: AbortSignal,
  ): Promise<PackageTask & { readonly unknown: readonly string[] }> {
    if (task.kind === 'upgrade') return { ...task, unknown: [] }
    const odd = task.names.find((name) => !isPackageName(name))
    if (odd !== undefined) throw new MoonkeeperError('refused', `'${odd}' is not the name of a package`)
    const text = await this.run(['apt-cache', 'policy', ...task.names], signal)
    const found = new Set<string>()
    let name = ''
    for (const line of text.split('\n')) {
      const [, heading, candidate] = /^(?:(\S+):|  Candidate: (.*))$/.exec(line) ?? []
      if (heading !== undefined) name = heading
      if (candidate !== undefined && candidate !== '(none)') found.add(name)
    }
    const names = task.names.filter((one) => found.has(one))
    return { ...task, names, unknown: task.names.filter((one) => !found.has(one)) }
  }

  private look(task: PackageTask, flags: readonly string[], signal: AbortSignal): Promise<string> {
    return this.run(['apt-get', ...looking, ...flags, ...verbs(task)], signal)
  }

  private async run(argv: readonly [string, ...string[]], signal: AbortSignal): Promise<string> {
    const result = await this.setup.commands.run(argv, { ...lookLimit, signal })
    signal.throwIfAborted()
    const text = result.stdout.toString('utf8')
    if (result.code === 0) return text
    throw failureOf('The packages could not be looked at', `${text}\n${result.stderr}`)
  }

  private async asRoot(
    argv: readonly string[],
    output: AptOutput,
    options: CommandOptions,
  ): Promise<CommandResult> {
    const [program = '', ...rest] = argv
    return this.setup.root.run([program, ...rest], {
      ...options,
      env: { ...environment, ...options.env },
      onOutputLine: output.take,
      onErrorLine: output.take,
    })
  }

  /** @throws package_failed, packages_broken, ... when it did not do all of it */
  private async transact(
    argv: readonly string[],
    what: string,
    context: TransactionContext,
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    // What apt says before it calls dpkg was said when it downloaded.
    const output = new AptOutput(context.say, argv[0] === 'apt-get')
    const outlives = path.join(context.folder, 'package-output')
    const result = await this.asRoot(argv, output, { outlives, env })
    if (result.code !== 0) throw failureOf(what, output.text, output.failures)
  }
}

export const createAptProvider = (setup: AptSetup): PackageProvider => new Apt(setup)
