import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { heldCommands, kind, machine, upgradeOf } from '../support/jobs.js'
import { realCommands } from '../support/surroundings.js'

describe('what is done between two operations', () => {
  test('begins after the one that runs, and keeps the next one waiting', async (t) => {
    const at = await machine(t, 'one', 'two')
    const { commands, hold } = await heldCommands()
    const { engine } = await at.begin({ commands })
    const held = hold('merge')
    const first = engine.change(upgradeOf('one'))
    await held.reached
    let second: Promise<unknown> = Promise.resolve()
    const alone = engine.alone(async () => {
      assert.match(at.version('one'), /^v1\.1\.0/)
      assert.equal(engine.status().value.busy, false)
      second = engine.change(upgradeOf('two'))
      // Whatever it takes to begin: it has not.
      await (await realCommands()).run(['git', '--version'])
      const job = engine.jobs.list({ limit: 1, offset: 0 }).jobs[0]
      assert.deepEqual([job?.applications[0]?.name, job?.state], ['two', 'queued'])
    })
    held.release()
    await Promise.all([first, alone])
    await second
    assert.match(at.version('two'), /^v1\.1\.0/)
  })

  test('does not begin under a print; what fails is told, and keeps nobody from going on', async (t) => {
    const at = await machine(t, 'one')
    const { engine, printer } = await at.begin()
    printer.printing = true
    const nothing = (): Promise<void> => assert.fail('it was done')
    await assert.rejects(engine.alone(nothing), kind('recovery_while_printing'))
    printer.printing = false
    await assert.rejects(
      engine.alone(() => Promise.reject(new Error('no'))),
      /^Error: no$/,
    )
    await engine.change(upgradeOf('one'))
    assert.match(at.version('one'), /^v1\.1\.0/)
  })
})
