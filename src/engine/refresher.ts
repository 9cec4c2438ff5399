import type { Clock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { Fleet } from './fleet.js'
import type { Journal } from './journal.js'
import { retryLeftover } from './leftovers.js'
import { Slots } from '../system/queue.js'

export interface RefreshSurroundings {
  readonly clock: Clock
  readonly log: Log
  readonly journal: Journal
  readonly isPrinting: () => boolean
}

const repositoriesAtOnce = 4

/**
 * Looks at applications, a few at a time, beside whatever is done to others: only the same application is waited for.
 * One that fails says so itself and stops no other.
 */
export class Refresher {
  /** By name: a look at the remote that waits or runs is joined, so that many requests are one look. */
  private readonly looks = new Map<string, Promise<void>>()
  private readonly remotes = new Slots(repositoriesAtOnce)
  /** Apart from the remotes: a remote that does not answer holds up no local look. */
  private readonly locals = new Slots(repositoriesAtOnce)

  constructor(
    private readonly fleet: Fleet,
    private readonly outside: RefreshSurroundings,
    private readonly stopping: AbortSignal,
    private readonly changed: () => void,
  ) {}

  /** Asks the remotes. What was not asked yet when a print begins is left as it is known. */
  async refresh(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.joined(name)))
  }

  /** Looks at the installs only: they may have been changed by hand. @returns whose remote should be asked too */
  async lookForChanges(names: readonly string[]): Promise<readonly string[]> {
    const changed: string[] = []
    const now = this.outside.clock.now()
    const looks = names.map((name) =>
      this.quietly(name, this.locals, async (application, signal) => {
        await retryLeftover(application, this.outside)
        if (await application.lookForChanges(now, signal)) changed.push(name)
      }),
    )
    await Promise.all(looks)
    return changed
  }

  private joined(name: string): Promise<void> {
    const underWay = this.looks.get(name)
    if (underWay !== undefined) return underWay
    const look = this.quietly(name, this.remotes, async (application, signal) => {
      if (this.outside.isPrinting()) return
      await application.look(true, this.outside.clock.now(), signal)
    }).finally(() => this.looks.delete(name))
    this.looks.set(name, look)
    return look
  }

  private async quietly(name: string, slots: Slots, work: Parameters<Fleet['look']>[2]): Promise<void> {
    try {
      await slots.run(() => this.fleet.look(name, this.stopping, work))
    } catch (thrown) {
      if (this.stopping.aborted) return
      this.outside.log.error({ application: name, err: thrown }, 'an application could not be looked at')
    } finally {
      this.changed()
    }
  }
}
