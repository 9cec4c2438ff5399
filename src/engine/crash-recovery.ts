import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import { logWith, type Log } from '../system/log.js'
import type { Goal, Json, Plan, Updater } from '../updaters/contract.js'
import type { Application } from './application.js'
import { planFormat, type Journal, type JournalEntry } from './journal.js'
import { leaveToPerson } from './needs-person.js'
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

const goalOf = (entry: JournalEntry): Goal => entry.goal as unknown as Goal

const messageOf = (thrown: unknown): string => asMoonkeeperError(thrown).message

const silent = (): void => undefined

const planAgain = (updater: Updater | null, entry: JournalEntry, version: string): Plan => {
  if (updater === null) throw new MoonkeeperError('not_supported', `the type ${entry.type} is not known here`)
  if (entry.format !== planFormat) {
    const text = `it was begun by version ${entry.version}, whose steps are not those of ${version}`
    throw new MoonkeeperError('not_supported', text)
  }
  updater.restore(entry.saved as Json)
  const plan = updater.plan(goalOf(entry))
  const names = plan.steps.map((step) => step.name)
  if (names.join('\n') !== entry.steps.join('\n')) {
    throw new MoonkeeperError('not_supported', 'its steps are not the same any more')
  }
  return plan
}

/** What is told must be true; that it cannot be looked at, or saved, changes nothing of what was done. */
const lookAgain = async (
  entry: JournalEntry,
  saved: Json | null,
  outside: RecoverySurroundings,
): Promise<void> => {
  const application = outside.application(entry.application)
  if (application === null) return
  try {
    if (saved !== null) application.updater.restore(saved)
    await application.look(false, outside.clock.now(), new AbortController().signal)
  } catch (thrown) {
    outside.log.error({ err: thrown }, 'the application could not be looked at')
  }
}

const giveUp = async (
  entry: JournalEntry,
  thrown: unknown,
  outside: RecoverySurroundings,
): Promise<Outcome> => {
  const { application: name } = entry
  const what = entry.phase === 'committed' ? 'finished' : 'undone'
  const why = `an interrupted operation could not be ${what} (${messageOf(thrown)})`
  const text = await leaveToPerson(name, () => outside.application(name), why, outside)
  await lookAgain(entry, null, outside)
  return { application: name, text }
}

const finishCommitted = async (
  plan: Plan,
  entry: JournalEntry,
  outside: RecoverySurroundings,
): Promise<Outcome> => {
  const application = (): Application | null => outside.application(entry.application)
  const committed = {
    save: async () => application()?.commit(goalOf(entry), plan.outcome, outside.clock.now()),
    leave: async (left: JournalEntry, why: unknown) => application()?.leave(left, why),
  }
  const text = `${entry.application}: an interrupted operation was finished`
  try {
    await finish(plan, entry, outside, silent, committed)
    return { application: entry.application, text: `${text}.` }
  } catch (thrown) {
    outside.log.error({ err: thrown }, 'what was finished could not be written down')
    return {
      application: entry.application,
      text: `${text}, but it could not be written down: ${messageOf(thrown)}`,
    }
  }
}

const undoInterrupted = async (
  plan: Plan,
  entry: JournalEntry,
  outside: RecoverySurroundings,
): Promise<Outcome> => {
  const { journal, log } = outside
  await undo(plan, entry, outside, silent)
  await lookAgain(entry, entry.saved as Json, outside)
  const text = `${entry.application}: an operation was interrupted (power cut or kill) and undone. The version from before runs.`
  try {
    await journal.clear()
  } catch (thrown) {
    log.error({ err: thrown }, 'the record of what was undone could not be removed')
    journal.looseEnd = () => journal.clear()
    const more = `The record of it could not be removed: ${messageOf(thrown)}`
    return { application: entry.application, text: `${text} ${more}` }
  }
  await journal.makeReserve().catch((thrown: unknown) => log.warn({ err: thrown }, 'no reserve is kept'))
  return { application: entry.application, text }
}

const putUnreadableAside = async ({ journal, log, clock }: RecoverySurroundings): Promise<Outcome> => {
  const stamp = String(clock.now())
  const text = 'The journal of an interrupted operation is not readable.'
  try {
    await journal.putAside(stamp)
    return { application: '', text: `${text} It was put aside: ${journal.asidePaths(stamp).journal}` }
  } catch (thrown) {
    log.error({ err: thrown }, 'an unreadable journal could not be put aside')
    journal.looseEnd = () => journal.putAside(stamp)
    return { application: '', text: `${text} It could not be put aside: ${messageOf(thrown)}` }
  }
}

/**
 * At start, before anything else: finishes or undoes what was under way when the daemon ended.
 * The survivors of that life must have been ended before.
 */
export const recoverFromCrash = async (outside: RecoverySurroundings): Promise<Outcome> => {
  const entry = await outside.journal.read()
  if (entry === null) {
    await outside.journal.dropWork().catch((thrown: unknown) => {
      outside.log.warn({ err: thrown }, 'what earlier operations kept could not be dropped')
    })
    return null
  }
  if (entry === 'unreadable') return putUnreadableAside(outside)
  const { id: job, application } = entry
  const known = { ...outside, log: logWith(outside.log, { job, application }) }
  known.log.warn({ goal: entry.goal, phase: entry.phase }, 'an operation was interrupted')
  try {
    const plan = planAgain(outside.rebuild(entry), entry, outside.version)
    return entry.phase === 'committed'
      ? await finishCommitted(plan, entry, known)
      : await undoInterrupted(plan, entry, known)
  } catch (thrown) {
    return giveUp(entry, thrown, known)
  }
}
