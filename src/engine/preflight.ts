import type { ApplicationPlan, Plan } from '../contract/generated/types.js'
import type { Power } from '../machine/power.js'
import type { Clock } from '../system/clock.js'
import type { Files } from '../system/files.js'
import type { Goal } from '../updaters/contract.js'
import type { Application } from './application.js'
import { cargoOf, namesIn, type Cargo, type ImageShelf } from './carried.js'
import { refuseWhatDoesNotFit } from './change.js'
import type { PlanQuestion } from './engine.js'
import type { Fleet } from './fleet.js'
import { inOrder } from './full-update.js'
import { canBe, refuseWhatCannotBe } from './guards.js'
import { hashOf, reasonsForHash } from './planner.js'

export interface PreflightSurroundings {
  readonly clock: Clock
  readonly files: Pick<Files, 'freeSpace' | 'mayWrite'>
  readonly power: Power
  readonly images: ImageShelf
  /** Bytes that stay free. */
  readonly minFreeSpace: number
  readonly signal: AbortSignal
}

/** Moonkeeper did not exist before: a clock that says so was never set, and no certificate holds. */
const birth = Date.UTC(2026, 0, 1)

const machineWarnings = async ({ clock, power }: PreflightSurroundings): Promise<string[]> => {
  const warnings: string[] = []
  if (await power.underVoltage()) {
    warnings.push(
      'The power supply is too weak (under-voltage): an update may damage the card. Use a better supply first.',
    )
  }
  if (clock.now() < birth) {
    const date = new Date(clock.now()).toISOString().slice(0, 10)
    warnings.push(
      `The clock says ${date}: no secure connection works until it is right. Look at: timedatectl`,
    )
  }
  return warnings
}

/** What would stand in the way of one application. */
const obstacles = async (
  { updater }: Application,
  plan: ApplicationPlan,
  { files, minFreeSpace }: PreflightSurroundings,
): Promise<string[]> => {
  const warnings: string[] = []
  const free = (await files.freeSpace(updater.folder)) - (plan.disk_bytes ?? 0)
  if (free < minFreeSpace)
    warnings.push(`There is too little free space in ${updater.folder}: it would be refused with no_space.`)
  if (updater.ofTheMachine !== true && !(await files.mayWrite(updater.folder)))
    warnings.push(`${updater.folder} may not be written. Look who owns it: ls -ld ${updater.folder}`)
  return warnings
}

/** A question, and what it is about comes in. */
interface Asked extends PlanQuestion {
  readonly cargo: Cargo | null
}

const goalOf = (
  { goal, version, hard, updateDependencies = false, cargo }: Asked,
  application: Application,
): Goal => {
  if (goal === 'recover') return { kind: goal, hard, updateDependencies }
  if (goal === 'rollback' || cargo === null) return { kind: goal, version }
  const carried = cargo(application)
  return { kind: goal, version: carried.id, carried }
}

const silent = (): void => undefined

/** With I/O. */
const survey = async (
  application: Application,
  question: Asked,
  outside: PreflightSurroundings,
): Promise<ApplicationPlan> => {
  const fresh = question.cargo === null
  const context = { signal: outside.signal, progress: silent, shown: true, fresh }
  const plan = await application.show(goalOf(question, application), context)
  const more = plan.needed ? await obstacles(application, plan, outside) : []
  return { ...plan, warnings: [...plan.warnings, ...more] }
}

/** As far as it is known without looking. */
const guess = (application: Application, { goal, version, cargo }: Asked): ApplicationPlan => {
  const { name, settings, updater } = application
  const from = updater.installed()
  const offer = goal === 'upgrade' && version === null ? updater.offer() : null
  const to = cargo?.(application) ?? offer
  return {
    name,
    type: settings.type,
    goal,
    // Whether the version that is named is another one is not known without looking.
    needed: goal !== 'upgrade' || version !== null || to !== null,
    from,
    to: to === null ? from : { version: to.version, id: to.id },
    downgrade: false,
    packages: { install: [], upgrade: [], remove: [] },
    services: [],
    edits: [],
    reversible: true,
    warnings: ['Only the arguments were looked at; the rest is as it was seen last.'],
  }
}

/** @throws unknown_application, bad_argument */
const chosen = (question: PlanQuestion, fleet: Fleet): readonly Application[] => {
  refuseWhatDoesNotFit(question)
  const { names } = question
  const able =
    names === null
      ? fleet.all.filter((application) => canBe(application, question))
      : names.map((name) => fleet.find(name))
  for (const application of able) refuseWhatCannotBe(application, question)
  return inOrder(able)
}

/**
 * What would happen.
 * @throws unknown_application, unknown_version, not_valid, not_supported, bad_argument, unknown_image, bad_signature
 */
export const planFor = async (
  question: PlanQuestion,
  fleet: Fleet,
  outside: PreflightSurroundings,
): Promise<Plan> => {
  const { image: id = null } = question
  if (id === null) return planWith({ ...question, cargo: null }, fleet, outside)
  refuseWhatDoesNotFit(question)
  const names = namesIn(outside.images.get(id), question.names)
  return outside.images.use(id, (open) =>
    planWith({ ...question, names, cargo: cargoOf(open) }, fleet, outside),
  )
}

const planWith = async (question: Asked, fleet: Fleet, outside: PreflightSurroundings): Promise<Plan> => {
  const applications: ApplicationPlan[] = []
  for (const application of chosen(question, fleet)) {
    const plan =
      question.check === 'input' ? guess(application, question) : survey(application, question, outside)
    applications.push(await plan)
  }
  const reversible = applications.every((plan) => plan.reversible)
  return {
    goal: question.goal,
    applications,
    reversible,
    needs_plan_hash: reasonsForHash(applications, question.atomic === true),
    warnings: question.check === 'input' ? [] : await machineWarnings(outside),
    hash: hashOf(applications),
  }
}
