import type { NewHistoryEntry } from '../../src/engine/history.js'

/** An entry, to be told apart by its number. */
export const historyEntry = (number: number, more: Partial<NewHistoryEntry> = {}): NewHistoryEntry => ({
  at: 1_700_000_000_000 + number * 1000,
  job: `job-${number}`,
  application: 'demo-app',
  type: 'git_repo',
  goal: 'upgrade',
  from: `v1.${number}.0`,
  to: `v1.${number + 1}.0`,
  outcome: 'done',
  code: null,
  message: null,
  asked_by: 'websocket',
  ...more,
})
