import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { connect } from 'node:tls'
import { WebSocket } from 'ws'
import { Notices } from '../../src/parts/notices.js'
import { SecurePort, type SecureOptions } from '../../src/parts/secure-port.js'
import { systemFiles } from '../../src/system/files.js'
import { openHttp } from '../../src/transport/http.js'
import { bind } from '../../src/transport/listener.js'
import { openWebSocket } from '../../src/transport/websocket.js'
import { accessScene, identity } from '../support/access.js'
import { makeCertificate, type CertificatePair } from '../support/certificates.js'
import { temporaryFolder } from '../support/folder.js'
import { fakeApp } from '../support/rpc.js'
import { fakeInside, readAll } from '../support/socket.js'

interface Port {
  readonly secure: SecurePort
  readonly notices: Notices
  readonly plain: number
  readonly key: string
  readonly made: (name: string) => CertificatePair
  readonly put: (pair: Partial<CertificatePair>) => Promise<void>
  readonly start: () => Promise<void>
  readonly drop: () => Promise<void>
}

const createPort = async (t: TestContext, changed: Partial<SecureOptions> = {}): Promise<Port> => {
  const folder = await temporaryFolder(t)
  const certs = path.join(folder, 'data/certs')
  const files = { certificate: path.join(certs, 'moonraker.cert'), key: path.join(certs, 'moonraker.key') }
  const scene = await accessScene(t, '[authorization]\n')
  const inside = fakeInside(fakeApp(undefined, {}, scene.access))
  const http = openHttp(inside, 'v1.2.3')
  const webSocket = openWebSocket(http.server, inside, { maxConnections: 10, prefix: '' })
  const { port: plain } = await bind(http.server, '127.0.0.1', 0)
  const notices = new Notices()
  const options = { host: '127.0.0.1', port: 0, plainPort: plain, maxConnections: 10, ...files, ...changed }
  const secure = new SecurePort(http, webSocket, options, systemFiles, notices, inside.log)
  t.after(async () => {
    await secure.stop()
    await webSocket.stop()
    await http.stop()
  })
  return {
    secure,
    notices,
    plain,
    key: scene.access.accounts.apiKey(),
    made: (name) => makeCertificate(path.join(folder, 'made'), name),
    put: async ({ cert, key }) => {
      if (cert !== undefined) await writeFile(files.certificate, cert)
      if (key !== undefined) await writeFile(files.key, key)
    },
    start: () => secure.start(),
    drop: async () => {
      await rm(files.certificate)
      await rm(files.key)
    },
  }
}

const portOf = ({ secure }: Port): number => secure.address?.port ?? 0

/** Whom the certificate is for that a new connection gets; null when there is none. */
const shownName = (port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const { CN } = socket.getPeerCertificate().subject
      resolve(typeof CN === 'string' ? CN : null)
      socket.destroy()
    })
    socket.on('error', () => resolve(null))
  })

/** Looks again and again; the test's own limit ends it. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}

const askSecurely = async (port: number, lines: readonly string[]): Promise<string> => {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const all = readAll(socket)
  socket.write(`${lines.join('\r\n')}\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  return all
}

describe('TLS', () => {
  test('is served beside HTTP, with the same locks', async (t) => {
    const port = await createPort(t)
    await port.start()
    assert.equal(port.secure.address, null, 'there is no certificate')
    const other = await createPort(t)
    await other.start()
    await other.put(other.made('one'))
    await until(() => other.secure.address !== null)
    const at = portOf(other)
    assert.match(await askSecurely(at, ['GET /server/info HTTP/1.1']), /^HTTP\/1\.1 401 /)
    assert.match(
      await askSecurely(at, ['GET /server/info HTTP/1.1', `X-Api-Key: ${other.key}`]),
      /^HTTP\/1\.1 200 /,
    )
    const socket = new WebSocket(`wss://127.0.0.1:${at}/websocket`, { rejectUnauthorized: false })
    await once(socket, 'open')
    const params = identity({ api_key: other.key })
    socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'server.connection.identify', params, id: 1 }))
    const [answer] = (await once(socket, 'message')) as [Buffer]
    assert.match(answer.toString(), /connection_id/)
    socket.terminate()
    assert.deepEqual(other.notices.all(), [])
  })

  test('takes a new certificate without a restart, and open connections stay', async (t) => {
    const port = await createPort(t)
    await port.start()
    await port.put(port.made('one'))
    await until(() => port.secure.address !== null)
    const at = portOf(port)
    const open = connect({ port: at, host: '127.0.0.1', rejectUnauthorized: false })
    await once(open, 'secureConnect')
    assert.equal(await shownName(at), 'one')
    await port.put(port.made('two'))
    await until(async () => (await shownName(at)) === 'two')
    const all = readAll(open)
    open.write('GET /access/info HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    assert.match(await all, /^HTTP\/1\.1 200 /)
  })

  test('goes on with what it had when the new pair does not fit, and says so until it does', async (t) => {
    const port = await createPort(t)
    await port.start()
    const [one, two] = [port.made('one'), port.made('two')]
    await port.put(one)
    await until(() => port.secure.address !== null)
    for (const wrong of [{ cert: two.cert }, { cert: 'nonsense' }, { cert: '' }, { ...one, key: 'x' }]) {
      await port.put(wrong)
      await until(() => port.notices.all().length > 0)
      assert.match(
        port.notices.all().join(),
        /moonraker\.cert.*cannot be used.*goes on with those that were there before/,
      )
      assert.ok(!port.notices.all().join().includes('PRIVATE'))
      assert.equal(await shownName(portOf(port)), 'one')
      await port.put(one)
      await until(() => port.notices.all().length === 0)
    }
    await port.put(two)
    await until(async () => (await shownName(portOf(port))) === 'two')
    await port.drop()
    assert.equal(await shownName(portOf(port)), 'two')
  })

  test('is not served with a pair that does not fit, and HTTP is all the same', async (t) => {
    const port = await createPort(t)
    await port.start()
    await port.put({ cert: port.made('one').cert, key: port.made('two').key })
    await until(() => port.notices.all().length > 0)
    assert.match(port.notices.all().join(), /HTTPS is not served/)
    assert.equal(port.secure.address, null)
    assert.equal((await fetch(`http://127.0.0.1:${port.plain}/access/info`)).status, 200)
  })

  test('on the same port as HTTP is a warning', async (t) => {
    const port = await createPort(t, { port: 7125, plainPort: 7125 })
    await port.start()
    await port.put(port.made('one'))
    await until(() => port.notices.all().length > 0)
    assert.equal(
      port.notices.all().join(),
      "Failed to start HTTPS server.  Server options 'port' and 'ssl_port' match, both set to 7125.  Modify the configuration to use different ports.",
    )
  })

  test('on a port that is taken is a warning, and is tried again with the next certificate', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port: number } = taken.address() as AddressInfo
    const port = await createPort(t, { port: number })
    await port.start()
    await port.put(port.made('one'))
    await until(() => port.notices.all().length > 0)
    assert.match(port.notices.all().join(), /Failed to start HTTPS server: Cannot listen on .*in use/)
    taken.close()
    await once(taken, 'close')
    await port.put(port.made('two'))
    await until(async () => (await shownName(number)) === 'two')
    assert.deepEqual(port.notices.all(), [])
  })

  test('speaks nothing older than TLS 1.2', async (t) => {
    const port = await createPort(t)
    await port.start()
    await port.put(port.made('one'))
    await until(() => port.secure.address !== null)
    const ciphers = 'DEFAULT@SECLEVEL=0'
    const old = connect({
      port: portOf(port),
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers,
    })
    await assert.rejects(once(old, 'secureConnect'))
  })
})
