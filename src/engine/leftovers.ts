import type { Goal, Json, Plan } from '../updaters/contract.js'
import type { Application } from './application.js'
import type { JournalEntry } from './journal.js'
import { cleanUp, type RunnerSurroundings } from './runner.js'

/** The plan of an earlier operation; the updater knows afterwards what it knew before. */
const planOf = ({ updater }: Application, entry: JournalEntry): Plan => {
  const now = updater.saved()
  try {
    updater.restore(entry.saved as Json)
    return updater.plan(entry.goal as unknown as Goal)
  } finally {
    updater.restore(now)
  }
}

/** Tries again what a cleanup could not do. While it fails, the application has a warning; nothing is kept from running. */
export const retryLeftover = async (application: Application, outside: RunnerSurroundings): Promise<void> => {
  const { leftover, settings } = application
  if (leftover === null) return
  // With other options the plan would be about other folders.
  if (JSON.stringify(leftover.options) !== JSON.stringify(settings.options)) return
  try {
    await cleanUp(planOf(application, leftover), leftover, outside, () => undefined)
    await application.dropLeftover()
    outside.log.info({ job: leftover.id, application: application.name }, 'an earlier cleanup is done')
  } catch (thrown) {
    await application.leave(leftover, thrown).catch(() => undefined)
  }
}
