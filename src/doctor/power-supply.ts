import type { Check, Trouble } from './check.js'

/** Raspberry Pi's documentation of `vcgencmd get_throttled`. */
const isWeak = 1
const wasWeak = 1 << 16

const trouble = (code: 'under_voltage' | 'under_voltage_before', when: string): readonly Trouble[] => [
  {
    code,
    about: '',
    cause: `The power supply ${when} too weak: the machine may crash or lose what it writes, in the middle of an update too`,
    repair:
      'Use the power supply that the maker of the board names, and a short, thick cable; unplug what is fed over USB',
  },
]

export const powerSupply: Check = {
  name: 'power_supply',
  async look({ power, throttling }) {
    const now = await power.underVoltage()
    const state = await throttling.state()
    // A Pi that does not answer says so in its flags.
    const bits = state === null || state.flags.includes('?') ? null : state.bits
    if (now === true || ((bits ?? 0) & isWeak) !== 0) return trouble('under_voltage', 'is')
    if (((bits ?? 0) & wasWeak) !== 0)
      return trouble('under_voltage_before', 'was, since the machine was started,')
    return now === null && bits === null
      ? { unknown: 'This machine does not tell how strong its power supply is' }
      : []
  },
}
