import { MoonkeeperError } from '../../contract/error.js'
import type { AppContext } from '../context.js'

/** Printing needs the disk and the processor. @throws refused */
export const refuseDatabaseWork = ({ printer }: AppContext, what: string): void => {
  // compat: the code is 400 here.
  if (printer.printing) throw new MoonkeeperError('refused', `Cannot ${what} when Klipper is printing`)
}
