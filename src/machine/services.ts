import { MoonkeeperError } from '../contract/error.js'
import type { Commands } from '../system/commands.js'

/** Services of the machine. */
export interface Services {
  /** @throws command_failed when the service could not be restarted; busy when nothing manages services here */
  restart(service: string): Promise<void>
}

const isServiceName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/.test(name)

/** systemd through its command line: as root directly, else through sudo, which never asks. */
export const createSystemctlServices = (commands: Commands, root: boolean): Services => ({
  async restart(service) {
    if (!isServiceName(service))
      throw new MoonkeeperError('refused', `'${service}' is not the name of a service`)
    const systemctl = ['systemctl', 'restart', service] as const
    const argv = root ? systemctl : (['sudo', '-n', ...systemctl] as const)
    const result = await commands.run(argv, { timeout: 120_000 })
    if (result.code === 0) return
    const said = result.stderr.trim().split('\n').at(-1) ?? ''
    throw new MoonkeeperError(
      'command_failed',
      `Could not restart service ${service}: ${said}. Look at it with: systemctl status ${service}`,
    )
  },
})

/** `provider: none`: nothing here may touch services. */
export const noServices: Services = {
  restart: () => Promise.reject(new MoonkeeperError('busy', 'Service Actions Not Available')),
}
