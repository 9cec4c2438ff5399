import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Progress } from '../updaters/contract.js'
import type { JournalEntry } from './journal.js'
import { cleanupOf, entryOfPart, stepsOf, type Part } from './transaction.js'
import { contextOf, never, undo, UndoFailed, type RunnerSurroundings, type UndoSurroundings } from './undo.js'

/*
 * Invariants:
 * 1. A step runs only after the journal that names it is on the disk; but for what no undo needs to know of.
 * 2. `committed` in the journal is the commit line: before it everything is undone, after it nothing is.
 * 3. Undo goes backwards from the step that may have begun, to the first; every undo is idempotent.
 * 4. The journal is cleared only when the plan was committed and cleaned up, or wholly undone.
 * 5. No operation begins while the journal of another one is there.
 * 6. An undo does not need the disk to take anything of the engine's.
 * 7. A part that cannot be undone begins only when all before it was proven.
 */

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
  /**
   * After the last step of some parts: of all of them before the commit, and of those before one that cannot be undone.
   * @param share of the steps, 0 to 1
   * @throws when what was done does not hold: then everything is undone
   */
  readonly prove: (done: readonly Part[], share: number) => Promise<void>
  /** True for a part that cannot be undone: it begins only when what was done before it holds. */
  readonly irreversible: (part: Part) => boolean
  /**
   * All is done, or undone, and still in the journal: what became of it must be on the disk before that is gone.
   * @param failure why it was undone; null when it is done. May be called twice
   */
  readonly over: (failure: { readonly thrown: unknown } | null) => Promise<void>
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
  // What can be saved is, also when that of another part could not be.
  const failures: unknown[] = []
  for (const part of parts) await committed.save(part).catch((thrown: unknown) => failures.push(thrown))
  if (failures.length > 0) throw failures[0]
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

/** The parts that must hold before a step, by its index. */
const gatesOf = (
  parts: readonly Part[],
  { irreversible }: RunOptions,
): ReadonlyMap<number, readonly Part[]> => {
  const gates = new Map<number, readonly Part[]>()
  let first = 0
  for (const [index, part] of parts.entries()) {
    if (index > 0 && irreversible(part)) gates.set(first, parts.slice(0, index))
    first += part.plan.steps.length
  }
  return gates
}

/** How much of a step is done is a share of the whole. */
const shareOf =
  ({ progress, moved }: RunOptions, step: string, index: number, count: number): Progress =>
  (text, fraction) => {
    if (fraction !== undefined) moved(step, (index + fraction) / count)
    progress(text, fraction)
  }

const runSteps = async (
  parts: readonly Part[],
  entry: JournalEntry,
  outside: RunnerSurroundings,
  options: RunOptions,
): Promise<JournalEntry> => {
  let current = entry
  const steps = stepsOf(parts)
  const gates = gatesOf(parts, options)
  for (const [index, step] of steps.entries()) {
    const done = gates.get(index)
    if (done !== undefined) await prove(current, done, index / steps.length, options)
    if (options.signal.aborted) throw new StepFailed(current, stopped(options.signal))
    if (step.run === undefined) continue
    current = { ...entry, at: index }
    options.moved(step.name, index / steps.length)
    if (step.unstoppable === true) options.hold()
    try {
      if (step.traceless !== true) await outside.journal.write(current)
      outside.log.debug({ job: entry.id, step: step.name }, 'step')
      const progress = shareOf(options, step.name, index, steps.length)
      await step.run(contextOf(outside.journal, current, progress, options.signal))
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

/** What was done must hold before it is committed, or before what cannot be undone. @throws StepFailed */
const prove = async (
  entry: JournalEntry,
  done: readonly Part[],
  share: number,
  { prove: ask, signal }: RunOptions,
): Promise<void> => {
  try {
    await ask(done, share)
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
  outside: UndoSurroundings,
  options: RunOptions,
): Promise<void> => {
  await outside.journal.open()
  let last = entry
  try {
    last = await runSteps(parts, entry, outside, options)
    await prove(last, parts, 1, options)
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
