import { asMoonkeeperError } from '../contract/error.js'
import type { DoctorFinding, DoctorReport } from '../contract/generated/types.js'
import type { Check, DoctorHost, Look, Trouble } from './check.js'

interface Looked {
  readonly check: DoctorReport['checks'][number]
  readonly troubles: readonly Trouble[]
}

/** Milliseconds. No look takes longer: what hangs is told, and nobody waits for it. */
const limit = 7_000

const tooLong: Look = { unknown: `It took longer than ${limit / 1000} seconds` }
const updating: Look = { unknown: 'Something is being updated: look again afterwards' }

/** @throws the signal's reason, and what the look throws */
const within = async (look: Promise<Look>, { clock }: DoctorHost, signal: AbortSignal): Promise<Look> => {
  const over = new AbortController()
  const late = clock.wait(limit, AbortSignal.any([over.signal, signal])).then(() => tooLong)
  // Whoever comes second is heard by nobody.
  for (const one of [look, late]) one.catch(() => undefined)
  try {
    return await Promise.race([look, late])
  } finally {
    over.abort()
  }
}

const lookAt = async (check: Check, host: DoctorHost, signal: AbortSignal): Promise<Look> => {
  const isDisturbed = (): boolean => check.needsRest === true && host.isBusy()
  if (isDisturbed()) return updating
  try {
    const found = await within(check.look(host), host, signal)
    return isDisturbed() ? updating : found
  } catch (thrown) {
    signal.throwIfAborted()
    return { unknown: asMoonkeeperError(thrown).message }
  }
}

const told = ({ name }: Check, look: Look): Looked => {
  if ('unknown' in look) return { check: { name, state: 'unknown', text: look.unknown }, troubles: [] }
  return { check: { name, state: look.length === 0 ? 'good' : 'trouble', text: '' }, troubles: look }
}

const outcomeOf = async (fix: () => Promise<void>): Promise<Pick<DoctorFinding, 'fixed' | 'error'>> => {
  try {
    await fix()
    return { fixed: true, error: null }
  } catch (thrown) {
    return { fixed: false, error: asMoonkeeperError(thrown).message }
  }
}

const untouched = { fixed: null, error: null } as const

const findingOf = async (check: string, trouble: Trouble, repair: boolean): Promise<DoctorFinding> => {
  const { code, about, cause, repair: advice, fix } = trouble
  const outcome = repair && fix !== undefined ? await outcomeOf(fix) : untouched
  return { code, check, about, cause, repair: advice, fixable: fix !== undefined, ...outcome }
}

/**
 * Looks at everything, side by side.
 * @param repair true: what is safe is repaired, one after the other
 * @throws the signal's reason
 */
export const examine = async (
  checks: readonly Check[],
  host: DoctorHost,
  repair: boolean,
  signal: AbortSignal,
): Promise<DoctorReport> => {
  const looked = await Promise.all(
    checks.map(async (check) => told(check, await lookAt(check, host, signal))),
  )
  const findings: DoctorFinding[] = []
  for (const { check, troubles } of looked)
    for (const trouble of troubles) findings.push(await findingOf(check.name, trouble, repair))
  return {
    healthy: findings.every(({ fixed }) => fixed === true),
    findings,
    checks: looked.map(({ check }) => check),
  }
}
