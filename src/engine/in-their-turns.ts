import type { Application } from './application.js'

/** Holds the turn of each, in the order of their names: nobody else uses their updaters. */
export const inTheirTurns = <T>(
  applications: readonly Application[],
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> => {
  const sorted = [...applications].sort((a, b) => (a.name < b.name ? -1 : 1))
  const held = sorted.reduceRight<() => Promise<T>>(
    (inner, { turn }) =>
      () =>
        turn.run(inner, signal),
    work,
  )
  return held()
}
