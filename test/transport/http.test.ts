import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { MoonkeeperError } from '../../src/contract/error.js'
import type { Change } from '../../src/engine/change.js'
import { Serialized } from '../../src/contract/serialized.js'
import { fakeApp, fakeEngine } from '../support/rpc.js'
import { ask, openRaw, readAll, serve } from '../support/socket.js'
import type { HttpReply, Served } from '../support/socket.js'

const json = { 'Content-Type': 'application/json' }
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const multipart = { 'Content-Type': 'multipart/form-data; boundary="aB"' }
const text = { 'Content-Type': 'text/plain' }

/** An engine that refuses every name with a text that shows it. */
const unknown = ({ names }: Pick<Change, 'names'>): Promise<never> =>
  Promise.reject(new MoonkeeperError('unknown_application', `Updater ${names?.join()} not available`))
const engine = fakeEngine({ change: unknown })

let served: Served
before(async () => (served = await serve(fakeApp(engine))))
after(() => served.stop())

const errorOf = ({ json: body }: HttpReply): unknown => (body as { error: unknown }).error
const codeOf = (reply: HttpReply): string => (errorOf(reply) as { data: { code: string } }).data.code
const error = (code: number, message: string, kind: string): unknown => ({
  code,
  message,
  traceback: '',
  data: { code: kind },
})

describe('paths and verbs', () => {
  const table: readonly [verb: string, path: string, status: number, allow?: string][] = [
    ['GET', '/', 200],
    ['GET', '/server/info', 200],
    ['GET', '/server/info?_=123&token=zz&connection_id=5', 200],
    ['HEAD', '/server/info', 405, 'GET'],
    ['POST', '/server/info', 405, 'GET'],
    ['PUT', '/server/info', 405, 'GET'],
    ['PATCH', '/server/info', 405, 'GET'],
    ['DELETE', '/server/info', 405, 'GET'],
    ['OPTIONS', '/server/info', 405, 'GET'],
    ['OPTIONS', '/no/such', 404],
    ['GET', '/no/such', 404],
    ['HEAD', '/no/such', 404],
    ['POST', '/no/such', 404],
    ['GET', '/server', 404],
    ['GET', '/server/info/', 404],
    ['GET', '//server/info', 404],
    ['GET', '/Server/Info', 404],
    ['GET', '/constructor', 404],
    ['GET', '/machine/update/upgrade?name=x', 405, 'POST'],
    ['DELETE', '/machine/update/upgrade', 405, 'POST'],
    ['GET', '/server/websocket/id', 404],
    ['POST', '/server/connection/identify', 404],
    ['GET', '/server/jsonrpc', 405, 'POST'],
  ]
  for (const [verb, path, status, allow] of table)
    test(`${verb} ${path}`, async () => {
      const reply = await ask(served.port, verb, path)
      assert.equal(reply.status, status)
      assert.equal(reply.headers.allow, allow)
      if (verb === 'HEAD') assert.equal(reply.body, '')
      else if (status === 404) assert.deepEqual(errorOf(reply), error(404, 'Not Found', 'method_not_found'))
      else if (status === 405)
        assert.deepEqual(errorOf(reply), error(405, 'Method Not Allowed', 'method_not_found'))
    })

  test('the page at / names the product and its version', async () => {
    const { body, headers } = await ask(served.port, 'GET', '/')
    assert.match(headers['content-type'] ?? '', /^text\/html/)
    assert.match(body, /Moonkeeper v1\.2\.3/)
  })
})

describe('results', () => {
  test('are wrapped, serialised ones as they are', async () => {
    const status = new Serialized({} as never, '{"as":  "it is"}')
    const other = await serve(fakeApp(fakeEngine({ status: () => status })))
    const { body, headers } = await ask(other.port, 'GET', '/machine/update/status')
    assert.equal(body, '{"result":{"as":  "it is"}}')
    assert.equal(headers['content-type'], 'application/json; charset=UTF-8')
    await other.stop()
  })

  test('have an ETag, and are not sent twice', async () => {
    const { headers } = await ask(served.port, 'GET', '/server/info')
    const etag = headers.etag ?? ''
    assert.match(etag, /^"[0-9a-f]{40}"$/)
    for (const wanted of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const reply = await ask(served.port, 'GET', '/server/info', { 'If-None-Match': wanted })
      assert.equal(reply.status, 304)
      assert.equal(reply.body, '')
    }
    assert.equal((await ask(served.port, 'GET', '/server/info', { 'If-None-Match': '"x"' })).status, 200)
    assert.equal((await ask(served.port, 'POST', '/server/restart', { 'If-None-Match': '*' })).status, 200)
  })
})

describe('arguments', () => {
  const client = '/machine/update/client'
  const fields = (...parts: string[]): string =>
    `${parts.map((part) => `--aB\r\n${part}\r\n`).join('')}--aB--\r\n`
  const field = (name: string, value: string): string =>
    `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`
  const ok = 'ok'
  /** The name the engine was asked for; ok when it was asked for all; else the refusal. */
  const table: readonly [
    name: string,
    query: string,
    headers: Record<string, string>,
    body: string,
    asked: string,
  ][] = [
    ['query', '?name=nope', {}, '', 'nope'],
    ['form', '', form, 'name=nope', 'nope'],
    ['form over query', '?name=query', form, 'name=body', 'body'],
    ['multipart', '', multipart, fields(field('name', 'nope')), 'nope'],
    ['multipart, several', '', multipart, fields(field('x', 'y'), field('name', 'ü\r\nz')), 'ü\r\nz'],
    [
      'multipart, a file',
      '',
      multipart,
      fields('Content-Disposition: form-data; name="name"; filename="f"\r\n\r\nx'),
      ok,
    ],
    ['multipart, broken', '', multipart, '--aB\r\nnonsense', ok],
    ['multipart, no boundary', '', { 'Content-Type': 'multipart/form-data' }, fields(field('name', 'x')), ok],
    ['json', '', json, '{"name":"nope"}', 'nope'],
    [
      'json with charset',
      '',
      { 'Content-Type': 'application/json; charset=utf-8' },
      '{"name":"nope"}',
      'nope',
    ],
    ['json over query', '?name=query', json, '{"name":"body"}', 'body'],
    ['json without its type', '', {}, '{"name":"nope"}', 'nope'],
    ['json as curl sends it', '', form, ' {"name":"nope"}', 'nope'],
    ['json as text, where it would update everything', '', text, '{"name":"nope"}', 'nope'],
    ['text', '', text, 'nope', ok],
    ['broken json', '?name=query', json, '{"name":', 'query'],
    ['pairs', '', json, '[["name","nope"]]', 'nope'],
    ['last wins', '?name=a&name=b', {}, '', 'b'],
    ['blank', '?name=', {}, '', ''],
    ['no value', '?name', {}, '', ''],
    ['plus and percent', '?name=a+b%20c%2Bd', {}, '', 'a b c+d'],
    ['percent that is none', '?name=100%zz', {}, '', '100%zz'],
    ['equals', '?name=a=b', {}, '', 'a=b'],
    ['question mark', '?name=a?b', {}, '', 'a?b'],
    ['spaces', '?name=%20a%20', {}, '', 'a'],
    ['control characters', '?name=a%01b', {}, '', 'a b'],
    ['unicode', '?name=%C3%BC', {}, '', 'ü'],
    ['int', '?name:int=3', {}, '', '3'],
    ['no int', '?name:int=x', {}, '', 'x'],
    ['float', '?name:float=1.5', {}, '', '1.5'],
    ['bool', '?name:bool=TRUE', {}, '', 'True'],
    ['no bool', '?name:bool=zzz', {}, '', 'False'],
    ['json hint', '?name:json=[1]', {}, '', '[1]'],
    ['no json', '?name:json=[', {}, '', '['],
    ['unknown hint', '?name:nohint=x', {}, '', 'x'],
    ['a hint every object has', '?name:constructor=x', {}, '', 'x'],
    ['hint in a form', '', form, 'name:int=3', '3'],
    ['prototype', '?__proto__=x', json, '{"__proto__":{"name":"x"}}', ok],
  ]
  for (const [name, query, headers, body, asked] of table)
    test(name, async () => {
      const upgraded: string[] = []
      const app = fakeApp(
        fakeEngine({
          change: async ({ names }) => {
            upgraded.push(...(names ?? [ok]))
            return null
          },
        }),
      )
      const other = await serve(app)
      const reply = await ask(other.port, 'POST', client + query, headers, body)
      assert.equal(reply.body, '{"result":"ok"}')
      assert.deepEqual(upgraded, [asked])
      await other.stop()
    })

  const refused: readonly [
    name: string,
    verb: string,
    path: string,
    headers: Record<string, string>,
    body: string,
    status: number,
    message: string,
  ][] = [
    ['none', 'POST', '/machine/update/recover', {}, '', 400, 'No data for argument: name'],
    [
      'json as text, where a name is needed',
      'POST',
      '/machine/update/recover',
      text,
      '{"name":"x"}',
      400,
      'No data for argument: name',
    ],
    ['broken json', 'POST', '/machine/update/recover', json, '{"name":', 400, 'No data for argument: name'],
    ['json list', 'POST', '/machine/update/recover', json, '[1,2]', 500, 'Internal Server Error'],
    ['json null', 'POST', '/machine/update/recover', json, 'null', 500, 'Internal Server Error'],
    ['json string', 'POST', '/machine/update/recover', json, '"x"', 500, 'Internal Server Error'],
    ['no UTF-8', 'POST', '/machine/update/client?name=%ff', {}, '', 500, 'Internal Server Error'],
    ['a body with GET', 'GET', '/machine/update/status', json, '{"refresh":"zzz"}', 400, 'Unknown'],
    ['refresh=1', 'GET', '/machine/update/status?refresh=1', {}, '', 400, 'Unknown'],
    ['refresh=', 'GET', '/machine/update/status?refresh=', {}, '', 400, 'Unknown'],
    ['refresh:int=1', 'GET', '/machine/update/status?refresh:int=1', {}, '', 400, 'Unknown'],
  ]
  for (const [name, verb, path, headers, body, status, message] of refused)
    test(`refused: ${name}`, async () => {
      const reply = await ask(served.port, verb, path, headers, body)
      assert.equal(reply.status, status)
      assert.equal(reply.reason, message)
      assert.equal((errorOf(reply) as { message: string }).message, message)
    })
})

describe('refusals', () => {
  const reasons: readonly [name: string, path: string, reason: string][] = [
    ['plain', '?name=nope', 'Updater nope not available'],
    ['quotes', '?name=\'"', `Updater '" not available`],
    ['unicode', '?name=%C3%BC', Buffer.from('Updater ü not available').toString('latin1')],
    ['outside latin1', '?name=%E2%82%AC', 'Unknown'],
    ['a line break', '?name=a%0Ab', 'Unknown'],
    ['markup', '?name=%3Cb%3E', 'Unknown'],
    ['endless', `?name=${'x'.repeat(2000)}`, 'Unknown'],
  ]
  for (const [name, query, reason] of reasons)
    test(`the status line: ${name}`, async () => {
      const reply = await ask(served.port, 'POST', `/machine/update/client${query}`)
      assert.equal(reply.status, 404)
      assert.equal(reply.reason, reason)
      const message = Buffer.from(reason, 'latin1').toString()
      const { data, ...plain } = errorOf(reply) as { data: { code: string; detail?: string } }
      assert.deepEqual({ ...plain, data: { code: data.code } }, error(404, message, 'unknown_application'))
      // What may not stand in the status line stands beside it.
      if (reason === 'Unknown') assert.match(data.detail ?? '', /^Updater [^]+ not available$/)
      else assert.equal(data.detail, undefined)
    })

  test('the unexpected tells nothing, and is logged once', async () => {
    const thrown = new TypeError('/home/pi/secret')
    const other = await serve(fakeApp(fakeEngine({ change: () => Promise.reject(thrown) })))
    const reply = await ask(other.port, 'POST', '/machine/update/full')
    assert.equal(reply.status, 500)
    assert.deepEqual(errorOf(reply), error(500, 'Internal Server Error', 'internal'))
    assert.equal(other.inside.log.lines.filter(({ level }) => level === 'error').length, 1)
    await other.stop()
  })
})

describe('POST /server/jsonrpc', () => {
  const rpc = (body: string, headers: Record<string, string> = json): Promise<HttpReply> =>
    ask(served.port, 'POST', '/server/jsonrpc', headers, body)
  const info = '{"jsonrpc":"2.0","method":"server.config","id":1}'

  test('answers', async () => {
    const { status, json: body } = await rpc(info)
    assert.equal(status, 200)
    assert.deepEqual(body, { jsonrpc: '2.0', result: { config: {}, orig: {}, files: [] }, id: 1 })
  })
  test('refusals have status 200', async () => {
    const { status, json: body } = await rpc(
      '{"jsonrpc":"2.0","method":"machine.update.client","params":{"name":"nope"},"id":1}',
    )
    assert.equal(status, 200)
    assert.deepEqual((body as { error: unknown }).error, {
      code: -32601,
      message: 'Updater nope not available',
      data: { code: 'unknown_application' },
    })
  })
  for (const silent of ['[]', '{"jsonrpc":"2.0","method":"server.info"}', '{"jsonrpc":"2.0","id":3}'])
    test(`${silent} is answered with nothing`, async () => {
      const { status, headers, body } = await rpc(silent)
      assert.deepEqual([status, body], [200, ''])
      assert.match(headers['content-type'] ?? '', /^text\/html/)
    })
  for (const none of ['42', 'null', '[1,2]'])
    test(`${none} is a 500`, async () => {
      const reply = await rpc(none)
      assert.equal(reply.status, 500)
      assert.deepEqual(errorOf(reply), error(500, 'Internal Server Error', 'internal'))
    })
  for (const headers of [{}, text, form])
    test(`needs its content type, not ${JSON.stringify(headers)}`, async () => {
      const reply = await rpc(info, headers)
      assert.equal(reply.status, 400)
      assert.equal((errorOf(reply) as { message: string }).message, 'Bad Request')
    })
  test('bytes that are no text are a 500', async () => {
    const reply = await ask(served.port, 'POST', '/server/jsonrpc', json, Buffer.from('fffe', 'hex'))
    assert.equal(reply.status, 500)
  })
})

describe('bodies that are too large', () => {
  const mib = 1024 * 1024
  test('REST: over 1 MiB', async () => {
    const reply = await ask(served.port, 'POST', '/machine/update/client', json, 'x'.repeat(mib + 1))
    assert.equal(reply.status, 413)
    assert.equal(codeOf(reply), 'too_large')
  })
  test('REST: 1 MiB', async () => {
    const body = '{"name":"nope"}'.padEnd(mib)
    assert.equal((await ask(served.port, 'POST', '/machine/update/client', json, body)).status, 404)
  })
  test('JSON-RPC: over 10 MiB', async () => {
    assert.equal(
      (await ask(served.port, 'POST', '/server/jsonrpc', json, 'x'.repeat(10 * mib + 1))).status,
      413,
    )
  })
  test('in pieces, without a length', async () => {
    const socket = await openRaw(served.port)
    const all = readAll(socket)
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    socket.write(
      'POST /machine/update/client HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    for (let sent = 0; sent < 20; sent += 1) socket.write(chunk)
    socket.write('0\r\n\r\n')
    assert.match(await all, /^HTTP\/1\.1 413 /)
  })
  test('announced as endless: refused at once', async () => {
    const socket = await openRaw(served.port)
    const all = readAll(socket)
    socket.write(
      `POST /machine/update/client HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${2 ** 40}\r\n\r\n`,
    )
    assert.match(await all, /^HTTP\/1\.1 413 [\s\S]*Connection: close/i)
  })
})

describe('where a request comes from', () => {
  const path = '/machine/update/client?name=nope'
  const table: readonly [
    name: string,
    verb: string,
    path: string,
    headers: Record<string, string>,
    status: number,
  ][] = [
    ['no origin', 'POST', path, {}, 404],
    ['same origin', 'POST', path, { Host: 'pi.local', Origin: 'http://pi.local' }, 404],
    ['foreign origin', 'POST', path, { Origin: 'http://evil.test' }, 403],
    ['foreign port', 'POST', path, { Host: 'pi.local', Origin: 'http://pi.local:8080' }, 403],
    ['an origin that hides', 'POST', path, { Origin: 'null' }, 403],
    ['cross-site without origin', 'POST', path, { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['same-origin', 'POST', path, { 'Sec-Fetch-Site': 'same-origin' }, 404],
    ['foreign origin that looks', 'GET', '/server/info', { Origin: 'http://evil.test' }, 200],
    ['foreign link', 'GET', '/', { 'Sec-Fetch-Site': 'cross-site' }, 200],
    ['foreign preflight', 'OPTIONS', '/server/info', { Origin: 'http://evil.test' }, 405],
    ['foreign JSON-RPC', 'POST', '/server/jsonrpc', { ...json, Origin: 'http://evil.test' }, 403],
    ['a public name', 'GET', '/server/info', { Host: 'evil.test' }, 403],
    ['a public name, same origin', 'POST', path, { Host: 'evil.test', Origin: 'http://evil.test' }, 403],
    ['an address', 'GET', '/server/info', { Host: '192.168.1.5:7125' }, 200],
    ['an IPv6 address', 'GET', '/server/info', { Host: '[fe80::1]:7125' }, 200],
    ['a plain name', 'GET', '/server/info', { Host: 'MainsailOS' }, 200],
    ['.local', 'GET', '/server/info', { Host: 'mainsailos.local:80' }, 200],
    ['.home.arpa', 'GET', '/server/info', { Host: 'pi.home.arpa' }, 200],
    ['a public name that ends like a private one', 'GET', '/server/info', { Host: 'evilhome.test' }, 403],
    ['a private name within a public one', 'GET', '/server/info', { Host: 'pi.local.evil.test' }, 403],
  ]
  for (const [name, verb, where, headers, status] of table)
    test(name, async () => {
      const reply = await ask(served.port, verb, where, headers)
      assert.equal(reply.status, status)
      assert.equal(reply.headers['access-control-allow-origin'], undefined)
      if (status === 403) assert.equal(codeOf(reply), 'forbidden')
    })
})

describe('a foreign page that looks', () => {
  const table: readonly [name: string, headers: Record<string, string>, calls: unknown[][]][] = [
    ['a program may ask for a refresh', {}, [['refreshIfAllowed']]],
    ['a foreign Origin may not', { Origin: 'http://evil.test' }, []],
    ['a cross-site image or link may not', { 'Sec-Fetch-Site': 'cross-site' }, []],
  ]
  for (const [name, headers, calls] of table)
    test(name, async () => {
      const engine = fakeEngine()
      const own = await serve(fakeApp(engine))
      const json = { 'Content-Type': 'application/json', ...headers }
      const reply = await ask(own.port, 'GET', '/machine/update/status?refresh=true', headers)
      assert.equal(reply.status, 200)
      assert.deepEqual(engine.calls, calls)
      await ask(own.port, 'GET', '/machine/update/status', json, '{"refresh": true}')
      assert.deepEqual(engine.calls, [...calls, ...calls])
      await own.stop()
    })
})

describe('connections', () => {
  test('are kept for the next request', async () => {
    const socket = await openRaw(served.port)
    const all = readAll(socket)
    const request = 'GET /server/config HTTP/1.1\r\nHost: localhost\r\n'
    socket.write(`${request}\r\n${request}Connection: close\r\n\r\n`)
    assert.equal((await all).split('HTTP/1.1 200 OK').length, 3)
  })

  test('a client that ends its side, or goes in the middle, harms nobody', async () => {
    for (const part of [
      'GET /server/info HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'POST /server/jsonrpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    ]) {
      const half = await openRaw(served.port)
      const all = readAll(half)
      half.end(part)
      await all
      const gone = await openRaw(served.port)
      const closed = readAll(gone)
      gone.write(part)
      gone.destroy()
      await closed
    }
    assert.equal((await ask(served.port, 'GET', '/server/info')).status, 200)
    assert.deepEqual(
      served.inside.log.lines.filter(({ level }) => level === 'error'),
      [],
    )
  })

  test('whatever bytes come, the next request is answered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const socket = await openRaw(served.port)
        const all = readAll(socket)
        socket.end(bytes)
        await all
      }),
      { numRuns: 50 },
    )
    assert.equal((await ask(served.port, 'GET', '/server/info')).status, 200)
  })

  test('whatever is asked, the answer is JSON', async () => {
    const query = fc.string({ unit: 'binary' }).map((value) => encodeURIComponent(value))
    const type = fc.constantFrom(json, form, multipart, text, {})
    await fc.assert(
      fc.asyncProperty(query, type, fc.oneof(fc.json(), fc.string()), async (name, headers, body) => {
        const reply = await ask(served.port, 'POST', `/machine/update/rollback?name=${name}`, headers, body)
        assert.ok([400, 404, 500].includes(reply.status))
        assert.equal(errorOf(reply) !== undefined, true)
      }),
    )
    assert.deepEqual(
      served.inside.log.lines.filter(({ level }) => level === 'error'),
      [],
    )
  })
})

describe('an orderly stop', () => {
  test('waits for what is being answered', async () => {
    let finish = (): void => undefined
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const change = (): Promise<null> =>
      new Promise((resolve) => {
        finish = () => resolve(null)
        begin()
      })
    const other = await serve(fakeApp(fakeEngine({ change })))
    const reply = ask(other.port, 'POST', '/machine/update/full')
    await begun
    other.http.stopAccepting()
    await assert.rejects(openRaw(other.port), /ECONNREFUSED/)
    const stopped = other.stop()
    finish()
    assert.equal((await reply).body, '{"result":"ok"}')
    await stopped
  })

  test('cuts what takes too long', async () => {
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const change = (): Promise<null> => new Promise(() => begin())
    const other = await serve(fakeApp(fakeEngine({ change })))
    const refused = assert.rejects(ask(other.port, 'POST', '/machine/update/full'))
    await begun
    await other.stop()
    await refused
  })
})
