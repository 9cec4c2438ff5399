import path from 'node:path'
import type { Files } from '../system/files.js'

/** The machine's power. */
export interface Power {
  /** True when the supply is too weak right now; null where the machine does not tell. */
  underVoltage(): Promise<boolean | null>
}

const monitors = '/sys/class/hwmon'

/** As the Raspberry Pi's own monitor tells it (kernel: drivers/hwmon/raspberrypi-hwmon.c). */
export const createPower = (files: Pick<Files, 'list' | 'readText'>, folder = monitors): Power => {
  /** A sensor that does not answer (EIO, say) tells nothing. */
  const read = async (file: string): Promise<string | null> =>
    (await files.readText(file).catch(() => null))?.trim() ?? null
  return {
    async underVoltage() {
      for (const { name } of await files.list(folder).catch(() => [])) {
        const monitor = path.join(folder, name)
        if ((await read(path.join(monitor, 'name'))) !== 'rpi_volt') continue
        const alarm = await read(path.join(monitor, 'in0_lcrit_alarm'))
        if (alarm !== null) return alarm === '1'
      }
      return null
    },
  }
}
