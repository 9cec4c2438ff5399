import type { MachineSystemInfoResult } from '../../contract/generated/types.js'

type CpuInfo = MachineSystemInfoResult['system_info']['cpu_info']

export interface CpuSources {
  /** /proc/cpuinfo and /proc/meminfo; null where there is none. */
  readonly cpuinfo: string | null
  readonly meminfo: string | null
  readonly count: number
  /** As uname calls it: x86_64, aarch64, armv7l, ... */
  readonly machine: string
  /** Of this program: x64, arm64, arm, ... */
  readonly architecture: string
}

const after = (text: string, key: string): string =>
  new RegExp(`^${key}\\s*:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim() ?? ''

/** compat: what the first core is called, and what a single board computer says of itself at the end. */
export const readCpuInfo = (sources: CpuSources): CpuInfo => {
  const { cpuinfo, meminfo, count, machine, architecture } = sources
  const text = cpuinfo ?? ''
  const [, total, units = ''] = /^MemTotal:\s+(\d+)\s+(\w+)/m.exec(meminfo ?? '') ?? []
  return {
    cpu_count: count,
    bits: architecture.endsWith('64') || architecture === 's390x' ? '64bit' : '32bit',
    processor: machine,
    cpu_desc: after(text, 'model name'),
    serial_number: after(text, 'Serial').replace(/^0+/, ''),
    hardware_desc: after(text, 'Hardware'),
    model: after(text, 'Model'),
    total_memory: total === undefined ? null : Number(total),
    memory_units: units,
  }
}
