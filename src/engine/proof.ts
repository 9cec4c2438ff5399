import type { ApplicationPlan } from '../contract/generated/types.js'
import type { Progress } from '../updaters/contract.js'
import type { Application } from './application.js'
import type { HealthGate } from './health.js'
import { healthSubject } from './health-subject.js'

interface Surveyed {
  readonly application: Application
  readonly plan: ApplicationPlan
}

/** Why something failed, and whose it was. */
export class PartFailed extends Error {
  constructor(
    readonly application: string,
    thrown: unknown,
  ) {
    super('part failed', { cause: thrown })
  }
}

/** What does not listen to the signal (a dead network drive, say) holds up nothing: it is left behind. */
const orAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  let stop = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error)
  })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Of several the first that fails ends the others, which are waited for: nothing goes on when this is over. */
const together = async <T>(
  works: readonly ((signal: AbortSignal) => Promise<T>)[],
  signal: AbortSignal,
): Promise<T[]> => {
  const failures: unknown[] = []
  const first = new AbortController()
  const either = AbortSignal.any([signal, first.signal])
  const guarded = async (work: (signal: AbortSignal) => Promise<T>): Promise<T[]> => {
    try {
      return [await orAborted(work(either), signal)]
    } catch (thrown) {
      failures.push(thrown)
      first.abort()
      return []
    }
  }
  const results = await Promise.all(works.map(guarded))
  if (failures.length > 0) throw failures[0]
  return results.flat()
}

/**
 * Looks what lives before anything is changed.
 * @returns what asks of some of them, by name, whether it still does; it throws a PartFailed because of health_failed
 * @throws the signal's reason when it is aborted
 */
export const proofOf = async (
  surveyed: readonly Surveyed[],
  { health }: { readonly health: HealthGate },
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<(names: readonly string[]) => Promise<void>> => {
  const subjects = surveyed.map(({ application, plan }) =>
    healthSubject(application.name, plan.services, [], application.settings.policy),
  )
  const before = await together(
    subjects.map((subject) => (either) => health.observe(subject, either)),
    signal,
  )
  const works = subjects.map((subject, index) => ({
    name: subject.name,
    prove: async (either: AbortSignal): Promise<void> => {
      const seen = before[index] ?? { worked: [], broken: [] }
      try {
        await health.prove(subject, seen, { signal: either, progress })
      } catch (thrown) {
        throw either.aborted ? thrown : new PartFailed(subject.name, thrown)
      }
    },
  }))
  return async (names) => {
    const wanted = works.filter(({ name }) => names.includes(name))
    await together(
      wanted.map((work) => work.prove),
      signal,
    )
  }
}
