import { MoonkeeperError } from '../contract/error.js'
import type { GoalKind } from '../updaters/contract.js'
import type { Application } from './application.js'
import type { Change } from './change.js'

/** What may not be done now. */
export interface GuardFacts {
  readonly printing: boolean
  /** False while Klipper does not say whether it prints. */
  readonly known: boolean
  /** The application of the running operation, `full`, recover_<name> or rollback_<name>; null when none runs. */
  readonly operation: string | null
  readonly firstRefreshDone: boolean
  /** True when what runs must not be ended, and has been silent for longer than lock_timeout. */
  readonly stuck: boolean
}

const attempts: Readonly<Record<GoalKind, string>> = {
  upgrade: 'Update',
  recover: 'Recovery Attempt',
  rollback: 'Rollback Attempt',
}

const unknownPrinter = (goal: GoalKind): MoonkeeperError =>
  new MoonkeeperError(
    'printer_unknown',
    `${attempts[goal]} Refused: Klipper does not answer, so it is not known whether it prints. If it does not, restart ` +
      'Klipper, and ask again',
  )

export const refuseWhilePrinting = (facts: GuardFacts, goal: GoalKind): void => {
  if (!facts.printing && facts.known) return
  if (!facts.printing) throw unknownPrinter(goal)
  if (goal === 'upgrade')
    throw new MoonkeeperError('printing', `${attempts[goal]} Refused: Klippy is printing`)
  throw new MoonkeeperError('recovery_while_printing', `${attempts[goal]} Refused: Klippy is printing`)
}

const underWay = (facts: GuardFacts, name: string): boolean =>
  facts.operation === name || facts.operation === 'full'

const refuseName = (facts: GuardFacts, name: string): void => {
  if (underWay(facts, name))
    throw new MoonkeeperError('already_running', `Item ${name} is currently updating`)
}

/** compat: during a full update every name counts as being updated, also one that does not exist. */
export const refuseSameItem = (facts: GuardFacts, change: Pick<Change, 'goal' | 'names' | 'when'>): void => {
  const [name] = change.names ?? []
  if (change.goal !== 'upgrade' || change.when !== 'now' || name === undefined || change.names?.length !== 1)
    return
  refuseName(facts, name)
}

/** Nobody waits in line behind what may never end. @throws already_running */
export const refuseBehindStuck = ({ stuck, operation }: GuardFacts): void => {
  if (!stuck) return
  throw new MoonkeeperError(
    'already_running',
    `A package transaction of ${operation ?? 'another operation'} is under way and has been silent for long. It is not ` +
      'ended, as that would leave packages half configured: look at it (ps aux), and ask again when it is over',
  )
}

/** A plan waits for no operation on the same application: it would be about something else by then. */
export const refuseSamePlan = (facts: GuardFacts, names: readonly string[] | null): void => {
  const { operation } = facts
  if (operation === null) return
  const name = operation.replace(/^(?:recover|rollback)_/, '')
  if (names === null) throw new MoonkeeperError('already_running', `Item ${name} is currently updating`)
  for (const one of names)
    if (operation === 'full' || one === name) refuseName({ ...facts, operation: one }, one)
}

/** What is asked of an application. `hard`: of a recovery. */
interface Asked {
  readonly goal: GoalKind
  readonly hard: boolean
}

export const canBe = ({ updater }: Pick<Application, 'updater'>, { goal, hard }: Asked): boolean => {
  // compat: Moonraker has no recovery of the system, and clients that do not know ours ask for a soft one.
  const softOfMachine = goal === 'recover' && !hard && updater.ofTheMachine === true
  return updater.goals.includes(goal) && !softOfMachine
}

/** compat: Moonraker's words. */
const impossible: Readonly<Record<GoalKind, (name: string) => string>> = {
  recover: (name) => `Updater ${name} is not a Git Repo Type`,
  rollback: (name) => `Rollback not available for ${name}`,
  upgrade: (name) => `${name} cannot do upgrade`,
}

/** @throws not_supported */
export const refuseWhatCannotBe = (
  application: Pick<Application, 'name' | 'needsPerson' | 'updater'>,
  asked: Asked,
): void => {
  // Whoever needs a person may be recoverable where what works is not.
  if (canBe(application, asked) || (asked.goal === 'recover' && application.needsPerson !== null)) return
  throw new MoonkeeperError('not_supported', impossible[asked.goal](application.name))
}

export const mayRefresh = (facts: GuardFacts): boolean =>
  !facts.printing && facts.operation === null && facts.firstRefreshDone

export const refuseRefresh = (facts: GuardFacts): void => {
  if (!mayRefresh(facts)) throw new MoonkeeperError('busy', 'Server is busy, cannot perform refresh')
}

/** What is no name may be of any length. */
const shown = (name: string): string => (name.length > 100 ? `${name.slice(0, 99)}…` : name)

export const notManaged = (name: string): MoonkeeperError =>
  new MoonkeeperError('unknown_updater', `No updater registered for '${shown(name)}'`)

export const notAvailable = (name: string): MoonkeeperError =>
  new MoonkeeperError('unknown_application', `Updater ${shown(name)} not available`)
