import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import { logWith, type Log } from '../system/log.js'
import type { Goal, Json, Plan } from '../updaters/contract.js'
import { isHardRecovery, type Application } from './application.js'
import { planFormat, type Journal, type JournalEntry } from './journal.js'
import { retryLeftover } from './leftovers.js'
import { leaveToPerson } from './needs-person.js'
import type { Announcer } from './progress.js'
import { run, UndoFailed } from './runner.js'
import { watchdog } from './watchdog.js'

export interface OperationSurroundings {
  readonly journal: Journal
  readonly log: Log
  readonly clock: Clock
  readonly version: string
  /** Milliseconds without a line of progress after which an operation is stopped and undone. */
  readonly lockTimeout: number
}

/** Who asked, and where the lines go. */
export interface Request {
  /** The job: its lines in the log and its journal have this id. */
  readonly id: string
  readonly announcer: Announcer
  /** Asked before anything is changed. @throws when it may not be done now */
  readonly allowed: () => void
}

/** One operation on one application. */
interface Job {
  readonly application: Application
  readonly goal: Goal
  readonly request: Request
  /** The log has the job's fields. */
  readonly outside: OperationSurroundings
  readonly signal: AbortSignal
  /** True when the commit line was passed. */
  committed: boolean
}

const journalEntry = ({ application, goal, request, outside }: Job, plan: Plan): JournalEntry =>
  ({
    version: outside.version,
    format: planFormat,
    id: request.id,
    application: application.name,
    type: application.settings.type,
    options: application.settings.options,
    goal,
    saved: application.updater.saved(),
    steps: plan.steps.map((step) => step.name),
    at: 0,
    phase: 'running',
    attempts: 0,
  }) as unknown as JournalEntry

const refuseWhatCannotBe = ({ application, goal }: Job): void => {
  if (!application.updater.goals.includes(goal.kind)) {
    throw new MoonkeeperError('not_supported', `${application.name} cannot do ${goal.kind}`)
  }
  if (application.needsPerson !== null && !isHardRecovery(goal)) {
    throw new MoonkeeperError('not_valid', `Only a hard recovery can be done. ${application.needsPerson}`)
  }
}

/** Runs the surveyed plan. */
const execute = async (job: Job): Promise<void> => {
  const { application, goal, request, outside, signal } = job
  const plan = application.updater.plan(goal)
  await run(plan, journalEntry(job, plan), outside, {
    progress: request.announcer.say,
    signal,
    committed: {
      save: async () => {
        job.committed = true
        await application.commit(goal, plan.outcome, outside.clock.now())
      },
      leave: (entry, why) => application.leave(entry, why),
    },
  })
}

/** What is half undone needs a person, and says so; what is told of the application is looked at again. */
const noteUndoFailure = async (job: Job, thrown: UndoFailed): Promise<MoonkeeperError> => {
  const { application, outside } = job
  const why = `an operation failed and could not be undone at '${thrown.step}' (${thrown.message})`
  const text = await leaveToPerson(application.name, () => application, why, outside)
  try {
    await application.look(false, outside.clock.now(), new AbortController().signal)
  } catch (failure) {
    outside.log.error({ err: failure }, 'the application could not be looked at')
  }
  return new MoonkeeperError('recovery_failed', text, thrown)
}

/** What was not committed is as before. @returns what is told */
const noteFailure = async (job: Job, thrown: unknown, before: Json): Promise<unknown> => {
  const { application, outside, committed } = job
  const undone = !(thrown instanceof UndoFailed)
  outside.log.error({ err: thrown, undone: undone && !committed, committed }, 'operation failed')
  if (committed) return thrown
  application.updater.restore(before)
  application.updater.failed(undone ? thrown : thrown.cause)
  if (!undone) return noteUndoFailure(job, thrown)
  await application.save().catch((failure: unknown) => {
    outside.log.error({ err: failure }, 'the state could not be saved')
  })
  return thrown
}

/** What must be so before anything is surveyed. @throws what refuses the operation */
const prepare = async (job: Job): Promise<void> => {
  const { application, goal, request, outside, signal } = job
  request.allowed()
  await outside.journal.tieUp()
  refuseWhatCannotBe(job)
  await retryLeftover(application, outside)
  // A first look may still wait for other remotes: without one nothing is known to upgrade to.
  const now = outside.clock.now()
  if (goal.kind === 'upgrade' && application.needsRefresh(now)) await application.look(true, now, signal)
}

const perform = async (job: Job): Promise<boolean> => {
  const { application, goal, request, outside, signal } = job
  const { updater } = application
  const nothing = await updater.survey(goal, { signal, progress: request.announcer.say })
  if (nothing !== null) {
    outside.log.info({}, 'operation not needed')
    if (nothing !== '') request.announcer.last(nothing)
    return false
  }
  request.allowed()
  await execute(job)
  const text = updater.finished(goal)
  outside.log.info({ to: application.status()?.full_version_string }, 'operation finished')
  request.announcer.last(text)
  return true
}

/** What people can do something about keeps its text through every door; the unexpected stays as it is for the log. */
const asKnown = (thrown: unknown): unknown => {
  const known = asMoonkeeperError(thrown)
  return known.kind === 'internal' ? thrown : known
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
  const log = logWith(outside.log, { job: request.id, application: application.name })
  const watch = watchdog(request.announcer, outside.clock, outside.lockTimeout, signal)
  const inside = { ...outside, log }
  const job: Job = { application, goal, request, outside: inside, signal: watch.signal, committed: false }
  log.info({ goal, from: application.status()?.full_version_string }, 'operation begun')
  let before: Json | undefined
  try {
    await prepare(job)
    before = application.updater.saved()
    return await perform(job)
  } catch (thrown) {
    throw asKnown(await noteFailure(job, thrown, before ?? application.updater.saved()))
  } finally {
    watch.stop()
  }
}
