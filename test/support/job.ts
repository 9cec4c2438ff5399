import type { Job } from '../../src/contract/generated/types.js'

export const jobId = '0d9b1c1e-54f6-4a7c-9d1b-6f2f0b9f7a10'

/** A job as the server tells it. */
export const aJob = (change: Partial<Job> = {}): Job => ({
  id: jobId,
  goal: 'upgrade',
  applications: [{ name: 'demo', from: 'v1.0.0-0', to: 'v1.1.0-3', outcome: null }],
  atomic: false,
  until: 'applied',
  when: 'now',
  state: 'running',
  stage: '',
  progress: 0.6,
  plan_hash: null,
  error: null,
  asked_by: 'moonkeeper-cli 1.2.3 (unix)',
  created_at: 1767225600.5,
  starts_at: null,
  started_at: 1767225600.6,
  ended_at: null,
  last_seq: 0,
  ...change,
})

/** The lines of these numbers. */
export const linesOf = (...numbers: readonly number[]): NonNullable<Job['log']> =>
  numbers.map((seq) => ({ seq, time: 1767225600 + seq, text: `line ${seq}` }))
