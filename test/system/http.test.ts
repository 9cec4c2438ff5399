import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayFollow, systemHttp } from '../../src/system/http.js'
import { serveWeb as serve } from '../support/web-server.js'

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

test('an answer of any status has its headers and its body', async (t) => {
  const url = await serve(t, (_request, response) => void response.writeHead(404, { 'x-a': '1' }).end('no'))
  const answer = await systemHttp.get(url)
  const chunks = await answer.body.toArray()
  assert.deepEqual([answer.status, answer.header('x-a'), answer.header('x-b')], [404, '1', null])
  assert.equal(Buffer.concat(chunks as Buffer[]).toString(), 'no')
})

test('a token goes to the one that was asked, and over no redirect to another', async (t) => {
  const seen: (string | undefined)[] = []
  const other = await serve(t, (request, response) => {
    seen.push(request.headers.authorization)
    response.end()
  })
  const url = await serve(t, (request, response) => {
    seen.push(request.headers.authorization)
    const location = request.url === '/first' ? '/second' : other
    response.writeHead(307, { location }).end()
  })
  const answer = await systemHttp.get(`${url}/first`, { token: 'secret' })
  answer.body.destroy()
  assert.deepEqual(seen, ['Bearer secret', 'Bearer secret', undefined])
})

test('where an address may lead', () => {
  const cases = [
    ['https://a.example/', 'https://b.example/', true],
    ['http://a.example/', 'https://b.example/', true],
    ['http://a.example/', 'http://a.example/x', true],
    ['http://a.example/', 'http://a.example:81/x', false],
    ['http://a.example/', 'http://b.example/', false],
    ['https://a.example/', 'http://a.example/', false],
    ['https://a.example/', 'http://127.0.0.1/', false],
    ['http://a.example/', 'http://localhost/', false],
    ['http://127.0.0.1:1/', 'http://localhost:2/', true],
    ['http://127.0.0.1:1/', 'http://127.0.0.1.example/', false],
    ['https://a.example/', 'https://user:word@b.example/', false],
    ['https://a.example/', 'file:///etc/passwd', false],
  ] as const
  for (const [from, to, allowed] of cases)
    assert.equal(mayFollow(new URL(from), new URL(to)), allowed, `${from} -> ${to}`)
})

test('what does not answer is told with its reason', async (t) => {
  const refused = { kind: 'remote_failed', message: /127\.0\.0\.1:1 \(ECONNREFUSED\)/ }
  await assert.rejects(systemHttp.get('http://127.0.0.1:1/'), refused)
  const silent = await serve(t, () => undefined)
  await assert.rejects(systemHttp.get(silent, { answerLimit: 50 }), {
    kind: 'remote_failed',
    message: /no answer in 0\.05 s/,
  })
  for (const address of ['no address', 'file:///etc/passwd', ''])
    await assert.rejects(systemHttp.get(address), { kind: 'refused' })
})

test('an abort ends the asking and the reading', async (t) => {
  const controllers = [new AbortController(), new AbortController()] as const
  const reason = new Error('stopped')
  const url = await serve(t, (request, response) => {
    if (request.url === '/body') response.writeHead(200).write('x')
    else controllers[0].abort(reason)
  })
  await assert.rejects(systemHttp.get(url, { signal: controllers[0].signal }), reason)
  const answer = await systemHttp.get(`${url}/body`, { signal: controllers[1].signal })
  controllers[1].abort(reason)
  await assert.rejects(answer.body.toArray())
})
