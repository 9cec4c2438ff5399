import { asMoonkeeperError } from '../contract/error.js'
import type { Progress } from '../updaters/contract.js'
import type { Application } from './application.js'
import type { Announcer } from './progress.js'
import type { Restarts } from './restarts.js'

export interface FullUpdateSurroundings {
  readonly restarts: Restarts
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

/** What was updated runs anew, also when what came after it failed. The first failure is told when all were tried. */
const catchUpAll = async ({ restarts }: FullUpdateSurroundings, say: Progress): Promise<void> => {
  const failures: unknown[] = []
  for (const service of restarts.putOff())
    await restarts.catchUp(service, say).catch((thrown: unknown) => failures.push(thrown))
  if (failures.length > 0) throw failures[0]
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
      const restarted = await outside.restarts.catchUp('klipper', (text) =>
        announcer.say(`Git Repo klipper: ${text}`),
      )
      if (updated || restarted) await waitForKlipper(outside, announcer.say)
    }
    await catchUpAll(outside, announcer.say)
    announcer.last('Full Update Complete')
  } catch (thrown) {
    await catchUpAll(outside, announcer.say).catch((failure: unknown) =>
      announcer.say(asMoonkeeperError(failure).message),
    )
    announcer.last(`Error updating ${current}: ${asMoonkeeperError(thrown).message}`)
    throw thrown
  }
}
