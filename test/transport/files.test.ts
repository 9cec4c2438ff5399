import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { fakeApp } from '../support/rpc.js'
import { makeRoots, type RootsBench, type RootsOptions } from '../support/roots.js'
import { ask, openRaw, readAll, serve, type HttpReply } from '../support/socket.js'

interface Bench extends RootsBench {
  readonly port: number
  ask(
    verb: string,
    path: string,
    headers?: Record<string, string>,
    body?: string | Buffer,
  ): Promise<HttpReply>
}

const open = async (t: TestContext, options: RootsOptions = {}, prefix = ''): Promise<Bench> => {
  const roots = await makeRoots(t, options)
  const served = await serve({ ...fakeApp(), files: roots.files }, {}, undefined, prefix)
  t.after(() => served.stop())
  return { ...roots, port: served.port, ask: (...request) => ask(served.port, ...request) }
}

const errorOf = ({ json }: HttpReply): unknown => (json as { error?: unknown }).error

describe('a download', () => {
  test('brings the file and says what it is', async (t) => {
    const bench = await open(t)
    const reply = await bench.ask('GET', '/server/files/config/printer.cfg?date=1')
    assert.deepEqual([reply.status, reply.body], [200, 'printer\n'])
    assert.equal(reply.headers['content-type'], 'text/plain')
    assert.equal(reply.headers['content-length'], '8')
    assert.equal(reply.headers['accept-ranges'], 'bytes')
    assert.equal(
      reply.headers['content-disposition'],
      `attachment; filename="printer.cfg"; filename*=UTF-8''printer.cfg`,
    )
    assert.equal(reply.headers['x-content-type-options'], 'nosniff')
    const head = await bench.ask('HEAD', '/server/files/config/printer.cfg')
    assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '8'])
  })

  test('is known by its tag or its time, as long as it is the same', async (t) => {
    const bench = await open(t)
    const file = '/server/files/config/printer.cfg'
    const { headers } = await bench.ask('GET', file)
    const etag = headers.etag ?? ''
    const since = headers['last-modified'] ?? ''
    for (const known of [
      { 'If-None-Match': etag },
      { 'If-None-Match': `"x", W/${etag}` },
      { 'If-Modified-Since': since },
    ]) {
      const reply = await bench.ask('GET', file, known)
      assert.deepEqual([reply.status, reply.body], [304, ''])
    }
    const other = await bench.ask('GET', file, { 'If-None-Match': '"x"', 'If-Modified-Since': since })
    assert.equal(other.status, 200)
    appendFileSync(path.join(bench.config, 'printer.cfg'), 'more')
    assert.equal((await bench.ask('GET', file, { 'If-None-Match': etag })).status, 200)
  })

  const ranges: readonly [range: string, status: number, body: string, content: string | undefined][] = [
    ['bytes=0-3', 206, 'prin', 'bytes 0-3/8'],
    ['bytes=4-', 206, 'ter\n', 'bytes 4-7/8'],
    ['bytes=-3', 206, 'er\n', 'bytes 5-7/8'],
    ['bytes=2-100', 206, 'inter\n', 'bytes 2-7/8'],
    ['bytes=0-', 200, 'printer\n', undefined],
    ['bytes=-100', 200, 'printer\n', undefined],
    ['bytes=8-', 416, '', 'bytes */8'],
    ['bytes=-0', 416, '', 'bytes */8'],
    ['bytes=5-3', 200, 'printer\n', undefined],
    ['bytes=0-1,3-4', 200, 'printer\n', undefined],
    ['bytes=a-b', 200, 'printer\n', undefined],
    ['bytes=-', 200, 'printer\n', undefined],
    ['lines=0-1', 200, 'printer\n', undefined],
    [`bytes=${'9'.repeat(400)}-`, 416, '', 'bytes */8'],
  ]
  for (const [range, status, body, content] of ranges)
    test(`of ${range.slice(0, 20)}`, async (t) => {
      const bench = await open(t)
      const reply = await bench.ask('GET', '/server/files/config/printer.cfg', { Range: range })
      assert.deepEqual([reply.status, reply.body, reply.headers['content-range']], [status, body, content])
    })

  test('of a range of another version is the whole of this one', async (t) => {
    const bench = await open(t)
    const file = '/server/files/config/printer.cfg'
    const { headers } = await bench.ask('GET', file)
    const range = { Range: 'bytes=0-3' }
    assert.equal((await bench.ask('GET', file, { ...range, 'If-Range': headers.etag ?? '' })).status, 206)
    assert.equal(
      (await bench.ask('GET', file, { ...range, 'If-Range': headers['last-modified'] ?? '' })).status,
      206,
    )
    assert.equal((await bench.ask('GET', file, { ...range, 'If-Range': '"old"' })).status, 200)
  })

  test('of what a theme needs has its type; pages stay bytes', async (t) => {
    const bench = await open(t)
    mkdirSync(path.join(bench.config, '.theme'))
    const names: readonly [string, string][] = [
      ['custom.css', 'text/css'],
      ['logo.svg', 'image/svg+xml'],
      ['page.html', 'application/octet-stream'],
      ['page.js', 'application/octet-stream'],
    ]
    for (const [name, type] of names) {
      writeFileSync(path.join(bench.config, '.theme', name), '')
      const { headers } = await bench.ask('GET', `/server/files/config/.theme/${name}`)
      assert.equal(headers['content-type'], type)
    }
  })

  test('of a name that is not ASCII', async (t) => {
    const bench = await open(t)
    writeFileSync(path.join(bench.config, 'ü"\n(x).cfg'), 'x')
    const reply = await bench.ask('GET', '/server/files/config/%C3%BC%22%0A(x).cfg')
    assert.equal(
      reply.headers['content-disposition'],
      `attachment; filename="?\\"?(x).cfg"; filename*=UTF-8''%C3%BC%22%0A%28x%29.cfg`,
    )
  })

  test('of the logs', async (t) => {
    const bench = await open(t)
    assert.equal((await bench.ask('GET', '/server/files/klippy.log')).body, 'line 1\nline 2\n')
    assert.equal(
      (await bench.ask('GET', '/server/files/logs/klippy.log')).headers['content-type'],
      'text/plain',
    )
    const missing = await bench.ask('GET', '/server/files/moonraker.log')
    assert.deepEqual(errorOf(missing), {
      code: 404,
      message: 'Not Found',
      traceback: '',
      data: { code: 'not_found', detail: 'There is no moonraker.log yet' },
    })
  })

  test('of a file that becomes shorter ends before its announced end', async (t) => {
    const bench = await open(t)
    const file = path.join(bench.logs, 'large.log')
    writeFileSync(file, Buffer.alloc(32 * 1024 * 1024))
    const socket = await openRaw(bench.port)
    socket.write('GET /server/files/logs/large.log HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'readable')
    truncateSync(file, 0)
    const text = await readAll(socket)
    assert.ok(text.length < 32 * 1024 * 1024)
  })
})

describe('addresses that lead nowhere, or out', () => {
  const addresses: readonly [address: string, status: number][] = [
    ['config/nope.conf', 404],
    ['config', 404],
    ['config/', 404],
    ['config/macros', 404],
    ['gcodes/x.gcode', 404],
    ['nope', 404],
    ['', 404],
    ['config/%ff', 404],
    ['config/%zz', 404],
    ['config/../moonraker.asvc', 403],
    ['config/../../outside/secret', 403],
    ['config/%2e%2e/outside/secret', 403],
    ['config/%2e%2e%2foutside%2fsecret', 403],
    ['config%2f..%2foutside%2fsecret', 404],
    ['config/macros/../../outside/secret', 403],
    ['config/macros/..%2f..%2foutside/secret', 403],
    ['config//etc/passwd', 404],
    ['config/%2fetc%2fpasswd', 404],
    ['config/a%00b', 403],
    ['config/printer.cfg%00.txt', 403],
    ['../outside/secret', 404],
    ['%2e%2e/outside/secret', 404],
    [`config/${'x'.repeat(300)}`, 404],
    [`config/${'x/'.repeat(3000)}y`, 404],
    ['config/moonkeeper.conf', 403],
    ['config/macros/../moonkeeper.conf', 403],
    ['config/./moonraker.secrets', 403],
    ['config/out/secret', 403],
    ['config/out.cfg', 403],
    ['__proto__/x', 404],
    ['constructor', 404],
  ]
  for (const [address, status] of addresses)
    test(address.slice(0, 40), async (t) => {
      const bench = await open(t)
      symlinkSync(bench.outside, path.join(bench.config, 'out'))
      symlinkSync(path.join(bench.outside, 'secret'), path.join(bench.config, 'out.cfg'))
      const reply = await bench.ask('GET', `/server/files/${address}`)
      assert.equal(reply.status, status, reply.body)
      assert.doesNotMatch(reply.body, /secret\n|root:/)
      const before = readdirSync(bench.folder, { recursive: true })
      const removed = await bench.ask('DELETE', `/server/files/${address}`)
      assert.ok(removed.status >= 400 || address === 'config/out.cfg', `${removed.status} ${removed.body}`)
      if (removed.status >= 400) assert.deepEqual(readdirSync(bench.folder, { recursive: true }), before)
      assert.ok(existsSync(path.join(bench.outside, 'secret')))
    })
})

test('a file is removed at its address, in the configuration', async (t) => {
  const bench = await open(t)
  const reply = await bench.ask('DELETE', '/server/files/config/printer.cfg')
  assert.deepEqual(reply.json, {
    result: {
      action: 'delete_file',
      item: { modified: 0, size: 0, permissions: '', path: 'printer.cfg', root: 'config' },
    },
  })
  assert.equal(existsSync(path.join(bench.config, 'printer.cfg')), false)
  const again = await bench.ask('DELETE', '/server/files/config/printer.cfg')
  assert.equal((errorOf(again) as { message: string }).message, 'Bad Request')
  assert.equal((await bench.ask('DELETE', '/server/files/logs/klippy.log')).status, 405)
  assert.equal((await bench.ask('PUT', '/server/files/config/x')).status, 405)
  const foreign = { Origin: 'http://evil.example' }
  writeFileSync(path.join(bench.config, 'printer.cfg'), '')
  assert.equal((await bench.ask('DELETE', '/server/files/config/printer.cfg', foreign)).status, 403)
  assert.equal((await bench.ask('POST', '/server/files/upload', foreign)).status, 403)
})

interface Form {
  readonly type: Record<string, string>
  readonly body: Buffer
}

const formOf = (
  fields: Readonly<Record<string, string>>,
  content: string | Buffer,
  filename: string | null = 'new.cfg',
): Form => {
  const part = (head: string, value: string | Buffer): Buffer =>
    Buffer.concat([
      Buffer.from(`--bOuNd\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      Buffer.from(value as string),
      Buffer.from('\r\n'),
    ])
  const file = filename === null ? 'name="file"' : `name="file"; filename="${filename}"`
  const [before, after] = [Object.entries(fields).slice(0, 1), Object.entries(fields).slice(1)]
  const parts = [
    ...before.map(([name, value]) => part(`name="${name}"`, value)),
    part(file, content),
    // Where the file goes may stand behind it.
    ...after.map(([name, value]) => part(`name="${name}"`, value)),
    Buffer.from('--bOuNd--\r\n'),
  ]
  return { type: { 'Content-Type': 'multipart/form-data; boundary=bOuNd' }, body: Buffer.concat(parts) }
}

const uploaded = async (
  bench: Bench,
  fields: Record<string, string>,
  content: string | Buffer,
  filename?: string | null,
): Promise<HttpReply> => {
  const { type, body } = formOf(fields, content, filename)
  return bench.ask('POST', '/server/files/upload', type, body)
}

describe('an upload', () => {
  test('is answered with its item, unwrapped, and told', async (t) => {
    const bench = await open(t)
    const reply = await uploaded(bench, { root: 'config', path: 'deep/er' }, 'content')
    assert.equal(reply.status, 201)
    const { action, item } = reply.json as { action: string; item: Record<string, unknown> }
    assert.deepEqual(
      [action, item['path'], item['root'], item['size'], item['permissions']],
      ['create_file', 'deep/er/new.cfg', 'config', 7, 'rw'],
    )
    assert.equal(reply.headers.location, `http://127.0.0.1:${bench.port}/server/files/config/deep/er/new.cfg`)
    assert.equal(readFileSync(path.join(bench.config, 'deep/er/new.cfg'), 'utf8'), 'content')
    assert.deepEqual(bench.changes, [reply.json])
    assert.equal((await bench.ask('GET', '/server/files/config/deep/er/new.cfg')).body, 'content')
  })

  test('of bytes of any kind and size', async (t) => {
    const bench = await open(t, { largestUpload: 32 * 1024 * 1024 })
    const content = Buffer.alloc(20 * 1024 * 1024, '\r\n--bOuN\r\n-')
    const digest = createHash('sha256').update(content).digest('hex')
    const reply = await uploaded(
      bench,
      { root: 'CONFIG', checksum: digest.toUpperCase() },
      content,
      ' /new.bin ',
    )
    assert.equal(reply.status, 201, reply.body)
    assert.ok(content.equals(readFileSync(path.join(bench.config, 'new.bin'))))
  })

  test('that is not what its sender had is thrown away', async (t) => {
    const bench = await open(t)
    const reply = await uploaded(bench, { root: 'config', checksum: '0'.repeat(64) }, 'content')
    assert.deepEqual(
      [reply.status, (errorOf(reply) as { data: { code: string } }).data.code],
      [422, 'checksum_mismatch'],
    )
  })

  const refused: readonly [
    what: string,
    fields: Record<string, string>,
    filename: string | null,
    status: number,
  ][] = [
    ['without a root', {}, 'x.gcode', 400],
    ['of a root that is none', { root: '../config' }, 'x', 400],
    ['to the logs', { root: 'logs' }, 'x', 400],
    ['without a file name', { root: 'config' }, '', 400],
    ['whose file is a field', { root: 'config' }, null, 400],
    ['with a way out', { root: 'config', path: '../outside' }, 'secret', 400],
    ['with a way out in its name', { root: 'config' }, '../outside/secret', 400],
    ['with an absolute path', { root: 'config', path: '/../../etc' }, 'x', 400],
    ['through a symlink', { root: 'config', path: 'out' }, 'secret', 403],
    ['over a symlink', { root: 'config' }, 'out.cfg', 403],
    ['over moonkeeper.conf', { root: 'config' }, 'moonkeeper.conf', 403],
    ['over the secrets', { root: 'config' }, './moonraker.secrets', 403],
    ['over a folder', { root: 'config' }, 'macros', 400],
    ['into a repository', { root: 'config', path: '.git/hooks' }, 'pre-commit', 403],
    ['below a file', { root: 'config', path: 'printer.cfg' }, 'x', 400],
    ['of a long name', { root: 'config' }, 'x'.repeat(300), 400],
    ['with a long field', { root: 'config', path: 'x/'.repeat(3000) }, 'y', 400],
    ['with NUL in its name', { root: 'config' }, 'a\0b', 400],
  ]
  for (const [what, fields, filename, status] of refused)
    test(`${what} is refused`, async (t) => {
      const bench = await open(t)
      symlinkSync(bench.outside, path.join(bench.config, 'out'))
      symlinkSync(path.join(bench.outside, 'secret'), path.join(bench.config, 'out.cfg'))
      const before = readdirSync(bench.folder, { recursive: true })
      const reply = await uploaded(bench, fields, 'evil', filename)
      assert.equal(reply.status, status, reply.body)
      assert.deepEqual(readdirSync(bench.folder, { recursive: true }), before)
      assert.equal(readFileSync(path.join(bench.outside, 'secret'), 'utf8'), 'secret\n')
      assert.equal(readFileSync(path.join(bench.config, 'moonkeeper.conf'), 'utf8'), 'health_command: true\n')
      assert.deepEqual(bench.changes, [])
    })

  test('that is no form, that is damaged or too large leaves nothing', async (t) => {
    const bench = await open(t, { largestUpload: 10_000 })
    const { type, body } = formOf({ root: 'config' }, 'x'.repeat(5000))
    const two = Buffer.concat([body.subarray(0, -'--bOuNd--\r\n'.length), formOf({}, 'y').body])
    const attempts: readonly [Record<string, string>, Buffer, number][] = [
      [{}, body, 400],
      [{ 'Content-Type': 'multipart/form-data' }, body, 400],
      [type, body.subarray(0, -6), 400],
      [type, Buffer.alloc(0), 400],
      [type, two, 400],
      [type, formOf({ root: 'config' }, 'x'.repeat(20_000)).body, 413],
      [type, Buffer.from('--bOuNd\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n'.repeat(100)), 400],
    ]
    for (const [headers, sent, status] of attempts) {
      const reply = await bench.ask('POST', '/server/files/upload', headers, sent)
      assert.equal(reply.status, status, reply.body)
    }
    assert.deepEqual([readdirSync(bench.staging), bench.changes], [[], []])
    assert.equal((await uploaded(bench, { root: 'config' }, 'y')).status, 201)
  })

  test('that announces more than is taken is refused before it is read', async (t) => {
    const bench = await open(t)
    const socket = await openRaw(bench.port)
    socket.write(
      'POST /server/files/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n' +
        'Content-Type: multipart/form-data; boundary=b\r\n\r\n',
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.match(answer.toString(), /^HTTP\/1\.1 413 /)
    socket.destroy()
  })

  test('that its sender gives up leaves nothing', async (t) => {
    const bench = await open(t)
    const { body } = formOf({ root: 'config' }, 'x'.repeat(5000))
    const socket = await openRaw(bench.port)
    socket.write(
      `POST /server/files/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n` +
        'Content-Type: multipart/form-data; boundary=bOuNd\r\n\r\n',
    )
    socket.write(body.subarray(0, 3000))
    while (readdirSync(bench.staging).length === 0) await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
    while (readdirSync(bench.staging).length > 0) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([bench.changes, existsSync(path.join(bench.config, 'new.cfg'))], [[], false])
  })

  test('two at once of the same name: one of both, whole', async (t) => {
    const bench = await open(t)
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(300_000))
    const replies = await Promise.all(
      texts.map((text) => uploaded(bench, { root: 'config' }, text, 'printer.cfg')),
    )
    assert.deepEqual(
      replies.map(({ status }) => status),
      [201, 201, 201, 201],
    )
    assert.ok(texts.includes(readFileSync(path.join(bench.config, 'printer.cfg'), 'utf8')))
    assert.deepEqual(readdirSync(bench.staging), [])
  })

  test('beyond so many at once is asked to wait', async (t) => {
    const bench = await open(t)
    const head =
      'POST /server/files/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n' +
      'Content-Type: multipart/form-data; boundary=b\r\n\r\n'
    const sockets = await Promise.all(Array.from({ length: 8 }, () => openRaw(bench.port)))
    for (const socket of sockets) socket.write(head)
    while (readdirSync(bench.staging).length < 8) await new Promise((resolve) => setImmediate(resolve))
    assert.equal((await uploaded(bench, { root: 'config' }, 'x')).status, 503)
    for (const socket of sockets) socket.destroy()
    while (readdirSync(bench.staging).length > 0) await new Promise((resolve) => setImmediate(resolve))
    assert.equal((await uploaded(bench, { root: 'config' }, 'x')).status, 201)
  })

  test('without write access is refused', async (t) => {
    const bench = await open(t, { writable: false })
    assert.equal((await uploaded(bench, { root: 'config' }, 'x')).status, 400)
  })

  test('is a POST', async (t) => {
    const bench = await open(t)
    const reply = await bench.ask('GET', '/server/files/upload')
    assert.deepEqual([reply.status, reply.headers.allow], [405, 'POST'])
  })
})

test('with a prefix everything is below it, and nothing beside it', async (t) => {
  const bench = await open(t, {}, '/printer1')
  assert.equal((await bench.ask('GET', '/printer1/server/files/config/printer.cfg')).status, 200)
  assert.equal((await bench.ask('GET', '/printer1/server/info')).status, 200)
  assert.equal((await bench.ask('GET', '/server/files/config/printer.cfg')).status, 404)
  assert.equal((await bench.ask('GET', '/server/info')).status, 404)
  assert.equal((await bench.ask('GET', '/printer12/server/info')).status, 404)
  const { type, body } = formOf({ root: 'config' }, 'x')
  const reply = await bench.ask('POST', '/printer1/server/files/upload', type, body)
  assert.match(reply.headers.location ?? '', /^http:\/\/[^/]+\/printer1\/server\/files\/config\/new\.cfg$/)
})
