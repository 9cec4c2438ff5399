import type { ProcessStatistics, SystemStatistics } from '../contract/generated/types.js'
import type { KernelFile, KernelFiles } from '../system/kernel-files.js'

/** What this process used since it began: processor time in microseconds, memory in bytes now. */
export interface Usage {
  readonly cpu: number
  readonly memory: number
}

export interface StatisticsSetup {
  readonly files: KernelFiles
  readonly usage: () => Usage
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed: () => number
}

/** compat: so many entries are kept, one a second. */
const kept = 30

/** Milliseconds between two looks; a little less than between those that are told. */
const shortest = 900

type Network = SystemStatistics['network']
type Counters = Omit<Network[string], 'bandwidth'>

const rounded = (value: number): number => Math.round(value * 100) / 100

/** A line of /proc/net/dev (proc(5)): a name, eight figures of what came, eight of what went. */
const deviceLine =
  /^ *([^\s:]+): *(\d+) +(\d+) +(\d+) +(\d+) +\d+ +\d+ +\d+ +\d+ +(\d+) +(\d+) +(\d+) +(\d+)/gm

const readNetwork = (text: string): ReadonlyMap<string, Counters> => {
  const found = new Map<string, Counters>()
  for (const [, name = '', ...figures] of text.matchAll(deviceLine)) {
    const [rxBytes, rxPackets, rxErrs, rxDrop, txBytes, txPackets, txErrs, txDrop] = figures.map(Number)
    found.set(name, {
      rx_bytes: rxBytes,
      tx_bytes: txBytes,
      rx_packets: rxPackets,
      tx_packets: txPackets,
      rx_errs: rxErrs,
      tx_errs: txErrs,
      rx_drop: rxDrop,
      tx_drop: txDrop,
    } as Counters)
  }
  return found
}

interface Ticks {
  readonly all: number
  readonly idle: number
}

/** The lines of /proc/stat that begin with `cpu`: those of all together, and of each. */
const readTicks = (text: string): ReadonlyMap<string, Ticks> => {
  const found = new Map<string, Ticks>()
  for (const line of text.split('\n')) {
    if (!line.startsWith('cpu')) break
    const [name = '', ...figures] = line.split(/\s+/)
    const numbers = figures.map(Number)
    found.set(name, { all: numbers.reduce((sum, one) => sum + one, 0), idle: numbers[3] ?? 0 })
  }
  return found
}

const memTotal = /^MemTotal: +(\d+)/m
const memAvailable = /^MemAvailable: +(\d+)/m

const readMemory = (text: string): SystemStatistics['system_memory'] => {
  const figure = (line: RegExp): number => Number(line.exec(text)?.[1] ?? NaN)
  const [total, available] = [figure(memTotal), figure(memAvailable)]
  if (Number.isNaN(total) || Number.isNaN(available)) return {}
  return { total, available, used: total - available }
}

/** Which sensor tells the processor's temperature, by the name of its driver. */
const sensors = ['coretemp', 'k10temp', 'cpu_thermal']

/** As many of them are looked at as any machine has. */
const monitors = 32

/** null where there is none: that is not looked for every second. */
const temperatureFile = (files: KernelFiles): KernelFile | null => {
  for (let index = 0; index < monitors; index += 1) {
    const monitor = `/sys/class/hwmon/hwmon${index}`
    const name = files.open(`${monitor}/name`)
    const driver = name.read()?.trim() ?? ''
    name.close()
    if (sensors.includes(driver)) return files.open(`${monitor}/temp1_input`)
  }
  const zone = files.open('/sys/class/thermal/thermal_zone0/temp')
  if (zone.read() !== null) return zone
  zone.close()
  return null
}

/**
 * What this process and the machine use. The process is looked at every second, for its history; the machine only when
 * somebody wants to know, and what is told then is since the last time.
 */
export class Statistics {
  readonly history: ProcessStatistics[] = []
  private readonly netdev: KernelFile
  private readonly stat: KernelFile
  private readonly meminfo: KernelFile
  private readonly uptimeFile: KernelFile
  private readonly temperature: KernelFile | null
  private usedAt: number
  private used: Usage
  private sampledAt: number
  private last: SystemStatistics | null = null
  private network: Network = {}
  private ticks: ReadonlyMap<string, Ticks> = new Map()

  constructor(private readonly setup: StatisticsSetup) {
    const { files, usage, elapsed } = setup
    this.netdev = files.open('/proc/net/dev')
    this.stat = files.open('/proc/stat')
    this.meminfo = files.open('/proc/meminfo')
    this.uptimeFile = files.open('/proc/uptime')
    this.temperature = temperatureFile(files)
    this.used = usage()
    this.usedAt = this.sampledAt = elapsed()
  }

  /** The entry of this second. */
  tick(): ProcessStatistics {
    const { usage, now, elapsed } = this.setup
    const [used, at] = [usage(), elapsed()]
    const passed = Math.max(1, at - this.usedAt)
    const entry: ProcessStatistics = {
      time: now() / 1000,
      cpu_usage: rounded(((used.cpu - this.used.cpu) / 1000 / passed) * 100),
      memory: Math.round(used.memory / 1024),
      mem_units: 'kB',
    }
    this.used = used
    this.usedAt = at
    this.history.push(entry)
    if (this.history.length > kept) this.history.shift()
    return entry
  }

  /** The machine now, compared with the last time that it was looked at. */
  sample(): SystemStatistics {
    const at = this.setup.elapsed()
    const passed = at - this.sampledAt
    // The kernel counts in hundredths of a second: of less than a second or so nothing can be said.
    if (this.last !== null && passed < shortest) return this.last
    this.sampledAt = at
    this.last = {
      cpu_temp: this.cpuTemperature(),
      network: this.sampleNetwork(Math.max(1, passed)),
      system_cpu_usage: this.sampleProcessors(),
      system_memory: readMemory(this.meminfo.read() ?? ''),
    }
    return this.last
  }

  /** Seconds since the machine was started. */
  uptime(): number {
    return Number.parseFloat(this.uptimeFile.read() ?? '0')
  }

  close(): void {
    for (const file of [this.netdev, this.stat, this.meminfo, this.uptimeFile, this.temperature])
      file?.close()
  }

  private cpuTemperature(): number | null {
    const text = this.temperature?.read()?.trim() ?? ''
    return /^-?\d+$/.test(text) ? Number(text) / 1000 : null
  }

  private sampleNetwork(passed: number): Network {
    const network: Network = {}
    for (const [name, counters] of readNetwork(this.netdev.read() ?? '')) {
      const before = this.network[name]
      const moved =
        before === undefined ? 0 : counters.rx_bytes + counters.tx_bytes - before.rx_bytes - before.tx_bytes
      network[name] = { ...counters, bandwidth: rounded((moved / passed) * 1000) }
    }
    this.network = network
    return network
  }

  private sampleProcessors(): SystemStatistics['system_cpu_usage'] {
    const before = this.ticks
    this.ticks = readTicks(this.stat.read() ?? '')
    const usage: Record<string, number> = {}
    for (const [name, { all, idle }] of this.ticks) {
      const last = before.get(name)
      if (last === undefined || all <= last.all) continue
      usage[name] = rounded(100 * (1 - (idle - last.idle) / (all - last.all)))
    }
    return usage
  }
}
