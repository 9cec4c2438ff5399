import { MoonkeeperError } from '../../contract/error.js'
import type { CommandResult, Commands } from '../../system/commands.js'
import type { Privileges } from '../privileges.js'
import {
  isServiceName,
  withoutEnding,
  type ServiceAction,
  type ServiceProvider,
  type ServiceState,
  type UnitState,
} from '../services.js'

/** Of `systemctl show`: what each must look like. systemd.unit(5), org.freedesktop.systemd1(5). */
const properties: Readonly<Record<string, RegExp>> = {
  LoadState: /^[a-z-]+$/,
  ActiveState: /^[a-z-]+$/,
  SubState: /^[a-z-]+$/,
  NRestarts: /^\d{1,10}$/,
  ActiveEnterTimestampMonotonic: /^\d{1,20}$/,
}

/** Every property exactly once, in any order, and nothing else; null for any other text. */
const readProperties = (text: string): ReadonlyMap<string, string> | null => {
  const found = new Map<string, string>()
  for (const line of text.trimEnd().split('\n')) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
    const shape = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (shape?.test(value) !== true || found.has(name)) return null
    found.set(name, value)
  }
  return found.size === Object.keys(properties).length ? found : null
}

/** Running, also while it reloads. */
export const isActive = (activeState: string): boolean =>
  ['active', 'reloading', 'refreshing'].includes(activeState)

const readState = (text: string): ServiceState | null => {
  const found = readProperties(text)
  if (found === null || found.get('LoadState') === 'not-found') return null
  return {
    active: isActive(found.get('ActiveState') ?? ''),
    restarts: Number(found.get('NRestarts')),
    since: found.get('ActiveEnterTimestampMonotonic') ?? '',
    sub: found.get('SubState') ?? '',
  }
}

const limits = { timeout: 10_000, maxOutput: 64 * 1024 }
const listLimits = { timeout: 10_000, maxOutput: 1024 * 1024 }
/** systemd waits a minute and a half for a unit, as a rule. */
const actionLimits = { timeout: 120_000, maxOutput: 1024 * 1024 }

const failed = (action: ServiceAction, service: string, { stderr, ended }: CommandResult): Error => {
  const said = ended === 'timeout' ? 'it took too long' : (stderr.trim().split('\n').at(-1) ?? '')
  return new MoonkeeperError(
    'command_failed',
    `Could not ${action} service ${service}: ${said}. Look at it with: systemctl status ${service}`,
  )
}

/** The lines of `systemctl list-units --plain --no-legend`: unit, load, active, sub, description. */
const readUnits = (text: string, wanted: (service: string) => boolean): ReadonlyMap<string, UnitState> => {
  const units = new Map<string, UnitState>()
  for (const line of text.split('\n')) {
    const [unit = '', load = '', active = '', sub = ''] = line.trim().split(/\s+/)
    const service = withoutEnding(unit)
    if (!unit.endsWith('.service') || load !== 'loaded' || !wanted(service)) continue
    units.set(service, { active_state: active, sub_state: sub })
  }
  return units
}

/** systemd through its command line. */
export const createSystemdCli = (commands: Commands, privileges: Privileges): ServiceProvider => {
  const order = (verb: ServiceAction | 'reset-failed', service: string): Promise<CommandResult> =>
    privileges.run(['systemctl', verb, service], actionLimits)
  const act = async (action: ServiceAction, service: string): Promise<void> => {
    if (!isServiceName(service))
      throw new MoonkeeperError('refused', `'${service}' is not the name of a service`)
    // What crashed too often is not started any more, also when it is another version by now.
    if (action !== 'stop') await order('reset-failed', service).catch(() => undefined)
    const result = await order(action, service)
    if (result.code !== 0) throw failed(action, service, result)
  }
  return {
    act,
    restart: (service) => act('restart', service),

    async state(service, signal) {
      if (!isServiceName(service)) return null
      const asked = `--property=${Object.keys(properties).join(',')}`
      const argv = ['systemctl', 'show', asked, '--', service] as const
      const result = await commands.run(argv, { ...limits, signal }).catch(() => null)
      signal?.throwIfAborted()
      return result?.code === 0 ? readState(result.stdout.toString('utf8')) : null
    },

    async list(wanted) {
      const argv = [
        'systemctl',
        'list-units',
        '--all',
        '--type=service',
        '--plain',
        '--no-legend',
        '--no-pager',
      ] as const
      const result = await commands.run(argv, listLimits)
      if (result.code === 0) return readUnits(result.stdout.toString('utf8'), wanted)
      const said = result.stderr.trim().split('\n').at(-1) ?? ''
      throw new MoonkeeperError('command_failed', `systemctl could not list the services: ${said}`)
    },

    follow: () => Promise.resolve(null),

    async serviceOf(pid) {
      const argv = ['systemctl', 'status', String(pid), '--lines=0', '--no-pager'] as const
      const result = await commands.run(argv, limits).catch(() => null)
      const [, unit] = /^\S+ (\S+)\.service\b/.exec(result?.stdout.toString('utf8') ?? '') ?? []
      return unit ?? null
    },
  }
}
