import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Progress } from '../updaters/contract.js'
import type { Application } from './application.js'
import type { Announcer } from './progress.js'
import type { Restarts } from './restarts.js'

export interface FullUpdateSurroundings {
  readonly restarts: Restarts
  /** Asked before every change. @throws when it may not be done now */
  readonly allowed: () => void
  /** @returns false when it did not come back in time */
  readonly waitForKlipper: (milliseconds: number) => Promise<boolean>
  /** @returns true when something was done */
  readonly upgrade: (application: Application) => Promise<boolean>
}

const klipperPatience = 120_000

/** compat: the applications as configured, then Klipper, then Moonraker. */
export const inOrder = (applications: readonly Application[]): readonly Application[] => {
  const late = ['klipper', 'moonraker']
  const last = late.flatMap((name) => applications.filter((application) => application.name === name))
  return [...applications.filter((application) => !late.includes(application.name)), ...last]
}

const waitForKlipper = async (outside: FullUpdateSurroundings, say: Progress): Promise<void> => {
  say('Waiting for Klippy to reconnect (this may take up to 2 minutes)...')
  const back = await outside.waitForKlipper(klipperPatience)
  say(back ? 'Klippy Reconnected' : 'Klippy reconnect timed out...')
}

/** Restarts what was put off, unless a print was started meanwhile. */
const catchUp = async (service: string, outside: FullUpdateSurroundings, say: Progress): Promise<boolean> => {
  if (!outside.restarts.isPutOff(service)) return false
  try {
    outside.allowed()
  } catch (thrown) {
    const text = `${asMoonkeeperError(thrown).message}. Restart the service ${service} when it does not any more`
    throw new MoonkeeperError('printing', text, thrown)
  }
  return outside.restarts.catchUp(service, say)
}

/** Upgrades applications in their order, each a transaction of its own. Stops at the first that fails. */
export const upgradeOneByOne = async (
  applications: readonly Application[],
  announcer: Announcer,
  outside: FullUpdateSurroundings,
): Promise<void> => {
  let current = ''
  announcer.say('Preparing full software update...')
  try {
    for (const application of applications) {
      current = application.name
      const updated = await outside.upgrade(application)
      if (current !== 'klipper') continue
      const restarted = await catchUp('klipper', outside, (text) =>
        announcer.say(`Git Repo klipper: ${text}`),
      )
      if (updated || restarted) await waitForKlipper(outside, announcer.say)
    }
    for (const service of ['klipper', 'moonraker']) await catchUp(service, outside, announcer.say)
    announcer.last('Full Update Complete')
  } catch (thrown) {
    announcer.last(`Error updating ${current}: ${asMoonkeeperError(thrown).message}`)
    throw thrown
  }
}
