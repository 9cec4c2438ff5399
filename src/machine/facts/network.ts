import path from 'node:path'
import type { NetworkInterfaceInfo } from 'node:os'
import type { MachineSystemInfoResult } from '../../contract/generated/types.js'
import type { Commands } from '../../system/commands.js'
import type { Files } from '../../system/files.js'

type SystemInfo = MachineSystemInfoResult['system_info']
type Network = SystemInfo['network']
type CanBuses = SystemInfo['canbus']

/** As `type` of an interface in sysfs has it (linux/if_arp.h). */
const hardware = { ethernet: '1', can: '280' }

const interfaces = '/sys/class/net'

const isLinkLocal = (address: string): boolean => /^(?:fe[89ab]|169\.254\.)/i.test(address)

const readOf = async (files: Pick<Files, 'readText'>, name: string, what: string): Promise<string> =>
  (await files.readText(path.join(interfaces, name, what)).catch(() => null))?.trim() ?? ''

/** Wired and wireless ones that are up and have an address. */
export const readNetwork = async (
  addresses: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
  files: Pick<Files, 'readText'>,
): Promise<Network> => {
  const network: Network = {}
  for (const [name, found = []] of Object.entries(addresses)) {
    const [first] = found
    if (first === undefined || (await readOf(files, name, 'type')) !== hardware.ethernet) continue
    if ((await readOf(files, name, 'operstate')) !== 'up') continue
    network[name] = {
      mac_address: first.mac,
      ip_addresses: found.map(({ family, address }) => ({
        family: family === 'IPv4' ? 'ipv4' : 'ipv6',
        address,
        is_link_local: isLinkLocal(address),
      })),
    }
  }
  return network
}

/** As `ip -json -details link` tells them. */
interface LinkDetails {
  readonly linkinfo: {
    readonly info_data: {
      readonly bittiming?: { readonly bitrate: number }
      readonly bittiming_const?: { readonly name: string }
    }
  }
}

type Timing = Pick<CanBuses[string], 'bitrate' | 'driver'>

/** What only netlink tells; `ip` asks it. */
const timingOf = async (name: string, commands: Commands): Promise<Timing> => {
  try {
    const argv = ['ip', '-json', '-details', 'link', 'show', 'dev', name] as const
    const { stdout } = await commands.run(argv, { timeout: 5_000, maxOutput: 1024 * 1024 })
    const [details] = JSON.parse(stdout.toString('utf8')) as [LinkDetails]
    const { bittiming, bittiming_const: controller } = details.linkinfo.info_data
    return { bitrate: bittiming?.bitrate ?? -1, driver: controller?.name ?? 'unknown' }
  } catch {
    return { bitrate: -1, driver: 'unknown' }
  }
}

/** CAN buses that are up. Only where there are any a program is started. */
export const readCanBuses = async (
  files: Pick<Files, 'readText' | 'list'>,
  commands: Commands,
): Promise<CanBuses> => {
  const buses: CanBuses = {}
  for (const { name } of await files.list(interfaces).catch(() => [])) {
    if ((await readOf(files, name, 'type')) !== hardware.can) continue
    if ((await readOf(files, name, 'operstate')) !== 'up') continue
    const length = Number(await readOf(files, name, 'tx_queue_len'))
    buses[name] = { tx_queue_len: length, ...(await timingOf(name, commands)) }
  }
  return buses
}
