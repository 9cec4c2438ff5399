import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { ApplicationPlan } from '../contract/generated/types.js'
import type { Clock } from '../system/clock.js'
import { logWith, type Log } from '../system/log.js'
import type { Goal, Json } from '../updaters/contract.js'
import { isHardRecovery, type Application } from './application.js'
import { refuseWhatCannotBe } from './guards.js'
import type { HealthGate } from './health.js'
import type { Journal } from './journal.js'
import { retryLeftover } from './leftovers.js'
import { holdable } from './holdable.js'
import { leaveToPerson } from './needs-person.js'
import type { Announcer } from './progress.js'
import { PartFailed, proofOf } from './proof.js'
import type { Restarts } from './restarts.js'
import { run } from './runner.js'
import { entryFor, goalOf, ownerOf, recordOf, type Part } from './transaction.js'
import { UndoFailed } from './undo.js'
import { watchdog } from './watchdog.js'

export interface OperationSurroundings {
  readonly journal: Journal
  readonly log: Log
  readonly clock: Clock
  readonly version: string
  /** Milliseconds without a line of progress after which an operation is stopped and undone. */
  readonly lockTimeout: number
  readonly health: HealthGate
  readonly restarts: Pick<Restarts, 'startAgain' | 'watch'>
  /** True while an operation waits for the end of a print: it does not stand still. */
  readonly mayBeSilent: () => boolean
}

/** What is to be done to one application. */
export interface Subject {
  readonly application: Application
  readonly goal: Goal
}

/** Who asked, and where everything that is said goes. */
export interface Request {
  /** The job: its lines in the log and its journal have this id. */
  readonly id: string
  readonly announcer: Announcer
  readonly until: 'prepared' | 'applied'
  /** True when a plan was shown: the remote is asked, as it was for that. */
  readonly fresh: boolean
  /** True when one application was asked for by its name. */
  readonly named?: boolean
  /** Asked before anything is changed. @throws when it may not be done now */
  readonly allowed: () => Promise<void>
  /**
   * Told what would be done, before it is.
   * @param dropped called when a kept version went for it: that is not undone
   * @throws when that is not what was agreed to, or does not fit
   */
  readonly accept: (
    plans: readonly ApplicationPlan[],
    dropped: (application: Application) => void,
  ) => Promise<void>
  /** What goes on. @param share of this operation, 0 to 1 */
  readonly moved: (stage: string, share: number) => void
  /** The first change is about to be made. */
  readonly begin: () => Promise<void>
  /** After the last step: what was put off until all of them are done. */
  readonly settle: (signal: AbortSignal) => Promise<void>
  /** A step has begun that must not be ended. */
  readonly hold: () => void
  /** There is no way back any more. */
  readonly committed: () => void
  /** All is over, and what became of it must be on the disk now. It never throws. @param failure null: done */
  readonly over: (failure: unknown) => Promise<void>
}

export type Result = 'nothing' | 'prepared' | 'done'

/** One operation, on one application or on several as one. */
interface Operation {
  readonly subjects: readonly Subject[]
  readonly request: Request
  /** The log has the job's fields. */
  readonly outside: OperationSurroundings
  readonly signal: AbortSignal
  /** Nothing aborts the signal any more. */
  readonly hold: () => void
  /** What every updater knew before. */
  readonly before: Map<Application, Json>
  /** Whose turn it is: what fails is its failure. */
  current: Application | null
  /** Those to which something is to be done; empty until it is known. */
  needed: readonly Application[]
  /** Those of which something may stay when it is undone. */
  lasting: readonly Application[]
  /** True when the commit line was passed. */
  committed: boolean
}

const refuseSubject = ({ application, goal }: Subject): void => {
  refuseWhatCannotBe(application, { goal: goal.kind, hard: isHardRecovery(goal) })
  if (application.needsPerson !== null && !isHardRecovery(goal)) {
    throw new MoonkeeperError('not_valid', `Only a hard recovery can be done. ${application.needsPerson}`)
  }
}

/** What must be so before an application is surveyed. @throws what refuses the operation */
const makeReady = async (subject: Subject, { outside, signal }: Operation): Promise<void> => {
  const { application, goal } = subject
  refuseSubject(subject)
  await retryLeftover(application, outside)
  // A first look may still wait for other remotes: without one nothing is known to upgrade to.
  const now = outside.clock.now()
  if (goal.kind === 'upgrade' && application.needsRefresh(now))
    await application.look(goal.carried === undefined, now, signal)
}

/** @returns null when there is nothing to do */
const surveyOne = async (subject: Subject, operation: Operation): Promise<ApplicationPlan | null> => {
  const { application, goal } = subject
  const { request, outside, signal, before } = operation
  operation.current = application
  await makeReady(subject, operation)
  before.set(application, application.updater.saved())
  const { announcer } = request
  const { plan, nothing } = await application.updater.survey(goal, {
    signal,
    progress: announcer.say,
    shown: false,
    fresh: request.fresh,
    named: request.named === true,
  })
  if (nothing === null) return plan
  outside.log.info({ application: application.name }, 'operation not needed')
  if (nothing !== '') announcer.last(nothing)
  return null
}

interface Surveyed extends Subject {
  readonly plan: ApplicationPlan
}

const surveyAll = async (operation: Operation): Promise<readonly Surveyed[]> => {
  // Before anything is done for the first of them.
  operation.subjects.forEach(refuseSubject)
  const needed: Surveyed[] = []
  for (const subject of operation.subjects) {
    const plan = await surveyOne(subject, operation)
    if (plan !== null) needed.push({ ...subject, plan })
  }
  operation.current = null
  operation.needed = needed.map(({ application }) => application)
  // What cannot be taken back comes last.
  return needed.sort((a, b) => Number(b.plan.reversible) - Number(a.plan.reversible))
}

const partOf = ({ application, goal }: Subject): Part => {
  const { settings, updater } = application
  return { record: recordOf(settings, goal, updater.saved()), plan: updater.plan(goal) }
}

/** What failed, without whose it was. */
const reasonOf = (thrown: unknown): unknown => (thrown instanceof PartFailed ? thrown.cause : thrown)

/** Runs the surveyed plans. */
const execute = async (operation: Operation, surveyed: readonly Surveyed[]): Promise<void> => {
  const { request, outside, signal } = operation
  const parts = surveyed.map(partOf)
  const applicationOf = (name: string): Application | null =>
    operation.needed.find((application) => application.name === name) ?? null
  const prove = await proofOf(surveyed, outside, { progress: request.announcer.say, signal })
  operation.lasting = surveyed.filter(({ plan }) => !plan.reversible).map(({ application }) => application)
  await run(parts, entryFor(request.id, outside.version, parts), outside, {
    progress: request.announcer.say,
    signal,
    hold: operation.hold,
    moved: (step, share) => {
      operation.current = applicationOf(ownerOf(step))
      request.moved(step, 0.4 + share * 0.5)
    },
    prove: async (done, share) => {
      operation.current = null
      await request.settle(signal)
      request.moved('looking whether it runs', 0.4 + share * 0.5)
      await prove(done.map(({ record }) => record.application))
    },
    irreversible: ({ record }) =>
      surveyed.some(({ application, plan }) => application.name === record.application && !plan.reversible),
    over: (failure) => request.over(failure === null ? null : reasonOf(failure.thrown)),
    committed: {
      save: async ({ record, plan }) => {
        operation.committed = true
        request.committed()
        await applicationOf(record.application)?.commit(goalOf(record), plan.outcome, outside.clock.now())
      },
      leave: async (entry, why) => {
        for (const { application: name } of entry.parts) await applicationOf(name)?.leave(entry, why)
      },
    },
  })
}

/**
 * What is committed is done, also when that could not be written down: it is tried again before the next operation, and
 * at the next start.
 */
const executeOrTell = async (operation: Operation, surveyed: readonly Surveyed[]): Promise<void> => {
  try {
    await execute(operation, surveyed)
  } catch (thrown) {
    if (!operation.committed) throw thrown
    operation.outside.log.error({ err: thrown }, 'what was done could not be written down')
    const why = asMoonkeeperError(thrown).message.replace(/\.$/, '')
    operation.request.announcer.say(
      `It is done, but could not be written down yet: ${why}. It is tried again.`,
    )
  }
}

const lookAgain = async (application: Application, outside: OperationSurroundings): Promise<void> => {
  try {
    await application.look(false, outside.clock.now(), new AbortController().signal)
  } catch (failure) {
    outside.log.error({ err: failure }, 'the application could not be looked at')
  }
}

/** What is half undone needs a person, and says so; what is told of the applications is looked at again. */
const noteUndoFailure = async (operation: Operation, thrown: UndoFailed): Promise<MoonkeeperError> => {
  const { subjects, outside } = operation
  const reason = asMoonkeeperError(reasonOf(thrown.reason)).message
  const why = `an operation failed (${reason}), and could not be undone at '${thrown.step}' (${thrown.message})`
  const stuck = subjects.filter(({ application }) => thrown.applications.includes(application.name))
  const find = (name: string): Application | null =>
    stuck.find(({ application }) => application.name === name)?.application ?? null
  const told = (text: string): MoonkeeperError => new MoonkeeperError('recovery_failed', text, thrown)
  const text = await leaveToPerson(thrown.applications, find, why, outside, (known) =>
    operation.request.over(told(known)),
  )
  for (const { application } of stuck) await lookAgain(application, outside)
  return told(text)
}

/** A failure is told where it happened; that a set was undone, everywhere where it was. */
const blame = (operation: Operation, thrown: unknown): void => {
  const { current, needed } = operation
  const own = thrown instanceof PartFailed ? thrown.application : current?.name
  for (const application of new Set(current === null ? needed : [...needed, current]))
    application.noteFailure(reasonOf(thrown), application.name === own)
}

/** What was not committed is as before. @returns what is told */
const noteFailure = async (operation: Operation, thrown: unknown): Promise<unknown> => {
  const { outside, committed, before } = operation
  const undone = !(thrown instanceof UndoFailed)
  const reason = reasonOf(undone ? thrown : thrown.reason)
  outside.log.error({ err: reason, undone: undone && !committed, committed }, 'operation failed')
  if (committed) return thrown
  for (const [application, saved] of before) application.updater.restore(saved)
  blame(operation, undone ? thrown : thrown.reason)
  const told = undone ? reason : await noteUndoFailure(operation, thrown)
  for (const application of operation.lasting) await lookAgain(application, outside)
  for (const application of before.keys()) {
    await application.save().catch((failure: unknown) => {
      outside.log.error({ err: failure }, 'the state could not be saved')
    })
  }
  return told
}

const perform = async (operation: Operation): Promise<Result> => {
  const { request, outside, signal } = operation
  request.moved('looking', 0)
  const surveyed = await surveyAll(operation)
  const plans = surveyed.map(({ plan }) => plan)
  if (plans.length > 0) await request.allowed()
  // What went is not back when all is undone.
  await request.accept(plans, (dropped) => operation.before.set(dropped, dropped.updater.saved()))
  if (plans.length === 0) return 'nothing'
  request.moved('preparing', 0.1)
  const context = {
    signal,
    progress: (text: string, fraction?: number) => {
      request.announcer.say(text)
      if (fraction !== undefined) request.moved('preparing', 0.1 + fraction * 0.3)
    },
  }
  for (const { application, goal } of surveyed) {
    operation.current = application
    await application.updater.prepare(goal, context)
  }
  operation.current = null
  if (request.until === 'prepared') return 'prepared'
  await request.allowed()
  await request.begin()
  outside.restarts.watch()
  await executeOrTell(operation, surveyed)
  for (const { application, goal } of surveyed) {
    const text = application.updater.finished(goal)
    outside.log.info({ to: application.updater.installed().version }, 'operation finished')
    request.announcer.last(text)
  }
  return 'done'
}

/** What people can do something about keeps its text through every door; the unexpected stays as it is for the log. */
const asKnown = (thrown: unknown): unknown => {
  const known = asMoonkeeperError(thrown)
  return known.kind === 'internal' ? thrown : known
}

/**
 * One operation on one application, or on several as one, from survey to its last line.
 * @throws what made it fail; the applications are as they were before
 */
export const operate = async (
  subjects: readonly Subject[],
  request: Request,
  outside: OperationSurroundings,
  signal: AbortSignal,
): Promise<Result> => {
  const names = subjects.map(({ application }) => application.name)
  const log = logWith(outside.log, { job: request.id, application: names.join(', ') })
  let held = false
  const mayBeSilent = (): boolean => held || outside.mayBeSilent()
  const watch = watchdog(request.announcer, outside.clock, outside.lockTimeout, signal, mayBeSilent)
  const stop = holdable(watch.signal)
  const hold = (): void => {
    held = true
    stop.hold()
    request.hold()
  }
  const inside = { ...outside, log }
  const before = new Map<Application, Json>()
  const operation: Operation = {
    subjects,
    request,
    outside: inside,
    signal: stop.signal,
    hold,
    before,
    current: null,
    needed: [],
    lasting: [],
    committed: false,
  }
  const from = subjects.map(({ application }) => application.updater.installed().version).join(', ')
  log.info({ goals: subjects.map(({ goal }) => goal), from }, 'operation begun')
  try {
    await request.allowed()
    await outside.journal.tieUp()
    return await perform(operation)
  } catch (thrown) {
    throw asKnown(await noteFailure(operation, thrown))
  } finally {
    watch.stop()
  }
}
