import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import { logWith, type Log } from '../system/log.js'
import type { Progress, Step, StepContext } from '../updaters/contract.js'
import type { Journal, JournalEntry } from './journal.js'
import { cleanupOf, entryOfPart, stepsOf, type Part } from './transaction.js'

/*
 * Invariants:
 * 1. A step runs only after the journal that names it is on the disk; but for what no undo needs to know of.
 * 2. `committed` in the journal is the commit line: before it everything is undone, after it nothing is.
 * 3. Undo goes backwards from the step that may have begun, to the first; every undo is idempotent.
 * 4. The journal is cleared only when the plan was committed and cleaned up, or wholly undone.
 * 5. No operation begins while the journal of another one is there.
 * 6. An undo does not need the disk to take anything of the engine's.
 */

export interface RunnerSurroundings {
  readonly journal: Journal
  readonly log: Log
  readonly clock: Clock
}

const maxAttempts = 5
const pauseBetweenAttempts = 500

/** What follows the commit line. */
export interface Committed {
  /** Saves the outcome of a part's plan. May be called twice. */
  readonly save: (part: Part) => Promise<void>
  /** Remembers that a part's cleanup is still to be done, and why. The entry is the part's alone. */
  readonly leave: (entry: JournalEntry, why: unknown) => Promise<void>
}

interface RunOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly committed: Committed
  /** From here on the operation must not be ended: its signal is aborted by nobody any more. */
  readonly hold: () => void
  /** A step begins. @param share of the steps, 0 to 1 */
  readonly moved: (step: string, share: number) => void
  /** After the last step, before the commit. @throws when what was done does not hold: then everything is undone */
  readonly prove: () => Promise<void>
  /**
   * All is done, or undone, and still in the journal: what became of it must be on the disk before that is gone.
   * @param failure why it was undone; null when it is done. May be called twice
   */
  readonly over: (failure: { readonly thrown: unknown } | null) => Promise<void>
}

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

const never = new AbortController().signal

const contextOf = (
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
const givenUp = (entry: JournalEntry): UndoFailed =>
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
  outside: RunnerSurroundings,
  progress: Progress,
): Promise<void> => {
  await outside.journal.freeReserve(outside.log)
  try {
    await undoPersistently(parts, entry, outside, progress)
  } catch (thrown) {
    if (thrown instanceof UndoFailed) throw thrown
    throw halfDone(entry, thrown)
  }
}

/** @throws what the first failing step threw, after all were tried */
export const cleanUp = async (
  part: Part,
  entry: JournalEntry,
  outside: RunnerSurroundings,
  progress: Progress,
): Promise<void> => {
  const context = contextOf(outside.journal, entry, progress, never)
  const failures: unknown[] = []
  for (const step of cleanupOf(part)) {
    try {
      await step.run?.(context)
    } catch (thrown) {
      outside.log.warn({ job: entry.id, step: step.name, err: thrown }, 'cleanup failed')
      failures.push(thrown)
    }
  }
  if (failures.length > 0) throw failures[0]
}

const finishOnce = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: RunnerSurroundings,
  progress: Progress,
  committed: Committed,
  over: RunOptions['over'],
): Promise<void> => {
  for (const part of parts) await committed.save(part)
  for (const part of parts) {
    const failure = await cleanUp(part, entry, outside, progress).then(
      () => null,
      (thrown: unknown) => ({ thrown }),
    )
    if (failure !== null) await committed.leave(entryOfPart(entry, part), failure.thrown)
  }
  await over(null)
  await outside.journal.clear()
}

/**
 * What follows the commit line: a failing cleanup does not fail the operation, and is left for later.
 * @throws when the outcome could not be saved; it is tried again before the next operation, and at the next start
 */
export const finish = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: RunnerSurroundings,
  progress: Progress,
  committed: Committed,
  over: RunOptions['over'] = () => Promise.resolve(),
): Promise<void> => {
  const once = (): Promise<void> => finishOnce(parts, entry, outside, progress, committed, over)
  try {
    await once()
  } catch (thrown) {
    outside.journal.looseEnd = once
    throw thrown
  }
}

const runSteps = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: RunnerSurroundings,
  options: RunOptions,
): Promise<JournalEntry> => {
  let current = entry
  const steps = stepsOf(parts)
  for (const [index, step] of steps.entries()) {
    if (options.signal.aborted) throw new StepFailed(current, stopped(options.signal))
    if (step.run === undefined) continue
    current = { ...entry, at: index }
    options.moved(step.name, index / steps.length)
    if (step.unstoppable === true) options.hold()
    try {
      if (step.traceless !== true) await outside.journal.write(current)
      outside.log.debug({ job: entry.id, step: step.name }, 'step')
      await step.run(contextOf(outside.journal, current, options.progress, options.signal))
    } catch (thrown) {
      throw new StepFailed(current, thrown)
    }
  }
  return current
}

class StepFailed extends Error {
  constructor(
    readonly entry: JournalEntry,
    thrown: unknown,
  ) {
    super('step failed', { cause: thrown })
  }
}

const stopped = (signal: AbortSignal): MoonkeeperError =>
  signal.reason instanceof MoonkeeperError
    ? signal.reason
    : new MoonkeeperError('shutting_down', 'The operation was stopped and undone')

/** The record of what was undone goes. @throws with the cause's text, too, when it cannot: it would be undone again */
const endUndone = async (
  { journal, log }: RunnerSurroundings,
  cause: unknown,
  { over }: RunOptions,
): Promise<void> => {
  try {
    await over({ thrown: cause })
    await journal.clear()
  } catch (thrown) {
    journal.looseEnd = () => journal.clear()
    const text =
      `${asMoonkeeperError(cause).message}. The old version is back, but the record of the operation could not be ` +
      `removed: ${asMoonkeeperError(thrown).message}`
    throw new MoonkeeperError('command_failed', text, cause)
  }
  await journal.makeReserve().catch((thrown: unknown) => log.warn({ err: thrown }, 'no reserve is kept'))
}

/** What was done must hold before it is committed. @throws StepFailed */
const prove = async (entry: JournalEntry, { prove: ask, signal }: RunOptions): Promise<void> => {
  try {
    await ask()
  } catch (thrown) {
    throw new StepFailed(entry, thrown)
  }
  if (signal.aborted) throw new StepFailed(entry, stopped(signal))
}

/** @throws UndoFailed, which knows why it was to be undone */
const undoBecause = async (reason: unknown, ...rest: Parameters<typeof undo>): Promise<void> => {
  try {
    await undo(...rest)
  } catch (thrown) {
    if (!(thrown instanceof UndoFailed)) throw thrown
    throw new UndoFailed(thrown.step, thrown.applications, thrown.cause, reason)
  }
}

/**
 * Runs the plans of all parts to their one commit, or undoes them all.
 * @throws what the failing step threw, after everything was undone; UndoFailed when that did not work
 */
export const run = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: RunnerSurroundings,
  options: RunOptions,
): Promise<void> => {
  await outside.journal.open()
  let last = entry
  try {
    last = await runSteps(parts, entry, outside, options)
    await prove(last, options)
    await outside.journal.write({ ...last, phase: 'committed' })
  } catch (thrown) {
    const failed = thrown instanceof StepFailed ? thrown : null
    // Now: a stop that comes while it is undone is not why.
    const cause = options.signal.aborted ? stopped(options.signal) : failed === null ? thrown : failed.cause
    await undoBecause(cause, parts, failed?.entry ?? last, outside, options.progress)
    await endUndone(outside, cause, options)
    throw cause
  }
  await finish(parts, last, outside, options.progress, options.committed, options.over)
}
