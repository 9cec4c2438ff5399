/**
 * Waits for all of what goes on side by side: when it is over nothing goes on, also when something failed.
 * @throws what the first of them threw, in their order
 */
export const sideBySide = async (...works: readonly Promise<unknown>[]): Promise<void> => {
  await Promise.allSettled(works)
  await Promise.all(works)
}
