import { MoonkeeperError, asMoonkeeperError } from '../contract/error.js'
import type { UpdateStatus } from '../contract/generated/types.js'
import type { Serialized } from '../contract/serialized.js'
import type { KlippyConnection } from '../klippy/connection.js'
import type { ServiceNames } from '../machine/service-names.js'
import type { ServiceOrders } from '../machine/service-orders.js'
import type { Logs } from '../methods/context.js'
import type { Files } from '../system/files.js'
import type { RollingLog } from '../system/log.js'

export interface LogsSetup {
  readonly own: Pick<RollingLog, 'rollOver'>
  readonly printer: Pick<KlippyConnection, 'printing' | 'known' | 'logFile'>
  readonly engine: { status(): Serialized<UpdateStatus> }
  readonly names: Pick<ServiceNames, 'klipper'>
  readonly services: ServiceOrders
  readonly files: Pick<Files, 'stat' | 'rename'>
  readonly now: () => Date
}

const refused = (text: string): MoonkeeperError => new MoonkeeperError('refused', text)

/** As Klipper names them. */
const timeIn = (now: Date): string => {
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-')
  return `${day}_${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('-')}`
}

/** compat: the texts are Moonraker's. @throws refused */
const refuseNow = ({ printer, engine }: LogsSetup): void => {
  if (printer.printing) throw refused('Cannot rollover log while printing')
  if (!printer.known) throw refused('Cannot rollover log while Klipper does not say whether it prints')
  if (engine.status().value.busy) throw refused('Cannot rollover log while an update runs')
}

/** Klipper holds its log open: it is stopped, and started again whatever comes of it. */
const rollOverKlipper = async (setup: LogsSetup): Promise<void> => {
  const { printer, names, services, files, now } = setup
  const service = await names.klipper()
  if (service === null) throw refused('Unable to detect Klipper Service, cannot perform manual rollover')
  const file = printer.logFile
  if (file === null) throw refused('Unable to detect path to Klipper log file')
  refuseNow(setup)
  if ((await files.stat(file))?.isFile() !== true)
    throw refused(`No file at ${file} exists, cannot perform rollover`)
  await services.order('stop', service)
  try {
    await files.rename(file, `${file}.${timeIn(now())}`)
  } finally {
    await services.order('start', service)
  }
}

export const createLogs = (setup: LogsSetup): Logs => {
  const ways: Readonly<Record<string, () => void | Promise<void>>> = {
    moonraker: () => setup.own.rollOver(),
    klipper: () => rollOverKlipper(setup),
  }
  return {
    async rollOver(application) {
      const known = Object.keys(ways)
      if (application !== null && !known.includes(application))
        throw refused(`Unknown application ${application}`)
      const done: string[] = []
      const failed: [string, string][] = []
      for (const name of known.filter((one) => application === null || one === application))
        try {
          await ways[name]?.()
          done.push(name)
        } catch (thrown) {
          failed.push([name, asMoonkeeperError(thrown).message])
        }
      return { rolled_over: done, failed: Object.fromEntries(failed) }
    },
  }
}
