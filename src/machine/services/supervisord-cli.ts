import { MoonkeeperError } from '../../contract/error.js'
import type { Commands } from '../../system/commands.js'
import { isServiceName, type ServiceAction, type ServiceProvider, type UnitState } from '../services.js'

/** A line of `supervisorctl status`: name, state, and while it runs its process and since when. */
interface Program {
  readonly name: string
  /** STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL or UNKNOWN. */
  readonly state: string
  readonly pid: number | null
}

const readPrograms = (text: string): readonly Program[] =>
  text.split('\n').flatMap((line) => {
    const [, name, state, rest = ''] = /^(\S+)\s+([A-Z]+)\b(.*)$/.exec(line) ?? []
    if (name === undefined || state === undefined) return []
    const [, pid] = /\bpid (\d+)/.exec(rest) ?? []
    return [{ name, state, pid: pid === undefined ? null : Number(pid) }]
  })

/** compat: Moonraker's translation of supervisord's states. */
const unitState = ({ state }: Program): UnitState => {
  const active = { RUNNING: 'active', STOPPING: 'deactivating' }[state] ?? 'inactive'
  return { active_state: active, sub_state: state.toLowerCase() }
}

/** Releases before 4 tell a failure only in words. That nothing was to be done is none. */
const refused = /: ERROR \((?!already started|not running)/

const limits = { timeout: 30_000, maxOutput: 1024 * 1024 }
const actionLimits = { timeout: 120_000, maxOutput: 1024 * 1024 }
/** 3: something of what was asked for does not run. */
const answered = [0, 3]

type Ask = (names: readonly string[], signal?: AbortSignal) => Promise<readonly Program[]>

/** @throws command_failed */
const asker =
  (commands: Commands, file: readonly string[]): Ask =>
  async (names, signal) => {
    const argv = ['supervisorctl', ...file, 'status', ...names] as const
    const { code, stdout, stderr } = await commands.run(argv, { ...limits, signal })
    const text = stdout.toString('utf8')
    if (answered.includes(code ?? -1)) return readPrograms(text)
    // 4: one of them does not exist.
    if (code === 4 && names.length > 0) return []
    const said = (stderr || text).trim().split('\n').at(-1) ?? ''
    throw new MoonkeeperError('command_failed', `supervisorctl does not answer: ${said}`)
  }

/** supervisord through its command line, as in containers that have no systemd. It takes orders from us without sudo. */
export const createSupervisordCli = (commands: Commands, configurationFile: string): ServiceProvider => {
  const file = configurationFile === '' ? [] : ['-c', configurationFile]
  const programs = asker(commands, file)
  const act = async (action: ServiceAction, service: string): Promise<void> => {
    if (!isServiceName(service))
      throw new MoonkeeperError('refused', `'${service}' is not the name of a service`)
    const result = await commands.run(['supervisorctl', ...file, action, service], actionLimits)
    const text = result.stdout.toString('utf8')
    if (result.code === 0 && !refused.test(text)) return
    const said = (text || result.stderr).trim().split('\n').at(-1) ?? ''
    throw new MoonkeeperError(
      'command_failed',
      `Could not ${action} ${service}: ${said}. Look at it with: supervisorctl tail ${service}`,
    )
  }
  return {
    act,
    restart: (service) => act('restart', service),

    async state(service, signal) {
      if (!isServiceName(service)) return null
      const found = await programs([service], signal).catch(() => [])
      signal?.throwIfAborted()
      const program = found.find(({ name }) => name === service)
      if (program === undefined) return null
      const { state, pid } = program
      return {
        active: state === 'RUNNING',
        // It does not count: another process is another run.
        restarts: 0,
        since: String(pid),
        sub: state === 'FATAL' ? 'failed' : state.toLowerCase(),
      }
    },

    async list(wanted) {
      const found = (await programs([])).filter(({ name }) => wanted(name))
      return new Map(found.map((program) => [program.name, unitState(program)]))
    },

    follow: () => Promise.resolve(null),

    async serviceOf(pid) {
      const found = await programs([]).catch(() => [])
      return found.find((program) => program.pid === pid)?.name ?? null
    },
  }
}
