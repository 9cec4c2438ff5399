import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { readAptLayout } from '../../src/machine/packages/apt-layout.js'
import { createAptProvider } from '../../src/machine/packages/apt.js'
import type {
  PackageContext,
  PackageProvider,
  TransactionContext,
} from '../../src/machine/packages/provider.js'
import { systemClock, type Clock } from '../../src/system/clock.js'
import { createCommands, type Commands } from '../../src/system/commands.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from './folder.js'

const execute = promisify(execFile)

/** A package that holds one file with its version. */
export interface ToyPackage {
  readonly name: string
  readonly version: string
  /** More lines of its control file. */
  readonly fields?: readonly string[]
  /** What its postinst does, for /bin/sh. It runs outside of the root. */
  readonly script?: string
  /** What is in its configuration file, /etc/NAME.conf. */
  readonly settings?: string
}

/** Names of packages of the same version. */
export const toys = (version: string, ...names: readonly string[]): readonly ToyPackage[] =>
  names.map((name) => ({ name, version }))

const folders = [
  ...['apt.conf.d', 'preferences.d', 'sources.list.d', 'trusted.gpg.d', 'auth.conf.d'].map(
    (name) => `etc/apt/${name}`,
  ),
  ...['info', 'updates', 'triggers', 'parts', 'alternatives'].map((name) => `var/lib/dpkg/${name}`),
  'var/lib/apt/lists/partial',
  'var/cache/apt/archives/partial',
  'var/log/apt',
  'tmp',
]

/** Nothing of it leads to the machine's own packages. */
const configuration = (root: string): string => `
Dir "${root}/";
Dir::State "var/lib/apt";
Dir::State::status "${root}/var/lib/dpkg/status";
Dir::Cache "var/cache/apt";
Dir::Etc "etc/apt";
Dir::Log "var/log/apt";
Dir::Bin::dpkg "/usr/bin/dpkg";
Dir::Bin::methods "/usr/lib/apt/methods";
DPkg::Options { "--root=${root}"; "--force-script-chrootless"; "--log=${root}/var/log/dpkg.log"; };
DPkg::Post-Invoke "";
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Post-Invoke;
APT::Sandbox::User "root";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
Acquire::http::Proxy "DIRECT";
Acquire::http::Timeout "600";
Acquire::Retries "0";
Acquire::Languages "none";
DPkg::Inhibit-Shutdown "false";
`

/** dpkg and mount namespaces are root's. */
export const requireRoot = (): void => {
  assert.equal(process.getuid?.(), 0, 'this test needs root: run it as root, in a container say')
}

/** A package database and a repository of its own, as apt knows them through APT_CONFIG. */
export class AptRoot {
  readonly root: string
  readonly repository: string
  /** For every program that is to see this one. */
  readonly env: Readonly<Record<string, string>>

  private constructor(readonly folder: string) {
    this.root = path.join(folder, 'root')
    this.repository = path.join(folder, 'repository')
    this.env = { APT_CONFIG: path.join(folder, 'apt.conf') }
  }

  /** @param installed packages that are there already; @param published what the repository has */
  static async create(
    t: Pick<TestContext, 'after'>,
    installed: readonly ToyPackage[],
    published: readonly ToyPackage[],
  ): Promise<AptRoot> {
    requireRoot()
    const made = new AptRoot(await temporaryFolder(t))
    for (const name of folders) await mkdir(path.join(made.root, name), { recursive: true })
    for (const name of ['status', 'available']) await writeFile(made.inside(`var/lib/dpkg/${name}`), '')
    await writeFile(path.join(made.folder, 'apt.conf'), configuration(made.root))
    await made.source(`file:${made.repository}`)
    await made.publish(published)
    await made.dpkgInstall(installed)
    return made
  }

  inside(relative: string): string {
    return path.join(this.root, relative)
  }

  /** @param url the repository's address */
  async source(url: string): Promise<void> {
    await writeFile(this.inside('etc/apt/sources.list'), `deb [trusted=yes] ${url} ./\n`)
  }

  /** From now on the repository has these, and nothing else. @param release more fields of its Release file */
  async publish(
    packages: readonly ToyPackage[],
    release: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await rm(this.repository, { recursive: true, force: true })
    await mkdir(this.repository)
    for (const one of packages) await this.build(one, this.repository)
    const run = async (...args: readonly string[]): Promise<string> =>
      (await execute('apt-ftparchive', args, { cwd: this.repository })).stdout
    await writeFile(path.join(this.repository, 'Packages'), await run('packages', '.'))
    const fields = { Origin: 'Toys', Label: 'Toys', Suite: 'stable', ...release }
    const options = Object.entries(fields).flatMap(([key, value]) => [
      '-o',
      `APT::FTPArchive::Release::${key}=${value}`,
    ])
    const text = await run(...options, 'release', '.')
    // Not every apt-ftparchive knows it.
    const until = text.includes('Valid-Until') ? undefined : release['Valid-Until']
    const head = until === undefined ? '' : `Valid-Until: ${until}\n`
    await writeFile(path.join(this.folder, 'Release'), `${head}${text}`)
    await rename(path.join(this.folder, 'Release'), path.join(this.repository, 'Release'))
  }

  /** The repository still names it, but has it no more. */
  async unpublish(name: string): Promise<void> {
    const files = await readdir(this.repository)
    for (const file of files.filter((one) => one.startsWith(`${name}_`)))
      await rm(path.join(this.repository, file))
  }

  /** As if somebody had installed them by hand. */
  async dpkgInstall(packages: readonly ToyPackage[]): Promise<void> {
    await this.byHand('--install', packages)
  }

  /** As if somebody had been interrupted at that. */
  async dpkgUnpack(packages: readonly ToyPackage[]): Promise<void> {
    await this.byHand('--unpack', packages)
  }

  /** What the installed package's postinst does from now on. */
  async setScript(name: string, script: string): Promise<void> {
    await writeFile(this.inside(`var/lib/dpkg/info/${name}.postinst`), `#!/bin/sh\n${script}\n`)
  }

  private async byHand(action: string, packages: readonly ToyPackage[]): Promise<void> {
    if (packages.length === 0) return
    const folder = path.join(this.folder, 'by-hand')
    await mkdir(folder, { recursive: true })
    const files: string[] = []
    for (const one of packages) files.push(await this.build(one, folder))
    await this.dpkg('--force-script-chrootless', action, ...files)
  }

  /** As `apt-mark hold` does. */
  async hold(name: string): Promise<void> {
    const work = execute('dpkg', [`--root=${this.root}`, '--set-selections'])
    work.child.stdin?.end(`${name} hold\n`)
    await work
  }

  async dpkg(...args: readonly string[]): Promise<string> {
    const { stdout } = await execute('dpkg', [`--root=${this.root}`, '--log=/dev/null', ...args])
    return stdout
  }

  /** Every package that is known, with its version and its state. */
  async packages(): Promise<Readonly<Record<string, string>>> {
    const format = '${Package} ${Version} ${db:Status-Status}\n'
    const { stdout } = await execute('dpkg-query', [`--root=${this.root}`, '-W', '-f', format])
    const lines = stdout.split('\n').filter((line) => line !== '')
    return Object.fromEntries(
      lines.map((line) => {
        const [name = '', version = '', state] = line.split(' ')
        return [name, state === 'installed' ? version : `${version} ${state}`]
      }),
    )
  }

  commands(): Promise<Commands> {
    return createCommands({
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...this.env },
      kill: (pid, signal) => process.kill(pid, signal),
    })
  }

  /** apt on this root. */
  async provider(clock: Clock = systemClock, patience = 2): Promise<PackageProvider> {
    const commands = await this.commands()
    const layout = await readAptLayout(commands)
    assert.ok(layout !== null, 'apt is not here')
    assert.ok(layout.dpkgFolder.startsWith(this.root), 'this must not be the packages of the machine')
    const root = { run: commands.run.bind(commands), granted: async () => true }
    return createAptProvider({ commands, root, files: systemFiles, clock, layout, patience })
  }

  private async build(toy: ToyPackage, folder: string): Promise<string> {
    const { name, version, fields = [], script, settings } = toy
    const tree = path.join(this.folder, 'build')
    await mkdir(path.join(tree, 'DEBIAN'), { recursive: true })
    await mkdir(path.join(tree, 'usr/share', name), { recursive: true })
    await writeFile(path.join(tree, 'usr/share', name, 'version'), `${version}\n`)
    const control = [
      `Package: ${name}`,
      `Version: ${version}`,
      'Architecture: all',
      'Maintainer: Toys <toys@example.invalid>',
      ...fields,
      `Description: the toy ${name}`,
    ]
    await writeFile(path.join(tree, 'DEBIAN/control'), `${control.join('\n')}\n`)
    if (script !== undefined) {
      await writeFile(path.join(tree, 'DEBIAN/postinst'), `#!/bin/sh\n${script}\n`)
      await chmod(path.join(tree, 'DEBIAN/postinst'), 0o755)
    }
    if (settings !== undefined) {
      await mkdir(path.join(tree, 'etc'))
      await writeFile(path.join(tree, 'etc', `${name}.conf`), `${settings}\n`)
      await writeFile(path.join(tree, 'DEBIAN/conffiles'), `/etc/${name}.conf\n`)
    }
    const file = path.join(folder, `${name}_${version}_all.deb`)
    await execute('dpkg-deb', ['--root-owner-group', '-Zgzip', '-b', tree, file])
    await rm(tree, { recursive: true })
    return file
  }
}

export interface Talk extends TransactionContext {
  /** What was said. */
  readonly lines: string[]
  readonly fractions: number[]
}

/** Keeps what is said. */
export const listener = (folder: string, signal: AbortSignal = new AbortController().signal): Talk => {
  const lines: string[] = []
  const fractions: number[] = []
  const say: PackageContext['say'] = (text, fraction) => {
    lines.push(text)
    if (fraction !== undefined) fractions.push(fraction)
  }
  return { lines, fractions, say, signal, folder }
}
