import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { ServerFacts } from '../../src/methods/context.js'
import { createServerFacts } from '../../src/parts/server.js'
import { configScene } from '../support/config.js'
import { fakeApp } from '../support/rpc.js'

const factsOf = async (t: TestContext, text: string): Promise<ServerFacts> => {
  const configuration = await (await configScene(t, text)).load()
  return createServerFacts({
    configuration: () => configuration,
    printer: fakeApp().printer,
    warnings: () => [],
    connections: () => 0,
    version: '1.2.3',
    restart: () => Promise.resolve(),
  })
}

describe('components of server.info', () => {
  const moonrakersOrder = [
    'klippy_connection',
    'application',
    'websockets',
    'database',
    'file_manager',
    'authorization',
    'klippy_apis',
    'machine',
    'data_store',
    'proc_stats',
    'announcements',
    'webcam',
    'extensions',
    'octoprint_compat',
    'update_manager',
  ]

  test('name what is served: OctoPrint where [octoprint_compat] is', async (t) => {
    const facts = await factsOf(t, '[octoprint_compat]\n')
    assert.deepEqual(facts.info(false).components, moonrakersOrder)
    assert.deepEqual(facts.octoprint(), { version: 'v0.10.0-0-moonkeeper-1.2.3', ready: false })
    assert.ok('octoprint_compat' in facts.config().config)
  })

  test('do not name what is not', async (t) => {
    const facts = await factsOf(t, '')
    assert.deepEqual(
      facts.info(false).components,
      moonrakersOrder.filter((name) => name !== 'octoprint_compat'),
    )
    assert.equal(facts.octoprint(), null)
    assert.ok(!('octoprint_compat' in facts.config().config))
  })
})
