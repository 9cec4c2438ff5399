import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { test, type TestContext } from 'node:test'
import { systemHttp, systemHttpProbe } from '../../src/system/http.js'

const serve = async (t: TestContext, listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  return `http://127.0.0.1:${address.port}`
}

test('redirects on the same host are followed to their end', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.url === '/new/app') return void response.writeHead(200).end('here')
    response.writeHead(301, { location: '/new/app' }).end()
  })
  assert.equal(await systemHttp.finalAddress(`${url}/old/app`), `${url}/new/app`)
})

test('another host over http is not followed, and a circle ends', async (t) => {
  const url = await serve(t, (request, response) => {
    const location = request.url === '/circle' ? '/circle' : 'http://localhost.invalid/'
    response.writeHead(302, { location }).end()
  })
  assert.equal(await systemHttp.finalAddress(`${url}/away`), null)
  assert.equal(await systemHttp.finalAddress(`${url}/circle`), null)
})

test('what does not answer with success is nothing', async (t) => {
  const url = await serve(t, (_request, response) => void response.writeHead(404).end())
  assert.equal(await systemHttp.finalAddress(url), null)
  assert.equal(await systemHttp.finalAddress('http://127.0.0.1:1/'), null)
  assert.equal(await systemHttp.finalAddress('no address'), null)
})

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
