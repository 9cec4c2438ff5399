import type { Json, Plan } from '../updaters/contract.js'
import type { Application } from './application.js'
import { cleanUp } from './runner.js'
import type { RunnerSurroundings } from './undo.js'
import { goalOf, type JournalPart } from './transaction.js'

/** The plan of an earlier operation; the updater knows afterwards what it knew before. */
const planOf = ({ updater }: Application, record: JournalPart): Plan => {
  const now = updater.saved()
  try {
    updater.restore(record.saved as unknown as Json)
    return updater.plan(goalOf(record))
  } finally {
    updater.restore(now)
  }
}

/** Tries again what a cleanup could not do. While it fails, the application has a warning; nothing is kept from running. */
export const retryLeftover = async (application: Application, outside: RunnerSurroundings): Promise<void> => {
  const { leftover, settings } = application
  const [record] = leftover?.parts ?? []
  if (leftover === null || record === undefined) return
  // With other options the plan would be about other folders.
  if (JSON.stringify(record.options) !== JSON.stringify(settings.options)) return
  try {
    const part = { record, plan: planOf(application, record) }
    await cleanUp(part, leftover, outside, () => undefined)
    await application.dropLeftover()
    outside.log.info({ job: leftover.id, application: application.name }, 'an earlier cleanup is done')
  } catch (thrown) {
    await application.leave(leftover, thrown).catch(() => undefined)
  }
}
