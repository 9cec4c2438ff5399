import type { Method } from './context.js'

export const method: Method<'machine.sudo.password'> = {
  handle: async ({ password }, { app }) => {
    const asked = await app.machine.privileges.setPassword(password)
    // What failed for want of it was refused or undone: nothing is done again that nobody asks for again.
    const again = asked.map((what) => `It can be tried again now: ${what.replace(/^[^:]*: /, '')}`)
    return { sudo_responses: ['Sudo password successfully set.', ...again], is_restarting: false }
  },
}
