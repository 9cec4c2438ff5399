import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemHttpProbe } from '../../src/system/http-probe.js'
import { serveWeb as serve } from '../support/web-server.js'

const never = new AbortController().signal

test('an address answers with any success, and a redirect is not followed', async (t) => {
  const asked: string[] = []
  const url = await serve(t, (request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(Number(request.url?.slice(1)), { location: '/200' }).end('text')
  })
  for (const status of [200, 204, 302, 304])
    assert.equal(await systemHttpProbe.obstacle(`${url}/${status}`, 5_000, never), null)
  for (const status of [400, 404, 503])
    assert.equal(await systemHttpProbe.obstacle(`${url}/${status}`, 5_000, never), `it answered ${status}`)
  assert.deepEqual(asked, ['/200', '/204', '/302', '/304', '/400', '/404', '/503'])
})

test('an address that does not answer is told with why', async (t) => {
  const silent = await serve(t, () => undefined)
  const cut = await serve(t, (request) => void request.destroy())
  assert.equal(await systemHttpProbe.obstacle(silent, 20, never), 'no answer within 0.02 seconds')
  assert.match((await systemHttpProbe.obstacle(cut, 5_000, never)) ?? '', /./)
  assert.match(
    (await systemHttpProbe.obstacle('no address', 5_000, never)) ?? '',
    /Invalid URL|ERR_INVALID_URL/,
  )
})

test('nothing listens on a port that no server takes', async () => {
  assert.equal(await systemHttpProbe.obstacle('http://127.0.0.1:2/', 5_000, never), 'nothing listens there')
})

test('a question to an address ends when it is aborted', async (t) => {
  const control = new AbortController()
  const url = await serve(t, () => control.abort(new Error('enough')))
  await assert.rejects(systemHttpProbe.obstacle(url, 60_000, control.signal), /enough/)
})
