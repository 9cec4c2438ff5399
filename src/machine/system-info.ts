import * as os from 'node:os'
import type { MachineSystemInfoResult } from '../contract/generated/types.js'
import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'
import { readCpuInfo } from './facts/cpu.js'
import { readDistribution } from './facts/distribution.js'
import { readCanBuses, readNetwork } from './facts/network.js'
import { readPython } from './facts/python.js'
import { readSdCard } from './facts/sd-card.js'
import { detectVirtualization } from './facts/virtualization.js'

type SystemInfo = MachineSystemInfoResult['system_info']

/** What the machine is, without what may be ordered of it. */
export type SystemFacts = Omit<
  SystemInfo,
  'provider' | 'available_services' | 'service_state' | 'instance_ids'
>

type Lasting = Omit<SystemFacts, 'network' | 'canbus'>

const card = '/sys/block/mmcblk0/device'

/** Read when it is first asked for; what does not change while the machine runs, once. */
export const createSystemInfo = (files: Files, commands: Commands): (() => Promise<SystemFacts>) => {
  const read = (file: string): Promise<string | null> => files.readText(file).catch(() => null)
  const readLasting = async (): Promise<Lasting> => ({
    python: await readPython(commands),
    cpu_info: readCpuInfo({
      cpuinfo: await read('/proc/cpuinfo'),
      meminfo: await read('/proc/meminfo'),
      count: os.cpus().length,
      machine: os.machine(),
      architecture: os.arch(),
    }),
    sd_info: readSdCard(await read(`${card}/cid`), await read(`${card}/csd`)),
    distribution: readDistribution(await readOsRelease(), os.release()),
    virtualization: await detectVirtualization(files, commands),
  })
  // A symlink, as a rule.
  const readOsRelease = async (): Promise<string | null> =>
    (await read('/etc/os-release')) ?? (await read('/usr/lib/os-release'))
  let lasting: Promise<Lasting> | null = null
  return async () => ({
    ...(await (lasting ??= readLasting())),
    network: await readNetwork(os.networkInterfaces(), files),
    canbus: await readCanBuses(files, commands),
  })
}
