import { MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { Plan, Progress, Step, StepContext } from '../updaters/contract.js'
import type { Journal, JournalEntry } from './journal.js'

/*
 * Invariants:
 * 1. A step runs only after the journal that names it is on the disk.
 * 2. `committed` in the journal is the commit line: before it everything is undone, after it nothing is.
 * 3. Undo goes backwards from the step that may have begun, to the first; every undo is idempotent.
 * 4. The journal is cleared only when the plan was committed and cleaned up, or wholly undone.
 */

export interface RunnerSurroundings {
  readonly journal: Journal
  readonly log: Log
  readonly clock: Clock
}

const maxAttempts = 5
const pauseBetweenAttempts = 500

interface RunOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Saves the plan's outcome. Called after the commit line, maybe twice. */
  readonly committed: () => Promise<void>
}

/** Undo failed; what was done stands half done. The application needs a person when it keeps failing. */
export class UndoFailed extends Error {
  constructor(
    readonly step: string,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
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

const undoOnce = async (plan: Plan, entry: JournalEntry, context: StepContext, log: Log): Promise<void> => {
  for (let index = Math.min(entry.at, plan.steps.length - 1); index >= 0; index -= 1) {
    const step = plan.steps[index]
    try {
      await step?.undo?.(context)
    } catch (thrown) {
      log.error({ job: entry.id, step: step?.name, attempt: entry.attempts, err: thrown }, 'undo failed')
      throw new UndoFailed(step?.name ?? '?', thrown)
    }
  }
}

/**
 * Undoes backwards from the step that may have begun, a few times if it fails. Attempts are counted on the disk,
 * so that an undo which ends the daemon does not become a boot loop. The journal is the caller's to clear.
 * @throws UndoFailed
 */
export const undo = async (
  plan: Plan,
  entry: JournalEntry,
  outside: RunnerSurroundings,
  progress: Progress,
): Promise<void> => {
  let current = entry
  for (;;) {
    if (current.attempts >= maxAttempts)
      throw new UndoFailed(plan.steps[entry.at]?.name ?? '?', 'too many attempts')
    current = { ...current, phase: 'undoing', attempts: current.attempts + 1 }
    await outside.journal.write(current)
    try {
      return await undoOnce(plan, current, contextOf(outside.journal, current, progress, never), outside.log)
    } catch (thrown) {
      if (current.attempts >= maxAttempts) throw thrown
      await outside.clock.wait(pauseBetweenAttempts)
    }
  }
}

/**
 * What follows the commit line: a failing cleanup does not fail the operation.
 * @param committed saves the plan's outcome; called again when the daemon was killed in it
 */
export const finish = async (
  plan: Plan,
  entry: JournalEntry,
  outside: RunnerSurroundings,
  progress: Progress,
  committed: () => Promise<void>,
): Promise<void> => {
  await committed()
  const context = contextOf(outside.journal, entry, progress, never)
  for (const step of plan.cleanup) {
    try {
      await step.run(context)
    } catch (thrown) {
      outside.log.warn({ job: entry.id, step: step.name, err: thrown }, 'cleanup failed')
    }
  }
  await outside.journal.clear()
}

const runSteps = async (
  steps: readonly Step[],
  entry: JournalEntry,
  outside: RunnerSurroundings,
  options: RunOptions,
): Promise<JournalEntry> => {
  let current = entry
  for (const [index, step] of steps.entries()) {
    if (options.signal.aborted) throw new StepFailed(current, stopped(options.signal))
    current = { ...entry, at: index }
    await outside.journal.write(current)
    outside.log.debug({ job: entry.id, step: step.name }, 'step')
    try {
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

/**
 * Runs a plan to its commit, or undoes it.
 * @throws what the failing step threw, after everything was undone; UndoFailed when that did not work
 */
export const run = async (
  plan: Plan,
  entry: JournalEntry,
  outside: RunnerSurroundings,
  options: RunOptions,
): Promise<void> => {
  let last = entry
  try {
    last = await runSteps(plan.steps, entry, outside, options)
    await outside.journal.write({ ...last, phase: 'committed' })
  } catch (thrown) {
    const failed = thrown instanceof StepFailed ? thrown : null
    await undo(plan, failed?.entry ?? last, outside, options.progress)
    await outside.journal.clear()
    const cause = failed === null ? thrown : failed.cause
    throw options.signal.aborted ? stopped(options.signal) : cause
  }
  await finish(plan, last, outside, options.progress, options.committed)
}
