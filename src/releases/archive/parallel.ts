/**
 * Does the work for every item, for at most so many at once. After a failure nothing more is begun; what runs then is
 * waited for, so that nothing goes on behind one's back.
 * @throws what failed first
 */
export const inParallel = async <T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const waiting = items.values()
  let failed = false
  const run = async (): Promise<void> => {
    try {
      for (const item of waiting) {
        if (failed) return
        await work(item)
      }
    } catch (thrown) {
      failed = true
      throw thrown
    }
  }
  const runs = Array.from({ length: limit }, run)
  await Promise.allSettled(runs)
  await Promise.all(runs)
}
