import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import type { Policy } from '../../src/engine/application.js'
import { systemFiles } from '../../src/system/files.js'
import { hastyClock, standingClock } from '../support/clock.js'
import { latch } from '../support/engine.js'
import { notRunning, running, scriptedServices, type ScriptedServices } from '../support/services.js'
import { setScene, type SetScene, type SetWorld } from '../support/set-bench.js'

const kindOf = (thrown: unknown): unknown => (thrown instanceof MoonkeeperError ? thrown.kind : thrown)

interface GateScene extends SetScene {
  readonly services: ScriptedServices
  /** Services in the order of their restarts, each with the version that was there then. */
  readonly restarts: string[]
}

/** From the first restart on, a service is seen as the script says. */
const scene = async (
  t: TestContext,
  after: (services: ScriptedServices) => void = () => undefined,
  change: (world: SetWorld) => void = () => undefined,
  names: readonly string[] = ['app'],
): Promise<GateScene> => {
  const services = scriptedServices()
  const restarts: string[] = []
  names.forEach((name) => services.play(name, running()))
  const at = await setScene(t, names, (world) => {
    world.clock = hastyClock()
    world.services.state = (name, signal) => services.state(name, signal)
    world.services.restart = async (service: string) => {
      restarts.push(`${service} ${at.version(service)}`)
      after(services)
    }
    names.forEach((name) => world.policies.set(name, { settle_time: 2 }))
    change(world)
  })
  return { ...at, services, restarts }
}

/** Undone, the old version started again, and the reason told wherever somebody looks. */
const isUndone = (at: GateScene, thrown: unknown, reason: RegExp, name = 'app'): void => {
  assert.equal(kindOf(thrown), 'health_failed', String(thrown))
  assert.match(String(thrown), reason)
  assert.equal(at.version(name), 'v1.0.0')
  assert.equal(at.restarts.at(-1), `${name} v1.0.0`)
  const job = at.bench.job()
  assert.deepEqual([job.state, job.error?.code], ['failed', 'health_failed'])
  assert.match(job.error?.message ?? '', reason)
  const last = at.bench.lines.at(-1)
  assert.equal(last?.complete, true)
  assert.match(last.message, /^Error updating /)
  assert.match(last.message, reason)
  const warnings = at.bench.status(name).warnings.join('\n')
  assert.match(warnings, /the last update was undone\. /)
  assert.match(warnings, reason)
}

describe('a service', () => {
  test('that stays up is no reason to go back', async (t) => {
    const at = await scene(t)
    assert.equal(await at.bench.ask({ atomic: false }), null)
    assert.match(at.version('app'), /^v1\.1\.0/)
    assert.ok(at.services.looks.length >= 3)
    assert.deepEqual(at.bench.status('app').warnings, [])
    assert.equal(at.restarts.length, 1)
  })

  test('that does not come up undoes the update', async (t) => {
    const at = await scene(t, (services) => services.play('app', notRunning('failed')))
    isUndone(at, await at.bench.ask({ atomic: false }), /Service app failed within 1 second/)
    assert.equal(at.restarts.length, 2)
    assert.deepEqual(await at.outcomes(), [['app', 'v1.0.0-0', 'v1.1.0-1', 'failed', 'health_failed']])
  })

  test('that is restarted in a loop undoes the update', async (t) => {
    const at = await scene(t, (services) =>
      services.play('app', running({ restarts: 1 }), running({ restarts: 2, since: '2000' })),
    )
    isUndone(at, await at.bench.ask({ atomic: false }), /Service app was restarted 1 time within/)
  })

  test('that was broken before is not blamed on the update', async (t) => {
    const at = await scene(t)
    at.services.play('app', notRunning('failed'))
    assert.equal(await at.bench.ask({ atomic: false }), null)
    assert.match(at.version('app'), /^v1\.1\.0/)
    assert.ok(at.bench.lines.some(({ message }) => /Not looking at service app/.test(message)))
  })

  test('of one of a set undoes them all, and is told at each; no look goes on after the first that failed', async (t) => {
    const names = ['one', 'two', 'three']
    const clock = hastyClock()
    const at = await scene(
      t,
      (services) => services.play('two', notRunning('failed')),
      (world) => {
        world.clock = clock
        names.forEach((name) => world.policies.set(name, { settle_time: 600 }))
      },
      names,
    )
    const thrown = await at.bench.ask()
    for (const name of names) {
      assert.equal(at.version(name), 'v1.0.0')
      assert.match(
        at.bench.status(name).warnings.join(),
        new RegExp(`^${name}: the last update was undone\\. Service two`),
      )
    }
    assert.equal(kindOf(thrown), 'health_failed')
    assert.deepEqual(at.restarts.slice(-3), ['three v1.0.0', 'two v1.0.0', 'one v1.0.0'])
    const lines = at.bench.lines.map(({ message }) => message)
    const undoing = lines.findLastIndex((line) => /Restarting service three/.test(line))
    assert.deepEqual(
      lines.slice(undoing).filter((line) => line.startsWith('Still looking')),
      [],
    )
    assert.ok(clock.waits.length < 10, `${clock.waits.length} waits`)
  })
})

const serve = async (t: TestContext): Promise<{ url: string; status: number; asked: number }> => {
  const web = { url: '', status: 200, asked: 0 }
  const server = createServer((_request, response) => {
    web.asked += 1
    response.writeHead(web.status).end('text')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  web.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health?token=secret`
  return web
}

const own = (policy: Partial<Policy>) => (world: SetWorld) =>
  void world.policies.set('app', { settle_time: 0, ...policy })

describe('health_url and health_command', () => {
  test('that succeed let it pass', async (t) => {
    const web = await serve(t)
    const at = await scene(t, undefined, own({ health_url: web.url, health_command: 'true' }))
    assert.equal(await at.bench.ask({ atomic: false }), null)
    assert.equal(web.asked, 2)
  })

  test('an address that answers with an error undoes it, and its query is not told', async (t) => {
    const web = await serve(t)
    const at = await scene(t, () => void (web.status = 500), own({ health_url: web.url }))
    const thrown = await at.bench.ask({ atomic: false })
    isUndone(at, thrown, /\/health did not answer with success/)
    assert.doesNotMatch(String(thrown), /secret/)
  })

  test('a command that fails undoes it; what it said is harmless, survives a start, and goes with the next good update', async (t) => {
    const at = await scene(t)
    const script = path.join(at.folder, 'check.sh')
    const text =
      '#!/bin/sh\n[ -e "$1" ] && exit 0\necho "<img src=x onerror=alert(1)> no heater" >&2; exit 1\n'
    await systemFiles.writeText(script, text)
    const up = path.join(at.folder, 'up')
    await systemFiles.writeText(up, '')
    own({ health_command: `sh ${script} ${up}` })(at.world)
    const first = await at.restart()
    const begun = { ...at, bench: first }
    at.world.services.restart = async () => {
      at.restarts.push(`app ${at.version('app')}`)
      await systemFiles.remove(up)
    }
    isUndone(begun, await first.ask({ atomic: false }), /no heater/)
    assert.doesNotMatch(first.status('app').warnings.join(), /<img/)
    assert.doesNotMatch(first.lines.at(-1)?.message ?? '', /<img/)
    await first.engine.stop()
    const next = await at.restart()
    assert.match(next.status('app').warnings.join(), /no heater/)
    await systemFiles.writeText(up, '')
    at.world.services.restart = async () => undefined
    assert.equal(await next.ask({ atomic: false }), null)
    assert.deepEqual(next.status('app').warnings, [])
  })
})

test('Klipper that is not ready again undoes it', async (t) => {
  const names = ['klipper']
  const at = await scene(
    t,
    undefined,
    (world) => {
      world.printer.state = 'ready'
      world.policies.set('klipper', { settle_time: 0 })
    },
    names,
  )
  at.world.services.restart = async () => {
    at.restarts.push(`klipper ${at.version('klipper')}`)
    at.world.printer.state = at.version('klipper') === 'v1.0.0' ? 'ready' : 'error'
  }
  isUndone(at, await at.bench.ask({ atomic: false }), /Klipper was not ready within 120 seconds/, 'klipper')
})

test('where nothing is to be asked, and where nothing has to settle, nothing is waited for', async (t) => {
  for (const change of [
    (world: SetWorld) => void (world.services.state = async () => null),
    own({ settle_time: 0 }),
  ]) {
    const clock = hastyClock()
    const at = await scene(t, undefined, (world) => {
      change(world)
      world.clock = clock
    })
    assert.equal(await at.bench.ask({ atomic: false }), null)
    assert.deepEqual(clock.waits, [])
  }
})

/** A clock whose waits in the gate never end. */
const waiting = async (t: TestContext): Promise<{ at: GateScene; reached: Promise<void> }> => {
  const { clock, reached } = standingClock()
  const at = await scene(t, undefined, (world) => Object.assign(world, { clock, lockTimeout: 1_000 }))
  return { at, reached }
}

describe('in the gate', () => {
  test('a cancel undoes it', async (t) => {
    const { at, reached } = await waiting(t)
    const asked = at.bench.ask({ atomic: false })
    await reached
    assert.equal(at.bench.job().stage, 'looking whether it runs')
    await at.bench.engine.cancelJob(at.bench.job().id)
    assert.equal(kindOf(await asked), 'cancelled')
    assert.deepEqual([at.version('app'), at.restarts.at(-1)], ['v1.0.0', 'app v1.0.0'])
    assert.equal(at.bench.job().state, 'cancelled')
    assert.deepEqual(at.bench.status('app').warnings, [])
    assert.deepEqual(
      (await at.outcomes()).map(([, , , outcome]) => outcome),
      ['cancelled'],
    )
  })

  test('a stop undoes it', async (t) => {
    const { at, reached } = await waiting(t)
    const asked = at.bench.ask({ atomic: false })
    await reached
    await at.bench.engine.stop()
    assert.equal(kindOf(await asked), 'shutting_down')
    assert.equal(at.version('app'), 'v1.0.0')
    assert.deepEqual([at.bench.job().state, at.bench.job().error?.code], ['failed', 'shutting_down'])
  })

  test('a cancel that comes while it is undone is not why', async (t) => {
    const at = await scene(t, (services) => services.play('app', notRunning('failed')))
    const undoing = latch()
    const go = latch()
    at.world.faults.set('app', {
      undo: async () => {
        undoing.open()
        await go.opened
      },
    })
    const asked = at.bench.ask({ atomic: false })
    await undoing.opened
    const cancelled = at.bench.engine.cancelJob(at.bench.job().id).catch(kindOf)
    go.open()
    assert.equal(await cancelled, 'job_ended')
    isUndone(at, await asked, /Service app failed/)
  })
})

describe('a look that hangs', () => {
  const hanging = (): Promise<never> => new Promise(() => undefined)

  for (const when of ['before', 'after'] as const) {
    test(`${when} the update ends with a cancel`, async (t) => {
      const reached = latch()
      const at = await scene(t)
      at.world.services.state = () => {
        if (when === 'after' && at.restarts.length === 0) return Promise.resolve(running())
        reached.open()
        return hanging()
      }
      const asked = at.bench.ask({ atomic: false })
      await reached.opened
      await at.bench.engine.cancelJob(at.bench.job().id)
      assert.equal(kindOf(await asked), 'cancelled')
      assert.equal(at.version('app'), 'v1.0.0')
    })
  }

  test('is ended by lock_timeout', async (t) => {
    const clock = hastyClock()
    // Time goes by only while it hangs; nothing else keeps the process alive.
    let hangs = false
    const alive = setInterval(() => (clock.time += hangs ? 2_000 : 0), 100)
    t.after(() => clearInterval(alive))
    const at = await scene(t, undefined, (world) => void (world.clock = clock))
    at.world.services.state = () => {
      hangs = true
      return hanging()
    }
    assert.equal(kindOf(await at.bench.ask({ atomic: false })), 'stalled')
    assert.equal(at.version('app'), 'v1.0.0')
  })
})
