import type { ThrottledState } from '../contract/generated/types.js'
import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'

/** Whether a Raspberry Pi slows itself down. */
export interface Throttling {
  /** null on a machine that is none. */
  state(): Promise<ThrottledState | null>
}

/** Raspberry Pi's documentation of `vcgencmd get_throttled`. The texts are known to front ends. */
const flags: readonly (readonly [bit: number, text: string])[] = [
  [0, 'Under-Voltage Detected'],
  [1, 'Frequency Capped'],
  [2, 'Currently Throttled'],
  [3, 'Temperature Limit Active'],
  [16, 'Previously Under-Volted'],
  [17, 'Previously Frequency Capped'],
  [18, 'Previously Throttled'],
  [19, 'Previously Temperature Limited'],
]

const program = '/usr/bin/vcgencmd'
const device = '/dev/vcio'

const unknown: ThrottledState = { bits: 0, flags: ['?'] }

const readState = (text: string): ThrottledState => {
  const [, hex] = /^throttled=0x([0-9a-f]{1,8})$/i.exec(text.trim()) ?? []
  if (hex === undefined) return unknown
  const bits = Number.parseInt(hex, 16)
  return { bits, flags: flags.filter(([bit]) => (bits & (1 << bit)) !== 0).map(([, text]) => text) }
}

export const createThrottling = (files: Pick<Files, 'stat'>, commands: Commands): Throttling => {
  let present: Promise<boolean> | null = null
  const isPresent = async (): Promise<boolean> => {
    const found = await Promise.all([program, device].map((file) => files.stat(file)))
    return found.every((one) => one !== null)
  }
  return {
    async state() {
      if (!(await (present ??= isPresent()))) return null
      const result = await commands.run([program, 'get_throttled'], { timeout: 5_000 }).catch(() => null)
      return result?.code === 0 ? readState(result.stdout.toString('utf8')) : unknown
    },
  }
}
