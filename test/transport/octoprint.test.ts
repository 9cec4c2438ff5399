import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { octoprintPaths } from '../../src/transport/octoprint-routes.js'
import { lockedHouse } from '../support/access.js'
import { fakeApp, fakeEngine } from '../support/rpc.js'
import { ask, serve } from '../support/socket.js'

const printer = async (
  t: TestContext,
  facts: { version: string; ready: boolean } | null,
): Promise<number> => {
  const served = await serve(fakeApp(fakeEngine(), { octoprint: () => facts }))
  t.after(() => served.stop())
  return served.port
}

describe('who looks for OctoPrint', () => {
  test('is told what it is, unwrapped', async (t) => {
    const port = await printer(t, { version: 'v0.10.0-0-x', ready: true })
    const version = await ask(port, 'GET', '/api/version')
    assert.equal(version.status, 200)
    assert.match(version.headers['content-type'] ?? '', /^application\/json/)
    assert.deepEqual(version.json, { server: '1.5.0', api: '0.1', text: 'OctoPrint (Moonraker v0.10.0-0-x)' })
  })

  for (const [ready, safemode] of [
    [true, null],
    [false, 'settings'],
  ] as const)
    test(`is told whether Klipper is ready: ${ready}`, async (t) => {
      const { json } = await ask(await printer(t, { version: 'v', ready }), 'GET', '/api/server')
      assert.deepEqual(json, { server: '1.5.0', safemode })
    })

  test('is the one user that OctoPrint has, once let in', async (t) => {
    const { status, json } = await ask(await printer(t, { version: 'v', ready: true }), 'POST', '/api/login')
    assert.equal(status, 200)
    assert.deepEqual(json, {
      _is_external_client: false,
      _login_mechanism: 'apikey',
      name: '_api',
      active: true,
      user: true,
      admin: true,
      apikey: null,
      permissions: [],
      groups: ['admins', 'users'],
    })
  })

  test('is asked for the key first', async (t) => {
    const house = await lockedHouse(t)
    for (const path of octoprintPaths) {
      const verb = path === '/api/login' ? 'POST' : 'GET'
      assert.equal((await house.http(verb, path)).status, 401, path)
      assert.equal((await house.http(verb, path, { 'X-Api-Key': 'wrong' })).status, 401, path)
      assert.equal((await house.http(verb, path, { 'X-Api-Key': house.key })).status, 200, path)
    }
  })

  test('takes the verb that is served', async (t) => {
    const port = await printer(t, { version: 'v', ready: true })
    for (const path of octoprintPaths) {
      const served = path === '/api/login' ? 'POST' : 'GET'
      const { status, headers } = await ask(port, served === 'GET' ? 'POST' : 'GET', path)
      assert.deepEqual([status, headers.allow], [405, served], path)
    }
  })

  test('finds nothing without [octoprint_compat], and nothing of what is not served', async (t) => {
    const without = await printer(t, null)
    for (const path of octoprintPaths) assert.equal((await ask(without, 'GET', path)).status, 404, path)
    const served = await printer(t, { version: 'v', ready: true })
    for (const path of ['/api', '/api/', '/api/job', '/api/files/local', '/api/version/'])
      assert.equal((await ask(served, 'GET', path)).status, 404, path)
  })
})
