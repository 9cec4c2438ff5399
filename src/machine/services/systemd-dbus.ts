import { MoonkeeperError } from '../../contract/error.js'
import { DBusFailure, type DBus } from '../../system/dbus.js'
import { isDenied, isNobodyThere } from '../bus-refusals.js'
import {
  isServiceName,
  withoutEnding,
  type ServiceAction,
  type ServiceProvider,
  type ServiceState,
  type UnitState,
} from '../services.js'
import { createSystemdBus, unitInterface, valueOf, type SystemdBus } from './systemd-bus.js'
import { isActive } from './systemd-cli.js'
import { carryOut } from './systemd-jobs.js'

const refusal = (action: ServiceAction, service: string, thrown: DBusFailure): MoonkeeperError =>
  isDenied(thrown)
    ? new MoonkeeperError(
        'refused',
        `polkit does not let Moonkeeper ${action} service ${service} (${thrown.message}). ` +
          'Install the rules that docs/install.md names, and look whether they list it',
        thrown,
      )
    : new MoonkeeperError(
        'command_failed',
        `Could not ${action} service ${service}: ${thrown.message}`,
        thrown,
      )

const stateOf = async (systemd: SystemdBus, service: string): Promise<ServiceState | null> => {
  const path = await systemd.unit(service)
  const found = await systemd.unitProperties(path)
  if (found.get('LoadState') === 'not-found') return null
  return {
    active: isActive(String(found.get('ActiveState'))),
    restarts: Number(await systemd.serviceProperty(path, 'NRestarts')),
    since: String(found.get('ActiveEnterTimestampMonotonic')),
    sub: String(found.get('SubState')),
  }
}

/** What changed of a unit, on top of what was known. */
const merged = (known: UnitState, changed: Readonly<Record<string, unknown>>): UnitState => {
  const read = (name: string, otherwise: string): string =>
    name in changed ? String(valueOf(changed[name])) : otherwise
  return {
    active_state: read('ActiveState', known.active_state),
    sub_state: read('SubState', known.sub_state),
  }
}

type Changed = (service: string, state: UnitState) => void

/** @returns the end of it */
const followOne = async (
  systemd: SystemdBus,
  service: string,
  changed: Changed,
  lost: () => void,
): Promise<() => void> => {
  const path = await systemd.unit(service)
  let state: UnitState = { active_state: '', sub_state: '' }
  const end = await systemd.listen(
    path,
    (member, [kind, properties]) => {
      if (member !== 'PropertiesChanged' || kind !== unitInterface) return
      state = merged(state, properties as Record<string, unknown>)
      if (state.active_state !== '') changed(service, state)
    },
    lost,
  )
  const found = await systemd.unitProperties(path)
  state = { active_state: String(found.get('ActiveState')), sub_state: String(found.get('SubState')) }
  return end
}

/** All of them, or none. @returns the end of it; null when nobody is there to be heard */
const followAll = async (
  systemd: SystemdBus,
  services: readonly string[],
  changed: Changed,
  lost: () => void,
): Promise<(() => void) | null> => {
  const ends: (() => void)[] = []
  let over = false
  const end = (): void => {
    over = true
    ends.splice(0).forEach((one) => one())
  }
  const lose = (): void => {
    if (over) return
    end()
    lost()
  }
  try {
    for (const service of services) ends.push(await followOne(systemd, service, changed, lose))
    return end
  } catch (thrown) {
    end()
    if (isNobodyThere(thrown)) return null
    throw thrown
  }
}

/** A row of ListUnitsByPatterns: unit, description, load, active, sub, following, path, job, ... */
type Row = readonly [string, string, string, string, string, ...unknown[]]

const unitsIn = (
  rows: readonly Row[],
  wanted: (service: string) => boolean,
): ReadonlyMap<string, UnitState> =>
  new Map(
    rows
      .filter(([unit, , load]) => load === 'loaded' && wanted(withoutEnding(unit)))
      .map(([unit, , , active, sub]) => [withoutEnding(unit), { active_state: active, sub_state: sub }]),
  )

const actOn =
  (systemd: SystemdBus, commandLine: ServiceProvider): ServiceProvider['act'] =>
  async (action, service) => {
    if (!isServiceName(service))
      throw new MoonkeeperError('refused', `'${service}' is not the name of a service`)
    try {
      await carryOut(systemd, action, service)
    } catch (thrown) {
      if (!(thrown instanceof DBusFailure)) throw thrown
      if (isNobodyThere(thrown)) return commandLine.act(action, service)
      if (!isDenied(thrown)) throw refusal(action, service, thrown)
      await commandLine.act(action, service).catch((other: unknown) => {
        // Who may neither is told of the way that is meant for them.
        const forbidden = other instanceof MoonkeeperError && other.kind === 'refused'
        throw forbidden ? refusal(action, service, thrown) : other
      })
    }
  }

/**
 * systemd over D-Bus, where polkit decides what we may do. What it does not allow, or where there is no bus, is tried
 * through the command line, where sudo decides.
 */
export const createSystemdDbus = (bus: DBus, commandLine: ServiceProvider): ServiceProvider => {
  const systemd = createSystemdBus(bus)
  const act = actOn(systemd, commandLine)
  return {
    act,
    restart: (service) => act('restart', service),

    async state(service, signal) {
      if (!isServiceName(service)) return null
      signal?.throwIfAborted()
      try {
        return await stateOf(systemd, service)
      } catch (thrown) {
        return isNobodyThere(thrown) ? await commandLine.state(service, signal) : null
      } finally {
        signal?.throwIfAborted()
      }
    },

    async list(wanted) {
      try {
        const [rows] = await systemd.manager('ListUnitsByPatterns', 'asas', [], ['*.service'])
        return unitsIn(rows as readonly Row[], wanted)
      } catch (thrown) {
        if (isNobodyThere(thrown)) return commandLine.list(wanted)
        throw thrown
      }
    },

    follow: (services, changed, lost) => followAll(systemd, services, changed, lost),

    async serviceOf(pid) {
      try {
        const [path] = await systemd.manager('GetUnitByPID', 'u', pid)
        const unit = String((await systemd.unitProperties(String(path))).get('Id'))
        return unit.endsWith('.service') ? withoutEnding(unit) : null
      } catch (thrown) {
        return isNobodyThere(thrown) ? commandLine.serviceOf(pid) : null
      }
    },
  }
}
