import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import type { Check, Trouble } from '../../src/doctor/check.js'
import { examine } from '../../src/doctor/examination.js'
import { movingClock } from '../support/clock.js'
import { healthyHost } from '../support/patient.js'

const trouble = (about: string, fix?: () => Promise<void>): Trouble => ({
  code: 'git_lock_stale',
  about,
  cause: 'a cause',
  repair: 'a repair',
  ...(fix === undefined ? {} : { fix }),
})

const check = (name: string, look: Check['look']): Check => ({ name, look })

const never = new AbortController().signal

test('what is good, what is not, and what cannot be known', async () => {
  const report = await examine(
    [
      check('one', async () => []),
      check('two', async () => [trouble('x')]),
      check('three', async () => ({ unknown: 'because' })),
      check('four', () => Promise.reject(new MoonkeeperError('command_failed', 'it broke'))),
    ],
    healthyHost(),
    false,
    never,
  )
  assert.deepEqual(report, {
    healthy: false,
    findings: [
      {
        code: 'git_lock_stale',
        check: 'two',
        about: 'x',
        cause: 'a cause',
        repair: 'a repair',
        fixable: false,
        fixed: null,
        error: null,
      },
    ],
    checks: [
      { name: 'one', state: 'good', text: '' },
      { name: 'two', state: 'trouble', text: '' },
      { name: 'three', state: 'unknown', text: 'because' },
      { name: 'four', state: 'unknown', text: 'it broke' },
    ],
  })
})

test('only what is safe is repaired, and only when it is asked for', async () => {
  const done: string[] = []
  const all = [
    check('one', async () => [
      trouble('a', async () => void done.push('a')),
      trouble('b', () => Promise.reject(new Error('no'))),
      trouble('c'),
    ]),
  ]
  const before = await examine(all, healthyHost(), false, never)
  assert.deepEqual(done, [])
  assert.deepEqual(
    before.findings.map(({ fixable, fixed }) => [fixable, fixed]),
    [
      [true, null],
      [true, null],
      [false, null],
    ],
  )
  const after = await examine(all, healthyHost(), true, never)
  assert.deepEqual(done, ['a'])
  assert.deepEqual(
    after.findings.map(({ fixed, error }) => [fixed, error]),
    [
      [true, null],
      [false, 'no'],
      [null, null],
    ],
  )
  assert.equal(after.healthy, false)
  const rest = [check('one', async () => [trouble('a', async () => undefined)])]
  assert.equal((await examine(rest, healthyHost(), true, never)).healthy, true)
})

test('what cannot be known is no fault', async () => {
  const report = await examine([check('one', async () => ({ unknown: 'x' }))], healthyHost(), false, never)
  assert.equal(report.healthy, true)
})

test('nobody waits for a look that hangs; the others go on beside it', async () => {
  const clock = movingClock()
  const looked: string[] = []
  const hanging = check('hanging', () => new Promise(() => undefined))
  const other = check('other', async () => {
    looked.push('other')
    return []
  })
  const report = examine([hanging, other], healthyHost({ clock }), false, never)
  await clock.pass(3)
  assert.deepEqual(looked, ['other'])
  await clock.pass(5)
  assert.deepEqual((await report).checks, [
    { name: 'hanging', state: 'unknown', text: 'It took longer than 7 seconds' },
    { name: 'other', state: 'good', text: '' },
  ])
})

test('whoever asked can give up', async () => {
  const giving = new AbortController()
  const hanging = check('hanging', () => new Promise(() => undefined))
  const report = examine([hanging], healthyHost({ clock: movingClock() }), false, giving.signal)
  giving.abort(new Error('enough'))
  await assert.rejects(report, /enough/)
})

test('what an update makes look wrong is not looked at meanwhile', async () => {
  let busy = true
  const resting: Check = { ...check('resting', async () => [trouble('x')]), needsRest: true }
  const host = healthyHost({ isBusy: () => busy })
  const state = async (all: readonly Check[]): Promise<unknown> =>
    (await examine(all, host, true, never)).checks.map((one) => one.state)
  assert.deepEqual(await state([resting, check('other', async () => [])]), ['unknown', 'good'])
  busy = false
  const beginning: Check = {
    ...resting,
    look: async () => {
      busy = true
      return [trouble('x', () => assert.fail('it was repaired'))]
    },
  }
  assert.deepEqual(await state([beginning]), ['unknown'])
})
