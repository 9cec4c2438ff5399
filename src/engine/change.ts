import { createHash, randomUUID } from 'node:crypto'
import { MoonkeeperError } from '../contract/error.js'
import type { Image } from '../images/images.js'
import type { Carried, Goal } from '../updaters/contract.js'
import type { Job, JobRequest } from './job.js'
import type { NewJob } from './jobs.js'

/** What a client asks for, through whatever door. */
export interface Change {
  readonly goal: Goal['kind']
  /** null: all that are managed. */
  readonly names: readonly string[] | null
  /** null: what the updater would choose. */
  readonly version: string | null
  /** The update image that it comes from; null: from where the applications come from. */
  readonly image: number | null
  /** Of a recovery. */
  readonly hard: boolean
  readonly updateDependencies: boolean
  readonly atomic: boolean
  readonly until: 'prepared' | 'applied'
  readonly planHash: string | null
  readonly background: boolean
  readonly when: 'now' | 'idle' | 'window'
  readonly idempotencyKey: string | null
  readonly askedBy: string
  /** True: refused when anything is under way, where else it would wait for its turn. */
  readonly alone?: boolean
}

/** A request as Moonraker's clients make it. */
export const plainChange = (
  goal: Goal['kind'],
  names: readonly string[] | null,
  askedBy: string,
): Change => ({
  goal,
  names,
  version: null,
  image: null,
  hard: false,
  updateDependencies: false,
  atomic: false,
  until: 'applied',
  planHash: null,
  background: false,
  when: 'now',
  idempotencyKey: null,
  askedBy,
})

/** Of what is asked for; who asks, and whether they wait, does not make it another request. */
const fingerprintOf = (change: Change): string => {
  const { goal, names, version, image, hard, updateDependencies, atomic, until, planHash, when } = change
  const what: unknown[] = [goal, names, version, hard, updateDependencies, atomic, until, planHash, when]
  if (image !== null) what.push(image)
  return createHash('sha256').update(JSON.stringify(what)).digest('hex')
}

/** The same was asked with the same key before: a retry. @throws idempotency_key_reused */
export const isRetryOf = (change: Change, job: Job): boolean => {
  const { idempotencyKey } = change
  if (idempotencyKey === null || job.request.idempotencyKey !== idempotencyKey) return false
  if (job.request.fingerprint === fingerprintOf(change)) return true
  throw new MoonkeeperError(
    'idempotency_key_reused',
    `The idempotency key '${idempotencyKey}' belongs to another request. Use a new one`,
  )
}

/** More than anybody has. */
const mostNames = 1000

const obstacleOf = (names: readonly string[]): string | null => {
  if (names.length === 0) return 'is empty: name applications, or leave it out for all'
  if (names.length > mostNames) return `has more than ${mostNames} names`
  return new Set(names).size === names.length ? null : 'names an application twice'
}

/** @throws bad_argument for arguments that do not go with each other */
export const refuseWhatDoesNotFit = (
  change: Pick<Change, 'names' | 'version'> & { readonly image?: number | null },
): void => {
  const { names, version, image = null } = change
  const obstacle = names === null ? null : obstacleOf(names)
  if (obstacle !== null) throw new MoonkeeperError('bad_argument', `Argument 'names' ${obstacle}`)
  if (version !== null && names?.length !== 1)
    throw new MoonkeeperError('bad_argument', "Argument 'version' goes with one name only")
  if (version !== null && image !== null)
    throw new MoonkeeperError(
      'bad_argument',
      "Give 'version' or 'image', not both: an image has its versions",
    )
}

/**
 * @param names of the applications, where they are known
 * @param image what they come from; null: from where they come from
 */
export const newJob = (
  change: Change,
  names: readonly string[] | null = change.names,
  image: Pick<Image, 'id' | 'version'> | null = null,
): NewJob => ({
  id: randomUUID(),
  goal: change.goal,
  atomic: change.atomic,
  until: change.until,
  when: change.when,
  asked_by: change.askedBy,
  ...(image === null ? {} : { image: { id: image.id, version: image.version ?? '?' } }),
  request: {
    names: names === null ? null : [...names],
    version: change.version,
    ...(image === null ? {} : { image: image.id }),
    hard: change.hard,
    updateDependencies: change.updateDependencies,
    planHash: change.planHash,
    idempotencyKey: change.idempotencyKey,
    fingerprint: fingerprintOf(change),
    background: change.background || change.when !== 'now',
    targets: [],
  },
})

/** What is to be done to one application of a job. What was prepared is fixed. */
export const goalFor = (
  kind: Goal['kind'],
  request: JobRequest,
  name: string,
  carried: Carried | null,
): Goal => {
  const fixed = request.targets.find((target) => target.name === name)?.id
  const version = fixed ?? request.version
  if (kind === 'upgrade' && carried !== null) return { kind, version: fixed ?? carried.id, carried }
  if (kind !== 'recover') return { kind, version }
  return { kind, hard: request.hard, updateDependencies: request.updateDependencies }
}

/** compat: how front ends know whose lines they are. */
export const labelOf = (kind: Goal['kind'], { names }: Pick<JobRequest, 'names'>): string => {
  const [name] = names ?? []
  if (name === undefined || names?.length !== 1) return 'full'
  return kind === 'upgrade' ? name : `${kind}_${name}`
}
