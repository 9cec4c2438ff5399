import { MoonkeeperError } from '../contract/error.js'
import type { Commands } from '../system/commands.js'

/** What the machine says of a service at one moment. Nothing here says what it was a second before. */
export interface ServiceState {
  /** True while it runs, also while it reloads; false while it starts, stops or waits to be started again. */
  readonly active: boolean
  /** How often it was started again by itself since it was last started by order. */
  readonly restarts: number
  /** Another text after every time that it became active anew; for comparing only. */
  readonly since: string
  /** systemd's SubState, for people: running, exited, dead, failed, auto-restart, ... */
  readonly sub: string
}

/** Services of the machine. */
export interface Services {
  /** @throws command_failed when the service could not be restarted; busy when nothing manages services here */
  restart(service: string): Promise<void>
  /**
   * @returns null when nothing is known: there is no such service, nobody could be asked, or the answer made no sense
   * @throws the signal's reason when it is aborted
   */
  state(service: string, signal?: AbortSignal): Promise<ServiceState | null>
}

const isServiceName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/.test(name)

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

const readState = (text: string): ServiceState | null => {
  const found = readProperties(text)
  if (found === null || found.get('LoadState') === 'not-found') return null
  return {
    active: ['active', 'reloading', 'refreshing'].includes(found.get('ActiveState') ?? ''),
    restarts: Number(found.get('NRestarts')),
    since: found.get('ActiveEnterTimestampMonotonic') ?? '',
    sub: found.get('SubState') ?? '',
  }
}

const stateLimits = { timeout: 10_000, maxOutput: 64 * 1024 }

/** systemd through its command line: as root directly, else through sudo, which never asks. */
export const createSystemctlServices = (commands: Commands, root: boolean): Services => ({
  async restart(service) {
    if (!isServiceName(service))
      throw new MoonkeeperError('refused', `'${service}' is not the name of a service`)
    const systemctl = ['systemctl', 'restart', service] as const
    const argv = root ? systemctl : (['sudo', '-n', ...systemctl] as const)
    const result = await commands.run(argv, { timeout: 120_000 })
    if (result.code === 0) return
    const said = result.stderr.trim().split('\n').at(-1) ?? ''
    throw new MoonkeeperError(
      'command_failed',
      `Could not restart service ${service}: ${said}. Look at it with: systemctl status ${service}`,
    )
  },

  async state(service, signal) {
    if (!isServiceName(service)) return null
    const asked = `--property=${Object.keys(properties).join(',')}`
    const argv = ['systemctl', 'show', asked, '--', service] as const
    const result = await commands.run(argv, { ...stateLimits, signal }).catch(() => null)
    signal?.throwIfAborted()
    return result?.code === 0 ? readState(result.stdout.toString('utf8')) : null
  },
})

/** `provider: none`: nothing here may touch services, and nothing is known of them. */
export const noServices: Services = {
  restart: () => Promise.reject(new MoonkeeperError('busy', 'Service Actions Not Available')),
  state: () => Promise.resolve(null),
}
