import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Announcer } from '../../src/engine/progress.js'
import { watchdog } from '../../src/engine/watchdog.js'
import { movingClock } from '../support/clock.js'
import { silentLog } from '../support/surroundings.js'

const rig = (t: TestContext, mayBeSilent: () => boolean = () => false) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const clock = movingClock()
  const notifier = { updateResponse: () => {}, updateRefreshed: () => {}, updateJob: () => {} }
  const announcer = new Announcer(
    'app',
    1,
    notifier,
    () => clock.now(),
    false,
    silentLog,
    () => {},
  )
  const { signal, stop } = watchdog(announcer, clock, 60_000, new AbortController().signal, mayBeSilent)
  t.after(stop)
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      clock.set(clock.now() + 1000)
      t.mock.timers.tick(1000)
    }
  }
  return { announcer, clock, signal, pass }
}

test('silence is stopped after its time, and every line begins it anew', (t) => {
  const { announcer, signal, pass } = rig(t)
  pass(59)
  announcer.say('still here')
  pass(59)
  assert.equal(signal.aborted, false)
  pass(2)
  assert.equal(signal.reason, announcer.stalled)
  assert.equal(announcer.stalled?.kind, 'stalled')
})

test('what may be silent is not stopped', (t) => {
  const { signal, pass } = rig(t, () => true)
  pass(3600)
  assert.equal(signal.aborted, false)
})

for (const day of [86_400_000, -86_400_000])
  test(`a clock that is set by ${day} ms is no silence`, (t) => {
    const { clock, signal, pass } = rig(t)
    clock.set(clock.now() + day)
    pass(50)
    assert.equal(signal.aborted, false)
    pass(12)
    assert.equal(signal.aborted, true)
  })
