import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, it } from 'node:test'
import { RpcClient } from '../../src/cli/rpc-client.js'
import { temporaryFolder } from '../support/folder.js'
import { recordedIo, run } from './fake-io.js'
import { serveUnix, serveWebSocket } from './fake-server.js'
import type { Handlers } from './fake-server.js'

const saying = (where: string): Handlers => ({ where: (peer) => peer.answer(where) })

describe('where the server is', () => {
  it('is the data folder that is named, else the environment, else ./printer_data, else ~/printer_data', async (t) => {
    const folder = await temporaryFolder(t)
    const at = (name: string): string => path.join(folder, name)
    for (const name of ['named', 'env', 'here/printer_data', 'home/printer_data']) {
      await serveUnix(t, at(name), saying(name))
    }
    const ask = async (
      args: readonly string[],
      cwd: string,
      env: Record<string, string>,
    ): Promise<unknown> => {
      const { code, out, err } = await run(at(cwd), ['call', 'where', ...args], { env, home: at('home') })
      assert.equal(code, 0, err)
      return JSON.parse(out)
    }
    const env = { MOONRAKER_DATA_PATH: at('env') }
    assert.equal(await ask(['-d', '../named'], 'here', env), 'named')
    assert.equal(await ask([], 'here', env), 'env')
    assert.equal(await ask([], 'here', {}), 'here/printer_data')
    assert.equal(await ask([], 'named', {}), 'home/printer_data')
    assert.equal(await ask(['-d', '~/printer_data'], 'here', {}), 'home/printer_data')
    assert.equal(await ask(['-u', at('named/comms/moonraker.sock')], 'here', env), 'named')
    assert.equal(await ask([], 'here', { MOONRAKER_UDS_PATH: at('named/comms/moonraker.sock') }), 'named')
  })

  it('is a WebSocket with --url, behind a route prefix too', async (t) => {
    const folder = await temporaryFolder(t)
    const plain = await serveWebSocket(t, saying('plain'))
    const prefixed = await serveWebSocket(t, saying('prefixed'), '/printer/websocket')
    for (const url of [
      plain.url,
      `${plain.url}/`,
      `${plain.url}/websocket`,
      plain.url.replace('http', 'ws'),
    ]) {
      assert.equal((await run(folder, ['call', 'where', '--url', url])).out, '"plain"\n')
    }
    assert.equal(
      (await run(folder, ['call', 'where', '--url', `${prefixed.url}/printer`])).out,
      '"prefixed"\n',
    )
  })

  it('is refused when it is no address, or said twice', async (t) => {
    const folder = await temporaryFolder(t)
    for (const args of [
      ['--url', 'localhost'],
      ['--url', 'ftp://x'],
      ['--url', 'http://x', '-d', '.'],
    ]) {
      assert.equal((await run(folder, ['status', ...args])).code, 2, args.join(' '))
    }
  })
})

describe('the API key', () => {
  const key = 'e514851f37b94c779d955212b6906f95'

  it('is read from a file, shown when we say who we are, and told nobody', async (t) => {
    const folder = await temporaryFolder(t)
    await writeFile(path.join(folder, 'key'), `${key}\n`)
    const { url, asked } = await serveWebSocket(t, saying('in'))
    const ran = await run(folder, ['call', 'where', '--url', url, '--api-key-file', 'key'])
    assert.deepEqual([ran.code, ran.out, ran.err], [0, '"in"\n', ''])
    assert.equal(asked[0]?.params['api_key'], key)
    const without = await run(folder, ['call', 'where', '--url', url])
    assert.equal(without.code, 0)
    assert.ok(!('api_key' in (asked[2]?.params ?? {})))
  })

  it('that is refused, or missing, is told with what to do', async (t) => {
    const folder = await temporaryFolder(t)
    await writeFile(path.join(folder, 'key'), key)
    const { url } = await serveWebSocket(t, {
      'server.connection.identify': (peer) => peer.refuse(-32602, 'Invalid API Key'),
    })
    const wrong = await run(folder, ['status', '--url', url, '--api-key-file', 'key'])
    assert.equal(wrong.code, 1)
    assert.match(wrong.err, /Invalid API Key\nLook whether the key is the right one/)
    assert.ok(!wrong.err.includes(key))
    assert.match((await run(folder, ['status', '--url', url])).err, /--api-key-file/)
  })

  it('is refused where there is none, and what the file holds is not shown', async (t) => {
    const folder = await temporaryFolder(t)
    const { url, asked } = await serveWebSocket(t, saying('in'))
    const { socket } = await serveUnix(t, folder, saying('in'))
    await writeFile(path.join(folder, 'empty'), '\n')
    await writeFile(path.join(folder, 'private'), 'root:x:0:0\nsecond line\n')
    for (const [args, message] of [
      [['--url', url, '--api-key-file', 'nowhere'], /cannot be read from .*nowhere \(ENOENT\)/],
      [['--url', url, '--api-key-file', '.'], /EISDIR/],
      [['--url', url, '--api-key-file', 'empty'], /holds no API key/],
      [['--url', url, '--api-key-file', 'private'], /holds no API key/],
      [['-u', socket, '--api-key-file', 'private'], /The Unix socket needs no API key/],
    ] as const) {
      const { code, err } = await run(folder, ['call', 'where', ...args])
      assert.equal(code, 2, err)
      assert.match(err, message)
      assert.ok(!err.includes('root:x'))
    }
    assert.deepEqual(asked, [])
  })
})

describe('no connection', () => {
  it('exits with 3, and says what was tried and what to do', async (t) => {
    const folder = await temporaryFolder(t)
    const { code, out, err } = await run(folder, ['status'])
    assert.deepEqual([code, out], [3, ''])
    assert.ok(err.includes(path.join(folder, 'printer_data/comms/moonraker.sock')), err)
    assert.match(err, /ENOENT.*npm start.*systemctl status moonkeeper/s)
  })

  it('exits with 3 when nobody listens any more', async (t) => {
    const folder = await temporaryFolder(t)
    const file = path.join(folder, 'moonraker.sock')
    await writeFile(file, '')
    assert.match((await run(folder, ['status', '-u', file])).err, /ECONNREFUSED/)
    const other = createServer((_, response) => response.writeHead(404).end())
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const wrong = await run(folder, ['status', '--url', `http://127.0.0.1:${port}`])
    assert.equal(wrong.code, 3)
    assert.match(wrong.err, /404/)
    await new Promise((resolve) => other.close(resolve))
    assert.match((await run(folder, ['status', '--url', `http://localhost:${port}`])).err, /ECONNREFUSED/)
  })

  it('exits with 3 when something else speaks there', async (t) => {
    const folder = await temporaryFolder(t)
    const { socket } = await serveUnix(t, folder, {
      'server.connection.identify': (peer) => peer.raw('220 smtp ready'),
    })
    const { code, err } = await run(folder, ['status', '-u', socket])
    assert.equal(code, 3)
    assert.match(err, /does not speak Moonraker's API/)
  })

  it('exits with 1 when the server does not want this client', async (t) => {
    const folder = await temporaryFolder(t)
    const { url } = await serveWebSocket(t, {
      'server.connection.identify': (peer) => peer.refuse(-32602, 'Unauthorized'),
    })
    const { code, err } = await run(folder, ['status', '--url', url])
    assert.equal(code, 1)
    assert.match(err, /refuses this client: Unauthorized/)
  })

  it('is not even tried after an interrupt', async (t) => {
    const folder = await temporaryFolder(t)
    const { socket, asked } = await serveUnix(t, folder)
    const recorded = recordedIo(folder)
    recorded.interrupt()
    await assert.rejects(RpcClient.open({ kind: 'unix', path: socket }, recorded.io.signal), /Interrupted/)
    assert.equal((await run(folder, ['status', '-u', socket], { signal: AbortSignal.abort() })).code, 130)
    assert.deepEqual(asked, [])
  })
})

describe('RpcClient', () => {
  it('keeps answers apart that come in another order, and frames that come in pieces', async (t) => {
    const folder = await temporaryFolder(t)
    const held: (() => void)[] = []
    const { socket } = await serveUnix(t, folder, {
      slow: (peer) => held.push(() => peer.answer('slow: ü€')),
      quick: (peer) => {
        peer.answer('x'.repeat(300_000))
        held.forEach((answer) => answer())
      },
    })
    const client = await RpcClient.open({ kind: 'unix', path: socket }, recordedIo(folder).io.signal)
    const [slow, quick] = await Promise.all([client.call('slow', {}), client.call('quick', {})])
    client.close()
    assert.equal(slow, 'slow: ü€')
    assert.equal(quick, 'x'.repeat(300_000))
    await assert.rejects(client.call('quick', {}), /closed/)
  })

  it('rejects what is under way when an error comes without an id', async (t) => {
    const folder = await temporaryFolder(t)
    const { socket } = await serveUnix(t, folder, {
      odd: (peer) =>
        peer.raw(
          JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error' } }),
        ),
    })
    const client = await RpcClient.open({ kind: 'unix', path: socket }, recordedIo(folder).io.signal)
    await assert.rejects(client.call('odd', {}), { name: 'Refusal', code: -32700 })
    client.close()
  })
})
