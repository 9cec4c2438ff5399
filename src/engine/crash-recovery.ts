import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import { logWith, type Log } from '../system/log.js'
import type { Conclusion, Json, Progress, Step, Updater } from '../updaters/contract.js'
import type { Application } from './application.js'
import { planFormat, type Journal, type JournalEntry } from './journal.js'
import { leaveToPerson } from './needs-person.js'
import type { Restarts } from './restarts.js'
import { finish } from './runner.js'
import { contextOf, givenUp, maxAttempts, undo, UndoFailed } from './undo.js'
import { goalOf, ownerOf, stepsOf, type JournalPart, type Part } from './transaction.js'

export interface RecoverySurroundings {
  readonly journal: Journal
  readonly log: Log
  readonly clock: Clock
  readonly version: string
  readonly restarts: Pick<Restarts, 'startAgain'>
  /** The updater as it was configured when the operation began. null: that type is not known here. */
  readonly rebuild: (record: JournalPart) => Updater | null
  /** The application as it is configured now; null when it is not any more. */
  readonly application: (name: string) => Application | null
  /**
   * Told what was found and done, once, while the journal still has it: after another crash it is told again.
   * It must not throw.
   */
  readonly tell: (outcome: Outcome) => Promise<void>
  /** Where what goes on is told, when somebody listens. */
  readonly progress?: Progress
}

/** What a start found and did about it; null when nothing was under way. */
export type Outcome = {
  /** The job; empty when the journal was not readable. */
  readonly job: string
  readonly state: 'done' | 'failed' | 'needs_person'
  /** Of the applications, those that need a person. */
  readonly stuck: readonly string[]
  /** Of those of an undone set, those whose part was done and stays. */
  readonly kept?: readonly string[]
  /** For people. */
  readonly text: string
} | null

/** What a journal has. */
type Found = Awaited<ReturnType<Journal['read']>>

const messageOf = (thrown: unknown): string => asMoonkeeperError(thrown).message

const progressOf = ({ progress }: RecoverySurroundings): Progress => progress ?? (() => undefined)

const namesOf = (entry: JournalEntry): readonly string[] => entry.parts.map((part) => part.application)

const planAgain = (record: JournalPart, outside: Pick<RecoverySurroundings, 'rebuild'>): Part => {
  const updater = outside.rebuild(record)
  if (updater === null) {
    throw new MoonkeeperError('not_supported', `the type ${record.type} is not known here`)
  }
  updater.restore(record.saved as unknown as Json)
  return { record, plan: updater.plan(goalOf(record)) }
}

/** The same plans, made again from the journal. @throws not_supported when they are not the same */
const partsOf = (
  entry: JournalEntry,
  outside: Pick<RecoverySurroundings, 'rebuild' | 'version'>,
): readonly Part[] => {
  if (entry.format !== planFormat) {
    const text = `it was begun by version ${entry.version}, whose steps are not those of ${outside.version}`
    throw new MoonkeeperError('not_supported', text)
  }
  const parts = entry.parts.map((record) => planAgain(record, outside))
  const names = stepsOf(parts).map((step) => step.name)
  if (names.join('\n') !== entry.steps.join('\n')) {
    throw new MoonkeeperError('not_supported', 'its steps are not the same any more')
  }
  return parts
}

/** What is told must be true; that it cannot be looked at, or saved, changes nothing of what was done. */
const lookAgain = async (
  { parts }: JournalEntry,
  isAsBefore: (name: string) => boolean,
  outside: RecoverySurroundings,
): Promise<void> => {
  for (const { application: name, saved } of parts) {
    const application = outside.application(name)
    if (application === null) continue
    try {
      if (isAsBefore(name)) application.updater.restore(saved as unknown as Json)
      await application.look(false, outside.clock.now(), new AbortController().signal)
    } catch (thrown) {
      outside.log.error({ application: name, err: thrown }, 'the application could not be looked at')
    }
  }
}

const giveUp = async (
  entry: JournalEntry,
  thrown: unknown,
  outside: RecoverySurroundings,
): Promise<Outcome> => {
  const stuck = thrown instanceof UndoFailed ? thrown.applications : namesOf(entry)
  const what = entry.phase === 'committed' ? 'finished' : 'undone'
  const why = `an interrupted operation could not be ${what} (${messageOf(thrown)})`
  const outcomeOf = (text: string): Outcome => ({ job: entry.id, state: 'needs_person', stuck, text })
  await lookAgain(entry, (name) => thrown instanceof UndoFailed && !stuck.includes(name), outside)
  const text = await leaveToPerson(stuck, outside.application, why, outside, (known) =>
    outside.tell(outcomeOf(known)),
  )
  return outcomeOf(text)
}

const finishCommitted = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: RecoverySurroundings,
  how = 'an interrupted operation was finished',
): Promise<Outcome> => {
  const committed = {
    save: async ({ record, plan }: Part) =>
      outside.application(record.application)?.commit(goalOf(record), plan.outcome, outside.clock.now()),
    leave: async (left: JournalEntry, why: unknown) => {
      for (const name of namesOf(left)) await outside.application(name)?.leave(left, why)
    },
  }
  const text = `${namesOf(entry).join(', ')}: ${how}`
  const outcome = { job: entry.id, state: 'done', stuck: [] } as const
  const finished = { ...outcome, text: `${text}.` }
  try {
    await finish(parts, entry, outside, progressOf(outside), committed, () => outside.tell(finished))
    return finished
  } catch (thrown) {
    outside.log.error({ err: thrown }, 'what was finished could not be written down')
    return { ...outcome, text: `${text}, but it could not be written down: ${messageOf(thrown)}` }
  }
}

const undoneText =
  'an operation was interrupted (power cut or kill) and undone. The version from before runs.'

/** @param concluded what became of a step that cannot be undone, and whose it is; null when there was none */
const undoInterrupted = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: RecoverySurroundings,
  concluded: Concluded | null,
): Promise<Outcome> => {
  const { journal, log } = outside
  await undo(parts, entry, outside, progressOf(outside))
  await lookAgain(entry, () => true, outside)
  const rest = namesOf(entry).filter((name) => name !== concluded?.owner)
  const texts = [
    ...(concluded === null ? [] : [`${concluded.owner}: ${concluded.text}.`]),
    ...(rest.length === 0 ? [] : [`${rest.join(', ')}: ${undoneText}`]),
  ]
  const text = texts.join(' ')
  const kept = concluded?.done === true ? [concluded.owner] : []
  const outcome = { job: entry.id, state: 'failed', stuck: [], kept } as const
  await outside.tell({ ...outcome, text })
  try {
    await journal.clear()
  } catch (thrown) {
    log.error({ err: thrown }, 'the record of what was undone could not be removed')
    journal.looseEnd = () => journal.clear()
    return { ...outcome, text: `${text} The record of it could not be removed: ${messageOf(thrown)}` }
  }
  await journal.makeReserve().catch((thrown: unknown) => log.warn({ err: thrown }, 'no reserve is kept'))
  return { ...outcome, text }
}

interface Concluded extends Conclusion {
  /** The application. */
  readonly owner: string
}

/** The step that had begun and that nothing ends. null: it is another one. */
const unstoppableOf = (parts: readonly Part[], entry: JournalEntry): Step | null => {
  const step = stepsOf(parts)[entry.at]
  return entry.phase !== 'committed' && step?.conclude !== undefined ? step : null
}

/** What cannot be undone is seen to its end, however long that takes. */
const conclude = async (
  step: Step,
  entry: JournalEntry,
  outside: RecoverySurroundings,
): Promise<Concluded | null> => {
  const { journal } = outside
  if (entry.attempts >= maxAttempts) throw givenUp(entry)
  await journal.write({ ...entry, attempts: entry.attempts + 1 })
  const context = contextOf(journal, entry, progressOf(outside), new AbortController().signal)
  const conclusion = await step.conclude?.(context)
  return conclusion === undefined ? null : { ...conclusion, owner: ownerOf(step.name) }
}

/** An operation that was not committed: forward where its last step is done after all, else back. */
const endInterrupted = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: RecoverySurroundings,
): Promise<Outcome> => {
  const step = unstoppableOf(parts, entry)
  if (step === null) return undoInterrupted(parts, entry, outside, null)
  const concluded = await conclude(step, entry, outside)
  // Of a set the others were not seen to work yet.
  if (concluded?.done === true && parts.length === 1 && entry.at === entry.steps.length - 1) {
    const committed = { ...entry, phase: 'committed' } as const
    await outside.journal.write(committed)
    const how = `an interrupted operation was finished. ${concluded.text}`
    return finishCommitted(parts, committed, outside, how)
  }
  return undoInterrupted(parts, entry, outside, concluded)
}

/**
 * The job of an operation that was interrupted in a step which nothing ends: to see it to its end may take long, so it
 * is left to when everything else was started. null: there is none.
 */
export const interruptedForLong = (
  entry: Found,
  outside: Pick<RecoverySurroundings, 'rebuild' | 'version'>,
): string | null => {
  if (entry === null || entry === 'unreadable') return null
  try {
    return unstoppableOf(partsOf(entry, outside), entry) === null ? null : entry.id
  } catch {
    return null
  }
}

const putUnreadableAside = async ({ journal, log, clock }: RecoverySurroundings): Promise<Outcome> => {
  const stamp = String(clock.now())
  const text = 'The journal of an interrupted operation is not readable.'
  const outcome = { job: '', state: 'needs_person', stuck: [] } as const
  try {
    await journal.putAside(stamp)
    return { ...outcome, text: `${text} It was put aside: ${journal.asidePaths(stamp).journal}` }
  } catch (thrown) {
    log.error({ err: thrown }, 'an unreadable journal could not be put aside')
    journal.looseEnd = () => journal.putAside(stamp)
    return { ...outcome, text: `${text} It could not be put aside: ${messageOf(thrown)}` }
  }
}

/**
 * At start, before anything else: finishes or undoes what was under way when the daemon ended.
 * The survivors of that life must have been ended before.
 * @param found what the journal has, when that is known
 */
export const recoverFromCrash = async (outside: RecoverySurroundings, found?: Found): Promise<Outcome> => {
  let told = false
  const tell = async (outcome: Outcome): Promise<void> => {
    if (told) return
    told = true
    await outside.tell(outcome)
  }
  const entry = found === undefined ? await outside.journal.read() : found
  const outcome = await recover({ ...outside, tell }, entry)
  await tell(outcome)
  return outcome
}

const recover = async (outside: RecoverySurroundings, entry: Found): Promise<Outcome> => {
  if (entry === null) {
    await outside.journal.dropWork().catch((thrown: unknown) => {
      outside.log.warn({ err: thrown }, 'what earlier operations kept could not be dropped')
    })
    return null
  }
  if (entry === 'unreadable') return putUnreadableAside(outside)
  const known = { ...outside, log: logWith(outside.log, { job: entry.id, applications: namesOf(entry) }) }
  known.log.warn({ phase: entry.phase }, 'an operation was interrupted')
  try {
    const parts = partsOf(entry, outside)
    return entry.phase === 'committed'
      ? await finishCommitted(parts, entry, known)
      : await endInterrupted(parts, entry, known)
  } catch (thrown) {
    return giveUp(entry, thrown, known)
  }
}
