import { asMoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import { logWith, type Log } from '../system/log.js'
import type { Progress, Step, StepContext } from '../updaters/contract.js'
import type { Journal, JournalEntry } from './journal.js'
import { stepsOf, type Part } from './transaction.js'

export interface RunnerSurroundings {
  readonly journal: Journal
  readonly log: Log
  readonly clock: Clock
}

export interface UndoSurroundings extends RunnerSurroundings {
  /** Starts on the old files what was restarted on the new ones. */
  readonly restarts: { startAgain(): Promise<void> }
}

/** As often an operation of earlier lives is tried to be ended. */
export const maxAttempts = 5
const pauseBetweenAttempts = 500

/** Undo failed; what was done stands half done. The applications need a person when it keeps failing. */
export class UndoFailed extends Error {
  constructor(
    readonly step: string,
    /** Those that are half done; the others are as they were before. */
    readonly applications: readonly string[],
    cause: unknown,
    /** Why it was to be undone; null when that is not known any more. */
    readonly reason: unknown = null,
  ) {
    super(asMoonkeeperError(cause).message, { cause })
  }
}

/** Nobody stops an undo, or a cleanup. */
export const never = new AbortController().signal

/** What a step of an operation may use. */
export const contextOf = (
  journal: Journal,
  entry: JournalEntry,
  progress: Progress,
  signal: AbortSignal,
): StepContext => ({
  progress,
  signal,
  workFolder: journal.workFolder(entry.id),
  begun: (step) => entry.steps.indexOf(step) !== -1 && entry.steps.indexOf(step) <= entry.at,
})

/** The steps of one part, backwards from the one that may have begun. @throws UndoFailed */
const undoPart = async (
  part: Part,
  steps: readonly Step[],
  context: StepContext,
  log: Log,
): Promise<void> => {
  for (const step of steps.toReversed()) {
    try {
      await step.undo?.(context)
    } catch (thrown) {
      log.error({ step: step.name, err: thrown }, 'undo failed')
      throw new UndoFailed(step.name, [part.record.application], thrown)
    }
  }
}

/** A part whose undo fails keeps no other one from being undone. @throws UndoFailed, of all that failed */
const undoOnce = async (
  parts: readonly Part[],
  entry: JournalEntry,
  context: StepContext,
  log: Log,
): Promise<void> => {
  const failures: UndoFailed[] = []
  let rest = stepsOf(parts)
  for (const part of parts.toReversed()) {
    const first = rest.length - part.plan.steps.length
    const begun = rest.slice(first, entry.at + 1)
    rest = rest.slice(0, first)
    try {
      await undoPart(part, begun, context, logWith(log, { job: entry.id, attempt: entry.attempts }))
    } catch (thrown) {
      failures.push(thrown as UndoFailed)
    }
  }
  const [worst] = failures
  if (worst === undefined) return
  const stuck = failures.flatMap((failure) => failure.applications)
  throw new UndoFailed(worst.step, stuck, worst.cause)
}

/**
 * Writes down that an undo begins. A disk that takes nothing must not keep what is half done from being undone; but
 * what is committed on the disk (the write that said so failed after it was done) would not be undone by a later start.
 */
const count = async (entry: JournalEntry, outside: RunnerSurroundings): Promise<void> => {
  try {
    await outside.journal.write(entry)
  } catch (thrown) {
    const found = await outside.journal.read().catch(() => null)
    if (found !== null && found !== 'unreadable' && found.phase === 'committed') throw thrown
    outside.log.warn({ job: entry.id, attempt: entry.attempts, err: thrown }, 'the undo is not written down')
  }
}

/** Nothing is known of how far the undo came. */
const halfDone = (entry: JournalEntry, thrown: unknown): UndoFailed =>
  new UndoFailed(
    entry.steps[entry.at] ?? '?',
    entry.parts.map((part) => part.application),
    thrown,
  )

/** An earlier life tried often enough. */
export const givenUp = (entry: JournalEntry): UndoFailed =>
  entry.stuck === undefined
    ? halfDone(entry, 'too many attempts')
    : new UndoFailed(entry.steps[entry.at] ?? '?', entry.stuck, 'too many attempts')

const undoPersistently = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: RunnerSurroundings,
  progress: Progress,
): Promise<void> => {
  let current = entry
  for (;;) {
    if (current.attempts >= maxAttempts) throw givenUp(current)
    current = { ...current, phase: 'undoing', attempts: current.attempts + 1 }
    await count(current, outside)
    try {
      return await undoOnce(parts, current, contextOf(outside.journal, current, progress, never), outside.log)
    } catch (thrown) {
      if (current.attempts >= maxAttempts) {
        // For a start that comes before it was told.
        if (thrown instanceof UndoFailed)
          await count({ ...current, stuck: [...thrown.applications] }, outside)
        throw thrown
      }
      await outside.clock.wait(pauseBetweenAttempts)
    }
  }
}

/**
 * Undoes backwards from the step that may have begun, a few times if it fails. Attempts are counted on the disk,
 * so that an undo which ends the daemon does not become a boot loop. The journal is the caller's to clear.
 * @throws UndoFailed, and nothing else
 */
export const undo = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: UndoSurroundings,
  progress: Progress,
): Promise<void> => {
  await outside.journal.freeReserve(outside.log)
  try {
    await undoPersistently(parts, entry, outside, progress)
  } catch (thrown) {
    if (thrown instanceof UndoFailed) throw thrown
    throw halfDone(entry, thrown)
  } finally {
    await outside.restarts.startAgain()
  }
}
