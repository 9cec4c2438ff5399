import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlanQuestion } from '../../src/engine/engine.js'
import { movingClock } from '../support/clock.js'
import { dependencyScene, requirements } from '../support/dependency-scene.js'
import { heldCommands, kind, upgradeOf } from '../support/jobs.js'
import { goTo, heldIn, pythonScene } from '../support/python-scene.js'
import { nothingUnderWay, planOf, refusal, tip } from '../support/scene.js'

const old = { [requirements]: 'demo>=1.0\n' }
const now = { [requirements]: 'demo>=2.0\n' }

test('while a print runs no plan of a checkout starts pip, and it tells what the files say', async (t) => {
  const at = await dependencyScene(t, old, now)
  at.bench.printer.printing = true
  const { app } = await planOf(at, 'upgrade')
  assert.deepEqual(at.index.asked, [])
  assert.equal(app.python?.[0]?.name, 'demo')
  assert.ok(
    app.warnings.includes('Exact versions are not known: pip is not started while Klippy is printing.'),
    app.warnings.join('\n'),
  )
})

test('while a print runs no version is looked for in the index, neither for a plan nor for a pin', async (t) => {
  const scene = await pythonScene(t)
  const { engine, printer } = scene.bench
  printer.printing = true
  const asked = scene.index.asked.length
  const question: PlanQuestion = {
    goal: 'upgrade',
    names: ['app'],
    version: '2.0.0b1',
    hard: false,
    check: 'all',
  }
  await assert.rejects(engine.plan(question), kind('printing'))
  await assert.rejects(engine.pin('app', '2.0.0b1'), kind('printing'))
  assert.equal(scene.index.asked.length, asked)
  assert.equal(await engine.pin('app', '1.1.0'), '1.1.0', 'what was offered is known')
})

test('a print that begins before pip is to install: all is undone, and what was to wait waits again', async (t) => {
  const { commands, hold } = await heldCommands()
  const clock = movingClock()
  const at = await dependencyScene(t, old, now, { outside: { commands, clock } })
  const { engine, printer } = at.bench
  const { reached, release } = hold('cp')
  const job = await engine.change(upgradeOf('app', { when: 'idle', background: true }))
  await clock.pass(62)
  await reached
  printer.printing = true
  release()
  await at.bench.untilTold(
    ({ id, stage, started_at: began }) =>
      id === job?.id && stage === 'waits for the end of the print' && began !== null,
  )
  assert.equal(at.head(), at.old)
  assert.equal(at.says('demo'), 'demo 1.0')
  nothingUnderWay(at)
  const { total } = await engine.history({ name: null, limit: 1, offset: 0 })
  assert.equal(total, 0)
  printer.printing = false
  await clock.pass(62)
  await at.bench.untilTold(({ id, state }) => id === job?.id && state === 'done')
  assert.deepEqual([at.head(), at.says('demo')], [tip(at), 'demo 2.0'])
})

test('a print that begins before pip is to install a Python application: it fails, and is undone', async (t) => {
  let begun = (): void => undefined
  const onJob = ({ state }: { readonly state: string }): void => {
    if (state === 'running') begun()
  }
  const scene = await pythonScene(t, { overrides: { onJob } })
  begun = () => (scene.bench.printer.printing = true)
  const { kind: code, message } = await refusal(() => goTo(scene, 'upgrade'))
  assert.deepEqual([code, message.includes('pip is not started')], ['printing', true])
  assert.equal(scene.runs(), 'toyapp 1.0.0')
  assert.deepEqual(heldIn(scene), [])
})
