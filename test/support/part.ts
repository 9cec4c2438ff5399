import type { JournalEntry } from '../../src/engine/journal.js'
import { entryFor as entryOf, recordOf, type Part } from '../../src/engine/transaction.js'
import type { Step } from '../../src/updaters/contract.js'

/** One application's share of an operation, whose plan has these steps. */
export const partOf = (
  steps: readonly Step[],
  cleanup: readonly Step[] = [],
  name = 'app',
  type = 'git_repo',
): Part => ({
  record: recordOf({ name, type, options: {} }, { kind: 'upgrade', version: null }, {}),
  plan: { steps, cleanup, outcome: null },
})

/** The journal of an operation that is about to begin. */
export const entryFor = (parts: readonly Part[], change: Partial<JournalEntry> = {}): JournalEntry => ({
  ...entryOf('job', 'test', parts),
  ...change,
})

const nothing = async (): Promise<void> => {}

/** No service is ever restarted. */
export const noRestarts = { startAgain: nothing }

/** For run(): nothing is said, saved or asked. */
export const runOptions = {
  progress: (): void => {},
  moved: (): void => {},
  hold: (): void => {},
  signal: new AbortController().signal,
  prove: nothing,
  irreversible: (): boolean => false,
  over: nothing,
  committed: { save: nothing, leave: nothing },
}
