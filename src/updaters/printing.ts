import { MoonkeeperError } from '../contract/error.js'
import type { Step, UpdaterSurroundings } from './contract.js'

type Outside = Pick<UpdaterSurroundings, 'isPrinting'>

/** pip and npm are not started while a print runs: they take the processor and the disk from Klipper. @throws printing */
export const refuseWhilePrinting = (label: string, program: 'pip' | 'npm', { isPrinting }: Outside): void => {
  if (!isPrinting()) return
  throw new MoonkeeperError(
    'printing',
    `${label}: ${program} is not started while Klippy is printing. Try again when the print is over`,
  )
}

/** A print may begin between two steps: then what was done until here is undone. */
export const unlessPrinting = (
  label: string,
  program: 'pip' | 'npm',
  outside: Outside,
  step: Step,
): Step => ({
  ...step,
  async run(context) {
    refuseWhilePrinting(label, program, outside)
    await step.run?.(context)
  },
})
