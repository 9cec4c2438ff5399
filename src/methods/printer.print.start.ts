import { MoonkeeperError } from '../contract/error.js'
import type { Method } from './context.js'
import { asResult } from './klipper/pass-through.js'

/** A name becomes part of a line of G-code: another line must not get in with it. */
const refuseOddName = (filename: string): void => {
  if (/[\u0000-\u001f\u007f]/.test(filename))
    throw new MoonkeeperError(
      'bad_argument',
      'Argument filename must not hold line breaks or control characters',
    )
  if (filename === '') throw new MoonkeeperError('bad_argument', 'Argument filename is empty')
}

export const method: Method<'printer.print.start'> = {
  handle: async ({ filename }, { app }) => {
    refuseOddName(filename)
    const name = filename.replace(/^\//, '').replaceAll('"', '\\"')
    const script = `SDCARD_PRINT_FILE FILENAME="${name}"`
    return asResult<'printer.print.start'>(await app.klipper.request('gcode/script', { script }))
  },
}
