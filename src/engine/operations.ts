import { MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { Goal, Json } from '../updaters/contract.js'
import type { Application } from './application.js'
import type { Journal, JournalEntry } from './journal.js'
import type { Announcer } from './progress.js'
import { run, UndoFailed } from './runner.js'

export interface OperationSurroundings {
  readonly journal: Journal
  readonly log: Log
  readonly clock: Clock
  readonly version: string
  /** Milliseconds without a line of progress after which an operation is stopped and undone. */
  readonly lockTimeout: number
}

const journalEntry = (
  application: Application,
  goal: Goal,
  id: string,
  steps: readonly string[],
  version: string,
): JournalEntry =>
  ({
    version,
    id,
    application: application.name,
    type: application.settings.type,
    options: application.settings.options,
    goal,
    saved: application.updater.saved(),
    steps,
    at: 0,
    phase: 'running',
    attempts: 0,
  }) as unknown as JournalEntry

/** Aborts when nothing was told for too long. */
const watchdog = (
  announcer: Announcer,
  outside: OperationSurroundings,
  signal: AbortSignal,
): { signal: AbortSignal; stop: () => void } => {
  const controller = new AbortController()
  const timer = setInterval(() => {
    if (outside.clock.now() - announcer.movedAt < outside.lockTimeout) return
    const seconds = Math.round(outside.lockTimeout / 1000)
    controller.abort(
      new MoonkeeperError('command_failed', `Nothing moved for ${seconds} seconds: stopped and undone`),
    )
  }, 1000)
  timer.unref()
  return { signal: AbortSignal.any([signal, controller.signal]), stop: () => clearInterval(timer) }
}

/** Runs the surveyed plan. `mark.committed` tells whether the commit line was passed. */
const execute = async (
  application: Application,
  goal: Goal,
  request: Request,
  outside: OperationSurroundings,
  signal: AbortSignal,
  mark: { committed: boolean },
): Promise<void> => {
  const { updater } = application
  const plan = updater.plan(goal)
  const names = plan.steps.map((step) => step.name)
  const entry = journalEntry(application, goal, request.id, names, outside.version)
  const committed = async (): Promise<void> => {
    mark.committed = true
    updater.restore(plan.outcome)
    application.needsPerson = null
    await application.look(goal.kind === 'recover', outside.clock.now(), new AbortController().signal)
  }
  await run(plan, entry, outside, { progress: request.announcer.say, signal, committed })
}

/** What is half undone needs a person, and says so; other applications can go on. */
const noteUndoFailure = async (
  application: Application,
  thrown: UndoFailed,
  outside: OperationSurroundings,
): Promise<MoonkeeperError> => {
  const aside = await outside.journal.putAside(String(outside.clock.now()))
  application.needsPerson =
    `${application.name}: an operation failed and could not be undone at '${thrown.step}' (${thrown.message}). ` +
    `What was under way stands in ${aside}; a hard recovery brings the application back.`
  await application.save()
  return new MoonkeeperError('recovery_failed', application.needsPerson, thrown)
}

/** Who asked, and where the lines go. */
export interface Request {
  readonly id: string
  readonly announcer: Announcer
}

/**
 * One operation on one application, from survey to its last line.
 * @returns true when something was done
 * @throws what made it fail; the application is as it was before
 */
export const operate = async (
  application: Application,
  goal: Goal,
  request: Request,
  outside: OperationSurroundings,
  signal: AbortSignal,
): Promise<boolean> => {
  const { updater } = application
  if (!updater.goals.includes(goal.kind)) {
    throw new MoonkeeperError('not_supported', `${application.name} cannot do ${goal.kind}`)
  }
  const before: Json = updater.saved()
  const watch = watchdog(request.announcer, outside, signal)
  const mark = { committed: false }
  try {
    const nothing = await updater.survey(goal, { signal: watch.signal, progress: request.announcer.say })
    if (nothing !== null) {
      if (nothing !== '') request.announcer.last(nothing)
      return false
    }
    await execute(application, goal, request, outside, watch.signal, mark)
  } catch (thrown) {
    if (mark.committed) throw thrown
    updater.restore(before)
    updater.failed(thrown)
    if (thrown instanceof UndoFailed) throw await noteUndoFailure(application, thrown, outside)
    await application.save()
    throw thrown
  } finally {
    watch.stop()
  }
  request.announcer.last(updater.finished(goal))
  return true
}
