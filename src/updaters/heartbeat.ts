import type { Progress } from './contract.js'

/** Milliseconds between two lines. */
const interval = 30_000

const lasting = (milliseconds: number): string => {
  const minutes = Math.floor(milliseconds / 60_000)
  return minutes === 0 ? 'for half a minute' : `for ${minutes} min`
}

/**
 * What builds may be silent for long, and is no standstill: it has limits of its own. Says now and then that it goes on.
 * @param what as a sentence: `Git Repo app: pip still works`
 */
export const tellWhile = async <T>(what: string, progress: Progress, work: Promise<T>): Promise<T> => {
  const begun = Date.now()
  const timer = setInterval(() => progress(`${what}, ${lasting(Date.now() - begun)} now...`), interval)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}
