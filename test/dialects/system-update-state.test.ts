import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from '../../src/contract/generated/types.js'
import { standingOf } from '../../src/dialects/system-update/state.js'
import { emptyJob } from '../support/rpc.js'

const job = (change: Partial<Job>): Job => ({ ...emptyJob, created_at: 1, ...change })

/** Newest first. */
const table: readonly (readonly [string, readonly Job[], string, number | null])[] = [
  ['nothing', [], 'IDLE', null],
  ['queued', [job({ entered: { queued: 2 } })], 'INITIALIZING', 2],
  ['preparing', [job({ state: 'preparing', entered: { queued: 2, preparing: 3 } })], 'INITIALIZING', 2],
  ['prepared', [job({ state: 'prepared', until: 'prepared', entered: { prepared: 4 } })], 'INITIALIZED', 4],
  ['started', [job({ state: 'preparing', entered: { queued: 5, prepared: 4, preparing: 6 } })], 'RUNNING', 5],
  ['running', [job({ state: 'running', entered: { running: 7 } })], 'RUNNING', 7],
  ['of an older Moonkeeper', [job({ state: 'running', started_at: 6 })], 'RUNNING', 6],
  ['done', [job({ state: 'done', ended_at: 8 })], 'IDLE', 8],
  ['cancelled', [job({ state: 'cancelled', ended_at: 8 })], 'IDLE', 8],
  ['failed', [job({ state: 'failed', ended_at: 8 })], 'FAILED_GRACEFUL', 8],
  ['needs a person', [job({ state: 'needs_person', ended_at: 8 })], 'FAILED_CRITICAL', 8],
  ['failed, and seen', [job({ state: 'failed', ended_at: 8, dismissed_at: 9 })], 'IDLE', 9],
  ['needs a person, who knows', [job({ state: 'needs_person', ended_at: 8, dismissed_at: 9 })], 'IDLE', 9],
  ['waits for the end of a print', [job({ when: 'idle' })], 'IDLE', null],
  [
    'one behind another',
    [job({ entered: { queued: 9 } }), job({ state: 'running', entered: { running: 7 } })],
    'RUNNING',
    7,
  ],
  [
    'failed, and done since',
    [job({ state: 'failed', ended_at: 8 }), job({ state: 'done', ended_at: 9 })],
    'IDLE',
    9,
  ],
  [
    'prepared beside what failed',
    [job({ state: 'failed', ended_at: 8 }), job({ state: 'prepared', entered: { prepared: 4 } })],
    'INITIALIZED',
    4,
  ],
]

for (const [what, jobs, state, since] of table)
  test(`the state that jobs amount to: ${what}`, () => {
    const standing = standingOf(jobs)
    assert.deepEqual([standing.state, standing.since], [state, since])
  })
