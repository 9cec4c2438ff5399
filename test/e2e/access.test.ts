import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { createConnection } from 'node:net'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { identity } from '../support/access.js'
import { makeCertificate } from '../support/certificates.js'
import { runClient } from '../support/client.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { ask, openClient } from '../support/socket.js'

interface Machine {
  readonly folder: string
  readonly port: number
  readonly configure: (text: string, host?: string) => void
  readonly start: () => Promise<Daemon>
}

const machine = async (t: TestContext, text: string, host?: string): Promise<Machine> => {
  const folder = path.join(await temporaryFolder(t), 'data')
  const port = await freePort()
  const configure = (sections: string, at = '127.0.0.1'): void => {
    mkdirSync(path.join(folder, 'config'), { recursive: true })
    const klipper = path.join(folder, 'no-klipper')
    const server = `[server]\nhost: ${at}\nport: ${port}\nklippy_uds_address: ${klipper}\n[machine]\nprovider: none\n`
    writeFileSync(path.join(folder, 'config/moonraker.conf'), server + sections)
  }
  configure(text, host)
  const start = async (): Promise<Daemon> => {
    const daemon = new Daemon(folder, {}, [], ['-v'])
    t.after(async () => {
      daemon.kill('SIGTERM')
      await daemon.end()
    })
    assert.ok(await daemon.askUntil('server.info', ({ result }) => result !== undefined))
    return daemon
  }
  return { folder, port, configure, start }
}

const end = async (daemon: Daemon): Promise<void> => {
  daemon.kill('SIGTERM')
  assert.deepEqual(await daemon.end(), { code: 0, signal: null })
}

interface Tokens {
  readonly token: string
  readonly refresh_token: string
}

const json = { 'Content-Type': 'application/json' }

/** Every text below a folder. */
const textsIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')

test('no password, token or key ever reaches a log or an error', async (t) => {
  const { folder, port, start } = await machine(t, '[authorization]\n')
  const daemon = await start()
  const [password, next, typed] = ['hunter2-secret', 'hunter3-secret', 'typed-into-the-wrong-field']
  const said: string[] = []
  const http = async (verb: string, where: string, headers: Record<string, string> = {}, body = '') => {
    const reply = await ask(port, verb, where, headers, body)
    if (reply.status >= 400) said.push(reply.reason, reply.body)
    return reply
  }
  const post = (where: string, body: object, headers = {}) =>
    http('POST', where, { ...json, ...headers }, JSON.stringify(body))

  const { result: key } = (await daemon.ask('access.get_api_key')) ?? {}
  const created = await daemon.ask('access.post_user', { username: 'bob', password })
  const tokens = created?.result as Tokens
  const login = await post('/access/login', { username: 'bob', password })
  const entered = (login.json as { result: Tokens }).result
  const bearer = { Authorization: `Bearer ${entered.token}` }
  const shot = ((await http('GET', '/access/oneshot_token', bearer)).json as { result: string }).result

  await post('/access/login', { username: 'bob', password: typed })
  await post('/access/login', { username: 'bob', password: [typed] })
  await post('/access/login', { username: 'bob' })
  await post('/access/user/password', { password: typed, new_password: next }, bearer)
  await post('/access/user/password', { password, new_password: next }, bearer)
  await post('/access/refresh_jwt', { refresh_token: `${tokens.refresh_token}x` })
  await post('/access/refresh_jwt', { refresh_token: entered.refresh_token })
  for (const query of [
    `token=${shot}`,
    `token=${shot}`,
    `access_token=${entered.token}x`,
    `access_token=${entered.token}`,
  ])
    await http('GET', `/server/info?${query}`)
  for (const where of ['/access/login', '/no/such', '/machine/update/recover'])
    await http(
      'POST',
      `${where}?access_token=${entered.token}&password=${password}&username=${typed}&name=%ff`,
      json,
      '[1]',
    )
  await http('POST', '/server/jsonrpc', { ...json, 'X-Api-Key': String(key) }, `{"password": "${password}`)
  const client = await openClient(port, `/websocket?token=${shot}&access_token=${entered.token}x`)
  const rpc = (method: string, params: object) =>
    client.ask(JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 }))
  for (const params of [
    identity({ api_key: `${String(key)}x` }),
    identity({ access_token: `${entered.token}x` }),
    identity({ access_token: entered.token, type: 'nonsense' }),
    identity({ api_key: key }),
    identity({ api_key: key }),
  ])
    said.push(JSON.stringify(await rpc('server.connection.identify', params)))
  said.push(JSON.stringify(await rpc('access.login', { username: typed, password })))
  client.socket.send(`{"password": "${password}", `)
  said.push(await client.frames.take())
  client.socket.terminate()
  // Compat: a name that nobody has is repeated to whoever gave it, and to nobody else.
  const errors = said.join('\n').replaceAll(`Unregistered User: ${typed}`, '')
  await end(daemon)

  const logs = textsIn(path.join(folder, 'logs'))
  assert.match(logs, /"level":"debug".*"Request refused"/, 'it logs what it refuses')
  for (const secret of [
    password,
    next,
    typed,
    String(key),
    shot,
    tokens.token,
    tokens.refresh_token,
    entered.token,
  ])
    for (const [where, text] of [
      ['the log', logs],
      ['the output', daemon.text],
      ['an error', errors],
    ] as const) {
      const parts = secret.split('.')
      for (const part of [secret, ...(parts.length === 3 ? [parts[2] ?? ''] : [])])
        assert.ok(!text.includes(part), `${where} holds ${part}`)
    }
})

test('users, logins and the key outlive a restart, in a file for nobody else', async (t) => {
  const { folder, port, start } = await machine(t, '[authorization]\n')
  const first = await start()
  const { token } = (await first.ask('access.post_user', { username: 'bob', password: 'x' }))
    ?.result as Tokens
  const { result: key } = (await first.ask('access.get_api_key')) ?? {}
  const file = path.join(folder, 'moonkeeper/access.json')
  assert.equal((statSync(file).mode & 0o777).toString(8), '600')
  first.kill('SIGKILL')
  await first.end()
  await start()
  for (const headers of [{ Authorization: `Bearer ${token}` }, { 'X-Api-Key': String(key) }])
    assert.equal((await ask(port, 'GET', '/server/info', headers)).status, 200)
  assert.equal((await ask(port, 'GET', '/server/info')).status, 401)
})

const answersAt = (address: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

test('host is served where [authorization] says who may enter, and only this machine without it', async (t) => {
  const { port, configure, start } = await machine(t, '', '0.0.0.0')
  const shut = await start()
  assert.deepEqual([await answersAt('127.0.0.1', port), await answersAt('127.0.0.2', port)], [true, false])
  const { result } = (await shut.ask('server.info')) ?? {}
  assert.match(
    (result as { warnings: string[] }).warnings.join('\n'),
    /host 0\.0\.0\.0 is not served.*\[authorization\]/,
  )
  assert.equal((await ask(port, 'GET', '/server/info')).status, 200, 'this machine is trusted')
  await end(shut)
  configure('[authorization]\n', '0.0.0.0')
  const open = await start()
  assert.deepEqual([await answersAt('127.0.0.1', port), await answersAt('127.0.0.2', port)], [true, true])
  assert.deepEqual(((await open.ask('server.info'))?.result as { warnings: string[] }).warnings, [])
  assert.equal((await ask(port, 'GET', '/server/info')).status, 401)
})

test('a reload changes who may enter, without a restart', async (t) => {
  const { port, configure, start } = await machine(t, '[authorization]\ntrusted_clients: 127.0.0.1\n')
  const daemon = await start()
  const client = await openClient(port)
  const info = '{"jsonrpc":"2.0","method":"access.info","id":1}'
  const trusted = async (): Promise<boolean> =>
    ((await client.ask(info)) as { result: { trusted: boolean } }).result.trusted
  assert.equal(await trusted(), true)
  configure('[authorization]\ntrusted_clients: 10.0.0.1\n')
  daemon.kill('SIGHUP')
  while (await trusted()) await new Promise((resolve) => setTimeout(resolve, 10))
  const refused = await client.ask('{"jsonrpc":"2.0","method":"server.info","id":1}')
  assert.equal((refused as { error: { message: string } }).error.message, 'Unauthorized')
  client.socket.terminate()
})

test('the command line goes on over its socket, and over the network with the key', async (t) => {
  const { folder, port, start } = await machine(
    t,
    '[authorization]\n[update_manager]\nenable_system_updates: False\n',
  )
  const daemon = await start()
  const local = await runClient('status', '-d', folder)
  assert.equal(local.code, 0, local.err)
  const url = `http://127.0.0.1:${port}`
  const shut = await runClient('status', '--url', url)
  assert.equal(shut.code, 1)
  assert.match(shut.err, /refuses this client: Unauthorized\n.*--api-key-file/)
  const told = await runClient('call', 'access.get_api_key', '-d', folder)
  writeFileSync(path.join(folder, 'key'), JSON.parse(told.out) as string, { mode: 0o600 })
  const remote = await runClient('status', '--url', url, '--api-key-file', path.join(folder, 'key'))
  assert.deepEqual([remote.code, remote.out], [0, local.out])
  await daemon.ask('access.post_api_key')
  const old = await runClient('status', '--url', url, '--api-key-file', path.join(folder, 'key'))
  assert.equal(old.code, 1)
  assert.match(old.err, /Invalid API Key\n.*renewed/)
})

test('HTTPS is served on ssl_port with the certificate of the data folder', async (t) => {
  const secure = await freePort()
  const { folder, port, configure, start } = await machine(t, '')
  configure(`[authorization]\n`, `127.0.0.1\nssl_port: ${secure}`)
  const { cert, key } = makeCertificate(path.join(folder, 'made'), 'localhost')
  mkdirSync(path.join(folder, 'certs'), { recursive: true })
  writeFileSync(path.join(folder, 'certs/moonraker.cert'), cert)
  writeFileSync(path.join(folder, 'certs/moonraker.key'), key)
  const daemon = await start()
  const { result: apiKey } = (await daemon.ask('access.get_api_key')) ?? {}
  const info = await new Promise<number | undefined>((resolve, reject) => {
    const options = {
      port: secure,
      host: '127.0.0.1',
      ca: cert,
      servername: 'localhost',
      path: '/server/info',
    }
    const request = get({ ...options, headers: { 'X-Api-Key': String(apiKey) } }, (reply) => {
      reply.resume()
      resolve(reply.statusCode)
    })
    request.on('error', reject)
  })
  assert.equal(info, 200)
  assert.equal((await ask(port, 'GET', '/server/info')).status, 401)
})
