import type { Method } from './context.js'

export const method: Method<'machine.update.doctor'> = {
  handle: ({ fix }, { app }) => app.doctor.examine(fix === true),
}
