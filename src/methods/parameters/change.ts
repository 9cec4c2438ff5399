import type { Job, Plan } from '../../contract/generated/types.js'
import { harmless } from '../../contract/text.js'
import type { Change } from '../../engine/change.js'
import type { GoalKind } from '../../updaters/contract.js'
import type { AppContext, Call } from '../context.js'

/** What upgrade, rollback and recover have in common. */
export interface ChangeParams {
  readonly plan_hash?: string
  readonly until?: 'plan' | 'prepared' | 'applied'
  readonly background?: boolean
  readonly when?: 'now' | 'idle' | 'window'
  readonly idempotency_key?: string
}

/** Refused before the arguments are looked at, unless it asks for no change now. */
export const refuseWhilePrinting =
  (goal: GoalKind) =>
  async ({ app }: Call, given: Readonly<Record<string, unknown>>): Promise<void> => {
    const { when, until, idempotency_key: key } = given
    const later = when === 'idle' || when === 'window' || until === 'plan' || until === 'prepared'
    // What has a key may have been done already: that is looked up first.
    if (!later && key === undefined) await app.engine.refuseWhilePrinting(goal)
  }

/** Clients may call themselves anything. */
const longestAsker = 200

const shortened = (text: string): string =>
  text.length > longestAsker ? `${text.slice(0, longestAsker - 1)}…` : text

/** Who asks, for the job and the history. */
export const askerOf = ({ transport, connection, caller, dialect }: Call): string => {
  const { address, requester } = caller
  const identity = connection?.identity ?? null
  const user = requester?.kind === 'user' ? `${requester.name ?? ''}, ` : ''
  if (identity !== null)
    return shortened(harmless(`${user}${identity.name} ${identity.version} (${transport})`))
  return shortened(harmless(`${user}${dialect ?? transport}${address === null ? '' : ` (${address})`}`))
}

/** Shows what would be done, or does it. @returns "ok" when it is done, as Moonraker's clients expect */
export const ask = async (
  app: AppContext,
  params: ChangeParams,
  what: Pick<Change, 'goal' | 'names' | 'version' | 'image' | 'hard' | 'updateDependencies' | 'atomic'>,
  call: Call,
): Promise<'ok' | Job | Plan> => {
  const { until = 'applied', plan_hash, background, when = 'now', idempotency_key } = params
  if (until === 'plan') return app.engine.plan({ ...what, check: 'all' })
  const job = await app.engine.change({
    ...what,
    until,
    planHash: plan_hash ?? null,
    background: background === true,
    when,
    idempotencyKey: idempotency_key ?? null,
    askedBy: askerOf(call),
  })
  return job ?? 'ok'
}

/** As Moonraker's clients ask for an upgrade: one application, or all. */
export const askForUpgrade = async (app: AppContext, name: string | undefined, call: Call): Promise<'ok'> => {
  const names = name === undefined ? null : [name]
  await ask(app, {}, { ...plain, goal: 'upgrade', names }, call)
  return 'ok'
}

export const plain = {
  version: null,
  image: null,
  hard: false,
  updateDependencies: false,
  atomic: false,
} as const
