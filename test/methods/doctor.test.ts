import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import type { DoctorReport } from '../../src/contract/generated/types.js'
import type { Scope } from '../../src/contract/requester.js'
import type { AppContext } from '../../src/methods/context.js'
import { createDispatcher } from '../../src/rpc/dispatcher.js'
import { fakeApp, fakeCall, fakeCaller, fakeLog } from '../support/rpc.js'
import { ask, serve } from '../support/socket.js'

const report: DoctorReport = { healthy: true, findings: [], checks: [] }

/** A doctor that notes whether it was told to repair. */
const clinic = (): { readonly app: AppContext; readonly asked: boolean[] } => {
  const asked: boolean[] = []
  const examine = async (fix: boolean): Promise<DoctorReport> => {
    asked.push(fix)
    return report
  }
  return { asked, app: { ...fakeApp(), doctor: { examine } } }
}

const method = 'machine.update.doctor'

test('who may look may not repair; who may update may', async () => {
  const { app, asked } = clinic()
  const by = (scope: Scope, params: Readonly<Record<string, unknown>>): Promise<unknown> =>
    createDispatcher(fakeLog()).invoke(method, params, { ...fakeCall(app), caller: fakeCaller(scope) })
  assert.deepEqual(await by('read', {}), report)
  assert.deepEqual(await by('read', { fix: false }), report)
  for (const fix of [true, 'true'])
    await assert.rejects(
      by('read', { fix }),
      (thrown) =>
        thrown instanceof MoonkeeperError &&
        thrown.kind === 'forbidden' &&
        /machine\.update\.doctor with fix needs update/.test(thrown.message),
    )
  assert.deepEqual(await by('update', { fix: true }), report)
  assert.deepEqual(asked, [false, false, true])
})

const served = async (t: TestContext): Promise<{ readonly port: number; readonly asked: boolean[] }> => {
  const { app, asked } = clinic()
  const server = await serve(app)
  t.after(() => server.stop())
  return { port: server.port, asked }
}

test('over HTTP looking is a GET, and repairing a POST', async (t) => {
  const { port, asked } = await served(t)
  const path = '/machine/update/doctor'
  assert.deepEqual((await ask(port, 'GET', path)).json, { result: report })
  const refused = await ask(port, 'GET', `${path}?fix=true`)
  assert.equal(refused.status, 400)
  assert.match(refused.body, /'fix' is an order: send it with POST/)
  assert.equal((await ask(port, 'POST', `${path}?fix=true`)).status, 200)
  const json = { 'Content-Type': 'application/json' }
  assert.equal((await ask(port, 'POST', path, json, '{"fix": true}')).status, 200)
  assert.deepEqual(asked, [false, true, true])
})

test('a foreign page repairs nothing', async (t) => {
  const { port, asked } = await served(t)
  const headers = { Origin: 'http://evil.example' }
  assert.equal((await ask(port, 'POST', '/machine/update/doctor?fix=true', headers)).status, 403)
  assert.equal((await ask(port, 'GET', '/machine/update/doctor?fix=true', headers)).status, 200)
  assert.deepEqual(asked, [false])
})
