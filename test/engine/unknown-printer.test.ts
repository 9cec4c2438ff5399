import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { movingClock } from '../support/clock.js'
import { kind, machine, upgradeOf } from '../support/jobs.js'

describe('while it is not known whether a print runs', () => {
  test('nothing begins, and the refusal says what to do', async (t) => {
    const at = await machine(t, 'one')
    const { engine, printer } = await at.begin()
    printer.known = false
    const soft = { hard: false, updateDependencies: false }
    await assert.rejects(
      engine.upgrade('one'),
      /^MoonkeeperError: Update Refused: Klipper does not answer.*restart/,
    )
    await assert.rejects(engine.rollback('one'), /Rollback Attempt Refused: Klipper does not answer/)
    await assert.rejects(engine.recover('one', soft), /Recovery Attempt Refused: Klipper does not answer/)
    for (const work of [() => engine.upgradeAll(), () => engine.refuseWhilePrinting('upgrade')])
      await assert.rejects(work(), kind('printer_unknown'))
    assert.equal(at.version('one'), 'v1.0.0')
    printer.known = true
    await engine.upgrade('one')
    assert.match(at.version('one'), /^v1\.1\.0/)
  })

  test('a request waits a moment for the answer, and a print that it tells refuses it', async (t) => {
    const at = await machine(t, 'one', 'two')
    let prints = false
    const { engine, printer } = await at.begin({
      whenKnown: (found) => void Object.assign(found, { known: true, printing: prints }),
    })
    printer.known = false
    await engine.refuseWhilePrinting('upgrade')
    printer.known = false
    await engine.change(upgradeOf('one', { idempotencyKey: 'mine' }))
    assert.match(at.version('one'), /^v1\.1\.0/)
    prints = true
    printer.known = false
    await assert.rejects(engine.refuseWhilePrinting('upgrade'), kind('printing'))
    printer.known = false
    await assert.rejects(engine.upgrade('two'), kind('printing'))
    assert.equal(at.version('two'), 'v1.0.0')
  })

  test('a full update waits for a Klipper that it has just restarted', async (t) => {
    const at = await machine(t, 'one', 'two')
    let waits = 0
    const bench = await at.begin({
      services: { restart: async () => void (bench.printer.known = false) },
      whenKnown: (found) => {
        if (!found.known) waits += 1
        found.known = true
      },
    })
    await bench.engine.upgradeAll()
    assert.match(at.version('two'), /^v1\.1\.0/)
    assert.ok(waits > 0)
  })

  test('what was asked for later waits, and an unattended update is no failure', async (t) => {
    const at = await machine(t, 'one')
    const clock = movingClock()
    const { engine, printer, untilTold } = await at.begin({ clock })
    printer.known = false
    const job = await engine.change(upgradeOf('one', { background: true, when: 'idle' }))
    await clock.pass(120)
    const told = await untilTold(({ stage }) => stage.startsWith('waits'))
    assert.equal(told.stage, 'waits for Klipper to say whether it prints')
    printer.known = true
    await clock.pass(62)
    await untilTold(({ id, state }) => id === job?.id && state === 'done')
    assert.match(at.version('one'), /^v1\.1\.0/)
  })

  test('what was asked for later begins at once where the answer comes in that moment', async (t) => {
    const at = await machine(t, 'one')
    const { engine, printer, untilTold } = await at.begin({
      clock: movingClock(),
      whenKnown: (found) => void (found.known = true),
    })
    printer.known = false
    const job = await engine.change(upgradeOf('one', { background: true, when: 'idle' }))
    assert.equal(job?.starts_at, null)
    await untilTold(({ id, state }) => id === job.id && state === 'done')
    assert.match(at.version('one'), /^v1\.1\.0/)
  })

  test('a restart waits, and says why', async (t) => {
    const at = await machine(t, 'one')
    const clock = movingClock()
    const made: string[] = []
    const bench = await at.begin({
      clock,
      services: { restart: async (service) => void made.push(service) },
      onJob: ({ stage }) => {
        if (stage.startsWith('one: ') && made.length === 0) bench.printer.known = false
      },
    })
    const change = bench.engine.change(upgradeOf('one'))
    await bench.untilTold(({ log }) => log?.some(({ text }) => text.includes('does not say')) === true)
    await clock.pass(30)
    assert.deepEqual(made, [])
    bench.printer.known = true
    await clock.pass(1)
    await change
    assert.deepEqual(made, ['one'])
  })
})
