import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { projectRoot } from './daemon.js'
import { temporaryFolder } from './folder.js'

/** A machine of its own with a real systemd: a systemd-nspawn container on an overlay of this machine's root. */
export interface Container {
  /** A file of the container's, from outside. */
  path(file: string): string
  /** The container's system bus, from outside. */
  readonly bus: string
  /** What brings a command into the container. */
  readonly prefix: readonly string[]
  /** Runs to the end inside, as root. @returns what it wrote. @throws when it fails */
  run(...argv: readonly string[]): string
  /** The same, as somebody else. */
  runAs(user: string, ...argv: readonly string[]): string
  /** Resolves when the container is gone. */
  readonly ended: Promise<unknown>
}

/** Where the program and its interpreter are inside. */
export const insideFolder = '/opt/moonkeeper'

/** Writes, relative to the folder, what is different from this machine. Everything belongs to root. */
export type Prepare = (folder: string) => Promise<void>

const target = `[Unit]
Description=What the tests need
Requires=basic.target dbus.service
After=basic.target dbus.service
AllowIsolate=yes
`

const ready = `[Unit]
After=basic.target dbus.service
[Service]
Type=oneshot
ExecStart=/bin/touch /run/container-is-up
`

/** $1: the folder, $2: the tree that is put over the root, $3: a name, $4: the interpreter. */
const boot = `set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
cp -a "$2/." "$1/upper/"
chown -R root:root "$1/upper"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
exec systemd-nspawn -q -b -D "$1/root" --machine="$3" --keep-unit --register=no --private-network --link-journal=no \\
  --console=pipe --bind-ro="$4:${insideFolder}/node" systemd.unit=moonkeeper-test.target systemd.show_status=no
`

const cannot = (why: string): Error =>
  new Error(
    `The tests with a real systemd need root, and systemd-nspawn (Debian: systemd-container), on a kernel that lets it ` +
      `make namespaces. ${why}`,
  )

const writeUnits = async (seed: string): Promise<void> => {
  const units = path.join(seed, 'etc/systemd/system')
  await mkdir(path.join(units, 'moonkeeper-test.target.wants'), { recursive: true })
  await writeFile(path.join(units, 'moonkeeper-test.target'), target)
  await writeFile(path.join(units, 'container-is-up.service'), ready)
  await symlink(
    '../container-is-up.service',
    path.join(units, 'moonkeeper-test.target.wants/container-is-up.service'),
  )
  // They ask at the console, and wait.
  for (const unit of ['systemd-firstboot', 'console-getty'])
    await symlink('/dev/null', path.join(units, `${unit}.service`))
  await writeFile(path.join(seed, 'etc/machine-id'), '')
  await writeFile(path.join(seed, 'etc/hostname'), 'printer\n')
  await mkdir(path.join(seed, insideFolder), { recursive: true })
  await writeFile(path.join(seed, insideFolder, 'node'), '')
  await cp(path.join(projectRoot, 'dist/moonkeeper.js'), path.join(seed, insideFolder, 'moonkeeper.js'))
}

const childrenOf = (pid: number): readonly number[] => {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  } catch {
    return []
  }
}

/** The container's first process; null as long as there is none. */
const leaderBelow = (pid: number): number | null => {
  for (const child of childrenOf(pid)) {
    const [, ids = ''] = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${child}/status`, 'utf8')) ?? []
    if (/\t1$/.test(ids)) return child
    const below = leaderBelow(child)
    if (below !== null) return below
  }
  return null
}

const patience = 60_000

/** @throws what it said, when it does not come up */
const untilUp = async (nspawn: ChildProcess, said: () => string): Promise<number> => {
  for (const end = Date.now() + patience; Date.now() < end; await wait(20)) {
    if (nspawn.exitCode !== null) throw cannot(`It ended at once: ${said()}`)
    const leader = leaderBelow(nspawn.pid ?? 0)
    if (leader !== null && existsSync(`/proc/${leader}/root/run/container-is-up`)) return leader
  }
  throw cannot(`It did not come up within a minute: ${said()}`)
}

let count = 0

/** @throws when this machine cannot run one: that is no reason to leave a test out */
export const startContainer = async (
  t: { after(work: () => Promise<void>): void },
  prepare: Prepare,
): Promise<Container> => {
  if (process.getuid?.() !== 0) throw cannot('This is not root.')
  const folder = await temporaryFolder(t)
  const [seed, place] = [path.join(folder, 'seed'), path.join(folder, 'place')]
  await mkdir(place)
  await writeUnits(seed)
  await prepare(seed)
  count += 1
  const name = `moonkeeper-${process.pid}-${count}`
  // It ends with the test, also when that is killed.
  const mortal = ['--pdeathsig', 'KILL', '--', 'unshare', '-m', '--propagation', 'private']
  const script = ['sh', '-c', boot, 'boot', place, seed, name, process.execPath]
  const nspawn = spawn('setpriv', [...mortal, ...script], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(nspawn, 'exit')
  let text = ''
  for (const stream of [nspawn.stdout, nspawn.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  t.after(async () => {
    // Its first process takes all others with it, and nspawn goes when that is gone.
    const leader = leaderBelow(nspawn.pid ?? 0)
    process.kill(leader ?? nspawn.pid ?? 0, 'SIGKILL')
    await ended
  })
  const leader = await untilUp(nspawn, () => text)
  const prefix = ['nsenter', '-t', String(leader), '-m', '-u', '-i', '-n', '-p', '-r', '-w', '--']
  const run = (...argv: readonly string[]): string => {
    const [program = '', ...args] = [...prefix, ...argv]
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patience,
    })
  }
  return {
    path: (file) => `/proc/${leader}/root${file}`,
    bus: `unix:path=/proc/${leader}/root/run/dbus/system_bus_socket`,
    prefix,
    run,
    runAs: (user, ...argv) => run('runuser', '-u', user, '--', ...argv),
    ended,
  }
}
