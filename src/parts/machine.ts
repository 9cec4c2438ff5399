import path from 'node:path'
import type { Configuration } from '../config/index.js'
import { isServiceAllowed } from '../config/services.js'
import { createEnding, orderByCommand } from '../machine/ending.js'
import type { Machine, Peripherals } from '../machine/machine.js'
import { orderByLogind } from '../machine/logind.js'
import { namedServices } from '../machine/named-services.js'
import { queryCanBus } from '../machine/peripherals/canbus.js'
import { findSerialDevices } from '../machine/peripherals/serial.js'
import { findUsbDevices } from '../machine/peripherals/usb.js'
import { findVideoDevices } from '../machine/peripherals/video.js'
import { createPrivileges, userName, type Privileges } from '../machine/privileges.js'
import { Pulse } from '../machine/pulse.js'
import { ServiceBoard } from '../machine/service-board.js'
import { createServiceNames, type ServiceNames } from '../machine/service-names.js'
import { createServiceOrders } from '../machine/service-orders.js'
import { serviceProviders } from '../machine/services/index.js'
import type { ServiceProvider, Services } from '../machine/services.js'
import { Statistics, type Usage } from '../machine/statistics.js'
import { createSystemInfo } from '../machine/system-info.js'
import { createThrottling, type Throttling } from '../machine/throttling.js'
import type { Commands } from '../system/commands.js'
import { createDBus, type DBus } from '../system/dbus.js'
import { systemFiles } from '../system/files.js'
import { kernelFiles } from '../system/kernel-files.js'
import type { Log } from '../system/log.js'
import type { Subscribers } from '../transport/subscribers.js'
import type { Part } from './part.js'

export interface MachineSetup {
  /** What is read at start only. */
  readonly atStart: Configuration
  /** What holds now. */
  readonly current: () => Configuration
  readonly dataPath: string
  readonly root: boolean
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly usage: () => Usage
  readonly commands: Commands
  readonly subscribers: Subscribers
  /** Klipper's process; null while it is not known. */
  readonly klipperPid: () => number | null
  /** Begins this daemon anew without its process. */
  readonly restart: () => Promise<void>
  readonly log: Log
}

/** The machine, and what the engine needs of it. */
export interface MachineParts {
  readonly machine: Machine
  readonly services: Services
  readonly names: ServiceNames
  readonly isOwnService: (service: string) => Promise<boolean>
  readonly privileges: Privileges
  /** The system's; it is connected when somebody needs it. */
  readonly bus: DBus
  readonly part: Part
}

const roots = { sys: '/sys', dev: '/dev' }
const answerFirst = 100

const peripheralsOf = (dataPath: string, commands: Commands): Peripherals => {
  // compat: Moonraker keeps its own list there.
  const lists = [path.join(dataPath, 'misc/usb.ids'), '/usr/share/misc/usb.ids', '/var/lib/usbutils/usb.ids']
  return {
    usb: () => findUsbDevices('/sys/bus/usb/devices', lists, systemFiles),
    serial: () => findSerialDevices(roots, systemFiles),
    video: () => findVideoDevices(roots, systemFiles, commands),
    canbus: (name) => queryCanBus(name, commands),
  }
}

const privilegesOf = ({ atStart, root, commands, subscribers }: MachineSetup): Privileges => {
  const privileges: Privileges = createPrivileges({
    commands,
    root,
    user: userName(),
    password: atStart.machine.sudo_password ?? null,
    changed: () =>
      subscribers.broadcast('notify_sudo_alert', {
        sudo_requested: privileges.requests.length > 0,
        request_messages: [...privileges.requests],
      }),
  })
  return privileges
}

const boardOf = (provider: ServiceProvider, { current, subscribers, log }: MachineSetup): ServiceBoard =>
  new ServiceBoard({
    provider,
    isAllowed: (service) => isServiceAllowed(current().allowedServices, service),
    changed: (service, state) => subscribers.broadcast('notify_service_state_changed', { [service]: state }),
    isWatched: () => subscribers.count() > 0,
    log,
  })

/** Our own restart, when a client orders it. */
const selfRestarter =
  (provider: ServiceProvider, names: ServiceNames, { restart, log }: MachineSetup) =>
  async (): Promise<void> => {
    const own = await names.own()
    if (own === null) return restart()
    setTimeout(() => {
      provider.restart(own).catch((err: unknown) => log.error({ err }, 'Moonkeeper could not be restarted'))
    }, answerFirst)
  }

const statisticsOf = (setup: MachineSetup): Statistics =>
  new Statistics({
    files: kernelFiles,
    usage: setup.usage,
    now: () => Date.now(),
    elapsed: () => performance.now(),
  })

const pulseOf = (statistics: Statistics, throttling: Throttling, { subscribers }: MachineSetup): Pulse =>
  new Pulse({
    statistics,
    throttling,
    connections: () => subscribers.count(),
    told: {
      statistics: (update) => subscribers.broadcast('notify_proc_stat_update', update),
      throttled: (state) => subscribers.broadcast('notify_cpu_throttled', state),
    },
  })

/** What machine.system_info answers. */
const systemInfoOf = (
  board: ServiceBoard,
  names: ServiceNames,
  setup: MachineSetup,
): Machine['systemInfo'] => {
  const facts = createSystemInfo(systemFiles, setup.commands)
  return async () => {
    const services = board.all()
    const [moonraker, klipper] = [await names.own(), await names.klipper()]
    return {
      ...(await facts()),
      provider: setup.atStart.machine.provider,
      available_services: Object.keys(services),
      service_state: services,
      instance_ids: { moonraker: moonraker ?? 'moonraker', klipper: klipper ?? 'klipper' },
    }
  }
}

/** What machine.proc_stats answers. */
const procStatsOf =
  (statistics: Statistics, throttling: Throttling, { subscribers }: MachineSetup): Machine['statistics'] =>
  async () => ({
    moonraker_stats: [...statistics.history],
    throttled_state: await throttling.state(),
    ...statistics.sample(),
    system_uptime: statistics.uptime(),
    websocket_connections: subscribers.count(),
  })

const partOf = (pulse: Pulse, board: ServiceBoard, statistics: Statistics, bus: DBus): Part => ({
  start: async () => {
    pulse.start()
    // Nothing waits for what it shows.
    void board.start()
  },
  stop: async () => {
    pulse.stop()
    board.stop()
    statistics.close()
    bus.close()
  },
})

export const createMachine = (setup: MachineSetup): MachineParts => {
  const { atStart, current, commands, pid } = setup
  const privileges = privilegesOf(setup)
  const bus = createDBus(setup.env['DBUS_SYSTEM_BUS_ADDRESS'] ?? null)
  const { provider: kind, supervisord_config_path: supervisordFile } = atStart.machine
  const provider = serviceProviders[kind]({ bus, commands, privileges, supervisordFile })
  const names = createServiceNames({ provider, pid, klipperPid: setup.klipperPid })
  const board = boardOf(provider, setup)
  const statistics = statisticsOf(setup)
  const throttling = createThrottling(systemFiles, commands)
  const allowed = (): readonly string[] => current().allowedServices
  const restartSelf = selfRestarter(provider, names, setup)
  return {
    machine: {
      systemInfo: systemInfoOf(board, names, setup),
      statistics: procStatsOf(statistics, throttling, setup),
      services: createServiceOrders({ board, names, allowed, restartSelf }),
      privileges,
      ending: createEnding(
        [...(kind === 'systemd_dbus' ? [orderByLogind(bus)] : []), orderByCommand(privileges)],
        systemFiles,
        () => current().machine.shutdown_action,
      ),
      peripherals: peripheralsOf(setup.dataPath, commands),
    },
    services: namedServices(provider, names, setup.log),
    names,
    isOwnService: async (service) => (await names.actual(service)) === (await names.own()),
    privileges,
    bus,
    part: partOf(pulseOf(statistics, throttling, setup), board, statistics, bus),
  }
}
