import type { DBus } from '../../system/dbus.js'

/** org.freedesktop.systemd1(5): what is asked of systemd on the bus. */
export interface SystemdBus {
  /** A method of the manager. @throws DBusFailure */
  manager(member: string, signature?: string, ...body: readonly unknown[]): Promise<readonly unknown[]>
  /** The object of a unit, whether it exists or not. @throws DBusFailure */
  unit(service: string): Promise<string>
  /** Every property of a unit that is the same for all kinds. @throws DBusFailure */
  unitProperties(path: string): Promise<ReadonlyMap<string, unknown>>
  /** @throws DBusFailure */
  serviceProperty(path: string, name: string): Promise<unknown>
  /** Signals of the manager; systemd sends them only to those who asked for them. @throws DBusFailure */
  listen(
    path: string,
    signal: (member: string, body: readonly unknown[]) => void,
    lost?: () => void,
  ): Promise<() => void>
}

export const systemdName = 'org.freedesktop.systemd1'
export const managerPath = '/org/freedesktop/systemd1'
export const unitInterface = `${systemdName}.Unit`
const managerInterface = `${systemdName}.Manager`
const serviceInterface = `${systemdName}.Service`
const propertiesInterface = 'org.freedesktop.DBus.Properties'

/** The library wraps values of any type. */
export const valueOf = (variant: unknown): unknown => (variant as { readonly value?: unknown } | null)?.value

export const createSystemdBus = (bus: DBus): SystemdBus => {
  const manager: SystemdBus['manager'] = (member, signature, ...body) =>
    bus.call({
      service: systemdName,
      path: managerPath,
      interface: managerInterface,
      member,
      ...(signature === undefined ? {} : { signature, body }),
    })
  const properties = (path: string, member: string, signature: string, body: readonly string[]) =>
    bus.call({ service: systemdName, path, interface: propertiesInterface, member, signature, body })
  return {
    manager,
    unit: async (service) => String((await manager('LoadUnit', 's', `${service}.service`))[0]),
    async unitProperties(path) {
      const [all] = await properties(path, 'GetAll', 's', [unitInterface])
      return new Map(
        Object.entries(all as Record<string, unknown>).map(([name, value]) => [name, valueOf(value)]),
      )
    },
    async serviceProperty(path, name) {
      const [value] = await properties(path, 'Get', 'ss', [serviceInterface, name])
      return valueOf(value)
    },
    async listen(path, signal, lost) {
      // Twice on one connection is an error, and does no harm.
      await manager('Subscribe').catch(() => undefined)
      return bus.listen(
        { service: systemdName, path },
        { signal: ({ member, body }) => signal(member, body), ...(lost === undefined ? {} : { lost }) },
      )
    },
  }
}
