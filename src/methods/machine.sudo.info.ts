import type { Method } from './context.js'

export const method: Method<'machine.sudo.info'> = {
  handle: async ({ check_access: check }, { app }) => {
    const { privileges } = app.machine
    return {
      sudo_access: check ? await privileges.granted() : null,
      linux_user: privileges.user,
      sudo_requested: privileges.requests.length > 0,
      request_messages: [...privileges.requests],
    }
  },
}
