import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { test, type TestContext } from 'node:test'
import { systemHttp } from '../../src/system/http.js'

const serve = async (t: TestContext, listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
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
