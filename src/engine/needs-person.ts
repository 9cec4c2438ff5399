import type { Clock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { Application } from './application.js'
import type { Journal } from './journal.js'

export interface PutAsideSurroundings {
  readonly journal: Journal
  readonly log: Log
  readonly clock: Clock
}

/**
 * What is half done is left to a person: the application says so, and the record is put where it can be looked at.
 * In this order: as long as the record is in its place, the next start knows of it. A disk that takes nothing is
 * tolerated: it is tried again before the next operation.
 * @param application null when it is not configured any more
 * @param tell what is told must be on the disk before the record is out of its place. It may be called twice
 * @returns what is told
 */
export const leaveToPerson = async (
  names: readonly string[],
  application: (name: string) => Application | null,
  why: string,
  outside: PutAsideSurroundings,
  tell: (text: string) => Promise<void>,
): Promise<string> => {
  const { journal, log } = outside
  const stamp = String(outside.clock.now())
  const aside = journal.asidePaths(stamp)
  const text =
    `${names.join(', ')}: ${why}. Nothing was guessed. What was under way stands in ${aside.journal}, and what was kept for its ` +
    `undo in ${aside.work}. Only a hard recovery brings the application back.`
  const keep = async (): Promise<void> => {
    for (const name of names) {
      const now = application(name)
      if (now === null) continue
      now.needsPerson = text
      await now.save()
    }
    await tell(text)
    await journal.putAside(stamp)
  }
  log.error({ applications: names, why, ...aside }, 'an operation needs a person')
  try {
    await keep()
  } catch (thrown) {
    log.error({ applications: names, err: thrown }, 'that a person is needed could not be written down')
    journal.looseEnd = keep
  }
  return text
}
