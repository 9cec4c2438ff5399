import { MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { Goal, Json, Plan, Updater } from '../updaters/contract.js'
import type { Application } from './application.js'
import type { Journal, JournalEntry } from './journal.js'
import { finish, undo } from './runner.js'

export interface RecoverySurroundings {
  readonly journal: Journal
  readonly log: Log
  readonly clock: Clock
  readonly version: string
  /** The updater as it was configured when the operation began. null: that type is not known here. */
  readonly rebuild: (entry: JournalEntry) => Updater | null
  /** The application as it is configured now; null when it is not any more. */
  readonly application: (name: string) => Application | null
}

/** What a start found and did about it, for people; null when nothing was under way. */
export type Outcome = { readonly application: string; readonly text: string } | null

const planAgain = (updater: Updater | null, entry: JournalEntry, version: string): Plan => {
  if (updater === null) throw new MoonkeeperError('not_supported', `the type ${entry.type} is not known here`)
  if (entry.version !== version) {
    throw new MoonkeeperError('not_supported', `it was begun by version ${entry.version}, this is ${version}`)
  }
  updater.restore(entry.saved as Json)
  const plan = updater.plan(entry.goal as unknown as Goal)
  const names = plan.steps.map((step) => step.name)
  if (names.join('\n') !== entry.steps.join('\n')) {
    throw new MoonkeeperError('not_supported', 'its steps are not the same any more')
  }
  return plan
}

const giveUp = async (entry: JournalEntry, why: string, outside: RecoverySurroundings): Promise<Outcome> => {
  const stamp = String(outside.clock.now())
  const aside = await outside.journal.putAside(stamp)
  const text =
    `${entry.application}: an interrupted operation could not be undone (${why}). ` +
    `Nothing was guessed. What was under way stands in ${aside}; a hard recovery brings the application back.`
  const application = outside.application(entry.application)
  if (application !== null) {
    application.needsPerson = text
    await application.save()
  }
  outside.log.error({ application: entry.application, why }, 'an interrupted operation needs a person')
  return { application: entry.application, text }
}

const lookAgain = async (entry: JournalEntry, saved: Json, outside: RecoverySurroundings): Promise<void> => {
  const application = outside.application(entry.application)
  if (application === null) return
  application.updater.restore(saved)
  await application.look(false, outside.clock.now(), new AbortController().signal)
}

const finishCommitted = async (
  plan: Plan,
  entry: JournalEntry,
  outside: RecoverySurroundings,
): Promise<Outcome> => {
  await finish(plan, entry, outside, silent, () => lookAgain(entry, plan.outcome, outside))
  return {
    application: entry.application,
    text: `${entry.application}: an interrupted operation was finished.`,
  }
}

const silent = (): void => undefined

const undoInterrupted = async (
  plan: Plan,
  entry: JournalEntry,
  outside: RecoverySurroundings,
): Promise<Outcome> => {
  await undo(plan, entry, outside, silent)
  await lookAgain(entry, entry.saved as Json, outside)
  await outside.journal.clear()
  const text = `${entry.application}: an operation was interrupted (power cut or kill) and undone. The version from before runs.`
  return { application: entry.application, text }
}

/**
 * At start, before anything else: finishes or undoes what was under way when the daemon ended.
 * The survivors of that life must have been ended before.
 */
export const recoverFromCrash = async (outside: RecoverySurroundings): Promise<Outcome> => {
  const entry = await outside.journal.read()
  if (entry === null) {
    await outside.journal.dropWork()
    return null
  }
  if (entry === 'unreadable') {
    const aside = await outside.journal.putAside(String(outside.clock.now()))
    return {
      application: '',
      text: `The journal of an interrupted operation is not readable. It was put aside: ${aside}`,
    }
  }
  try {
    const plan = planAgain(outside.rebuild(entry), entry, outside.version)
    return entry.phase === 'committed'
      ? await finishCommitted(plan, entry, outside)
      : await undoInterrupted(plan, entry, outside)
  } catch (thrown) {
    return giveUp(entry, thrown instanceof Error ? thrown.message : String(thrown), outside)
  }
}
