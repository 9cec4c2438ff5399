import type { Configuration } from '../config/index.js'
import { MoonkeeperError } from '../contract/error.js'
import type { DoctorReport } from '../contract/generated/types.js'
import type { Repairs } from '../doctor/check.js'
import { examine } from '../doctor/examination.js'
import { doctorHostOf, settingsOf } from '../doctor/host.js'
import { checks } from '../doctor/index.js'
import { plainChange } from '../engine/change.js'
import type { Engine } from '../engine/engine.js'
import type { Printer } from '../klippy/printer.js'
import type { Packages } from '../machine/packages/packages.js'
import type { Machine } from '../machine/machine.js'
import type { DoctorDesk } from '../methods/context.js'
import type { Commands } from '../system/commands.js'
import { systemClock } from '../system/clock.js'
import { createDBus } from '../system/dbus.js'

export interface DoctorPartSetup {
  readonly current: () => Configuration
  readonly engine: Engine
  readonly printer: Pick<Printer, 'install'>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly commands: Commands
  readonly privileges: Machine['privileges']
  /** True when the daemon runs as root. */
  readonly root: boolean
  readonly ownService: () => Promise<string | null>
  readonly packages: () => Packages | null
  readonly dataPath: string
}

const asker = 'doctor'

const busy = (what: string): MoonkeeperError =>
  new MoonkeeperError('busy', `${what}: nothing is repaired meanwhile. Try again later`)

const isUpdating = ({ engine }: DoctorPartSetup): boolean => engine.status().value.busy

/** Milliseconds that whoever manages the packages has to say whether we may. */
const patience = 3_000

/** Whether packages may be brought to an end; whoever does not say so in time does not let us. */
const mayRepair = async ({ packages }: DoctorPartSetup): Promise<boolean> => {
  const over = new AbortController()
  const late = systemClock.wait(patience, over.signal).then(() => false)
  const asked = packages()
    ?.provider()
    .then((provider) => provider.mayRepair())
  try {
    return await Promise.race([asked ?? false, late])
  } catch {
    return false
  } finally {
    late.catch(() => undefined)
    asked?.catch(() => undefined)
    over.abort()
  }
}

/** Half installed packages are brought to an end as everything else is done: as a job, one at a time. */
const repairsOf = (setup: DoctorPartSetup): Repairs => ({
  alone: (work) => setup.engine.alone(work),
  packages: async () => {
    if (!(await mayRepair(setup))) return null
    return async () => {
      await setup.engine.change({ ...plainChange('recover', ['system'], asker), hard: true })
    }
  },
})

/** @throws busy, recovery_while_printing, printer_unknown */
const refuseNow = async (setup: DoctorPartSetup): Promise<void> => {
  await setup.engine.refuseWhilePrinting('recover')
  if (isUpdating(setup)) throw busy('Something is being updated')
}

const examineNow = async (setup: DoctorPartSetup, fix: boolean): Promise<DoctorReport> => {
  const { current, dataPath, env, printer } = setup
  const bus = createDBus(env['DBUS_SYSTEM_BUS_ADDRESS'] ?? null)
  try {
    const host = doctorHostOf({
      ...setup,
      settings: await settingsOf(current(), dataPath, env, printer.install),
      bus,
      isBusy: () => isUpdating(setup),
      repairs: repairsOf(setup),
    })
    return await examine(checks, host, fix, new AbortController().signal)
  } finally {
    bus.close()
  }
}

/** Looks at the machine that the daemon runs on. Who asks while somebody looks gets the same answer. */
export const createDoctor = (setup: DoctorPartSetup): DoctorDesk => {
  let looking: Promise<DoctorReport> | null = null
  let fixing = false
  const fix = async (): Promise<DoctorReport> => {
    if (fixing) throw busy('A repair is under way')
    fixing = true
    try {
      await refuseNow(setup)
      return await examineNow(setup, true)
    } finally {
      fixing = false
    }
  }
  return {
    examine: (repair) => {
      if (repair) return fix()
      looking ??= examineNow(setup, false).finally(() => (looking = null))
      return looking
    },
  }
}
