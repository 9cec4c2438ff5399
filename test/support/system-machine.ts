import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, open, readdir, readFile, writeFile, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { Job, Plan, SystemStatus, UpdateStatus } from '../../src/contract/generated/types.js'
import { AptRoot, type ToyPackage } from './apt-root.js'
import { Daemon, freePort } from './daemon.js'

type Environment = Readonly<Record<string, string>>

/** The built daemon on a machine whose packages are toys. */
export interface SystemMachine {
  readonly apt: AptRoot
  /** The daemon's. */
  readonly data: string
  /** @param ready resolves when what was due was looked at. @param runner a program that runs it, with its arguments */
  readonly start: (env?: Environment, ready?: boolean, runner?: readonly string[]) => Promise<Daemon>
}

const configuration = (port: number, folder: string, lines: readonly string[]): string =>
  [
    '[server]',
    'host: 127.0.0.1',
    `port: ${port}`,
    `klippy_uds_address: ${path.join(folder, 'no-klipper')}`,
    ...['[machine]', 'provider: none'],
    ...['[update_manager]', 'enable_auto_refresh: False', ...lines],
    ...['[moonkeeper]', 'min_free_space: 1'],
    '',
  ].join('\n')

export const systemMachine = async (
  t: TestContext,
  installed: readonly ToyPackage[],
  published: readonly ToyPackage[],
  lines: readonly string[] = ['enable_packagekit: False'],
): Promise<SystemMachine> => {
  const apt = await AptRoot.create(t, installed, published)
  const data = path.join(apt.folder, 'data')
  await mkdir(path.join(data, 'config'), { recursive: true })
  await writeFile(
    path.join(data, 'config/moonraker.conf'),
    configuration(await freePort(), apt.folder, lines),
  )
  return {
    apt,
    data,
    start: async (env = {}, ready = true, runner = []) => {
      const daemon = new Daemon(data, { ...apt.env, ...env }, [], [], runner)
      t.after(async () => {
        daemon.kill('SIGKILL')
        await daemon.end()
      })
      const [method, params] = ready
        ? ['machine.update.refresh', { name: 'system' }]
        : ['machine.update.status', {}]
      await daemon.askUntil(method, (answer) => answer.result !== undefined, params)
      return daemon
    },
  }
}

export const kill = async (daemon: Daemon): Promise<void> => {
  daemon.kill('SIGKILL')
  await daemon.end()
}

export const systemOf = async (daemon: Daemon): Promise<SystemStatus> => {
  const status = (await daemon.ask('machine.update.status'))?.result as UpdateStatus
  const system = status.version_info['system']
  assert.ok(system?.configured_type === 'system', JSON.stringify(status))
  return system
}

export const planOf = async (daemon: Daemon): Promise<Plan> => {
  const answer = await daemon.ask('machine.update.plan', { name: 'system' })
  assert.ok(answer?.result !== undefined, JSON.stringify(answer))
  return answer.result as Plan
}

const jobsIn = (answer: { readonly result?: unknown } | null): readonly Job[] =>
  (answer?.result as { readonly jobs: readonly Job[] } | undefined)?.jobs ?? []

/** The first job that is as wanted, as soon as there is one. */
export const jobWhen = async (daemon: Daemon, wanted: (job: Job) => boolean): Promise<Job> => {
  const answer = await daemon.askUntil('machine.update.jobs.list', (one) => jobsIn(one).some(wanted))
  const job = jobsIn(answer).find(wanted)
  assert.ok(job, daemon.text)
  return job
}

/** Everything that a job said. */
export const saidBy = async (daemon: Daemon, id: string): Promise<string> => {
  const answer = await daemon.ask('machine.update.jobs.get', { id, after: 0 })
  const { log = [] } = (answer?.result ?? {}) as Job
  return log.map(({ text }) => text).join('\n')
}

/** Resolves when a job said that. */
export const untilSaid = async (daemon: Daemon, id: string, words: string): Promise<void> => {
  const said = await daemon.askUntil(
    'machine.update.jobs.get',
    (one) => JSON.stringify(one).includes(words),
    {
      id,
      after: 0,
    },
  )
  assert.ok(said, daemon.text)
}

export const upgrade = async (daemon: Daemon, params: object = {}): Promise<Job> => {
  const answer = await daemon.ask('machine.update.upgrade', { name: 'system', background: true, ...params })
  assert.ok(answer?.result !== undefined, JSON.stringify(answer))
  return answer.result as Job
}

/** A package whose script waits until somebody writes to a pipe; when it is run again it does not. */
export interface Gate {
  /** What the script says; it goes on when something was read. */
  readonly script: string
  /** Resolves when the script has begun; keeps it waiting. */
  readonly begun: () => Promise<FileHandle>
}

export const gateIn = (folder: string, code = 0): Gate => {
  const pipe = path.join(folder, 'gate')
  execFileSync('mkfifo', [pipe])
  const passed = path.join(folder, 'passed')
  const script = `[ -e ${passed} ] && exit ${code}\nread word < ${pipe}\necho said $word\n: > ${passed}\nexit ${code}`
  return { script, begun: () => open(pipe, 'w') }
}

export const release = async (gate: FileHandle, word: string): Promise<void> => {
  await gate.write(`${word}\n`)
  await gate.close()
}

/** Ends every process that works on this root, as a power cut does. */
export const killPackageTools = async ({ root }: AptRoot): Promise<readonly string[]> => {
  const found: { readonly pid: number; readonly program: string }[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    const program = line.split('\0')[0] ?? ''
    if (!/(?:^|\/)(?:apt-get|dpkg|sh)$/.test(program)) continue
    if (!line.includes(root) && !environment.includes(path.dirname(root))) continue
    found.push({ pid: Number(pid), program })
  }
  for (const { pid } of found) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (thrown) {
      // One of them may go with another.
      if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
    }
  }
  return found.map(({ program }) => program)
}
