import type { AddressInfo, Server } from 'node:net'
import { MoonkeeperError } from '../contract/error.js'

export interface Address {
  readonly host: string
  /** For server.info; null when the configuration is served as it is. */
  readonly warning: string | null
}

/**
 * Where to listen. Without a section [authorization] nobody has said who may enter, and then only this machine may: an
 * updater that anyone in the network can drive runs anyone's code.
 * @param authorized whether there is such a section
 */
export const chooseAddress = (host: string, authorized: boolean): Address => {
  if (host === 'localhost') return { host: '127.0.0.1', warning: null }
  if (authorized || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)) return { host, warning: null }
  const warning =
    `[server]: host ${host} is not served, because there is no section [authorization] that says who may enter. Only ` +
    'this machine reaches Moonkeeper, at 127.0.0.1. Add the section with your trusted_clients, or write "host: 127.0.0.1" ' +
    'to say that this is what you want.'
  return { host: '127.0.0.1', warning }
}

/** An address as it is opened; one of IPv6 stands in brackets. */
export const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'the port is in use, probably by Moonraker or another Moonkeeper. Stop it, or set another port in [server]',
  EACCES: 'ports below 1024 need privileges. Set another port in [server]',
  EADDRNOTAVAIL: 'this machine does not have the address. Set another host in [server]',
}

const bindError = (host: string, port: number, cause: NodeJS.ErrnoException): MoonkeeperError =>
  new MoonkeeperError(
    'refused',
    `Cannot listen on ${host} port ${port}: ${reasons[cause.code ?? ''] ?? cause.message}`,
    cause,
  )

/**
 * Listens. Port 0 takes any that is free.
 * @throws refused, with what to do about it
 */
export const bind = (server: Server, host: string, port: number): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => reject(bindError(host, port, cause))
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      resolve(server.address() as AddressInfo)
    })
  })
