import type { MachineOptions } from '../../contract/generated/types.js'
import type { Commands } from '../../system/commands.js'
import type { DBus } from '../../system/dbus.js'
import type { Privileges } from '../privileges.js'
import type { ServiceProvider } from '../services.js'
import { noServices } from './none.js'
import { createSupervisordCli } from './supervisord-cli.js'
import { createSystemdCli } from './systemd-cli.js'
import { createSystemdDbus } from './systemd-dbus.js'

export interface ProviderSurroundings {
  readonly commands: Commands
  readonly privileges: Privileges
  readonly bus: DBus
  /** `supervisord_config_path` of [machine]. */
  readonly supervisordFile: string
}

type Factory = (outside: ProviderSurroundings) => ServiceProvider

/** By `provider` of [machine]. */
export const serviceProviders: { readonly [P in MachineOptions['provider']]: Factory } = {
  systemd_dbus: ({ bus, commands, privileges }) =>
    createSystemdDbus(bus, createSystemdCli(commands, privileges)),
  systemd_cli: ({ commands, privileges }) => createSystemdCli(commands, privileges),
  supervisord_cli: ({ commands, supervisordFile }) => createSupervisordCli(commands, supervisordFile),
  none: () => noServices,
}
