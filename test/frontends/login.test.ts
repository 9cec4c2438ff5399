import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identity, lockedHouse, type Answer, type Talker } from '../support/access.js'

/*
 * How front ends come in where their address alone opens nothing: from their sources, and seen in their sockets.
 */

/** News come in between. */
const ask = async (socket: Talker, method: string, params?: object): Promise<Answer> => {
  let frame = (await socket.call(method, params)) as Answer & { readonly id?: number }
  while (frame.id === undefined) frame = JSON.parse(await socket.frames.take()) as typeof frame
  return frame
}

const resultOf = ({ result, error }: Answer): Readonly<Record<string, unknown>> => {
  assert.equal(error, undefined)
  return result as Readonly<Record<string, unknown>>
}

test('Fluidd asks who it is, shows its login page, logs in on the same socket, and comes back with its token', async (t) => {
  const house = await lockedHouse(t, '[authorization]\nforce_logins: True\n')
  await house.access.accounts.create({ username: 'ann', password: 'secret' })
  const socket = await house.socket()
  // Every error but -32601 is its login page.
  assert.equal((await ask(socket, 'server.connection.identify', identity())).error?.code, -32602)
  const info = resultOf(await ask(socket, 'access.info'))
  assert.equal(info['login_required'], true)
  assert.equal(info['trusted'], false)
  assert.equal(info['default_source'], 'moonraker')
  assert.deepEqual(info['available_sources'], ['moonraker'])
  const login = { username: 'ann', password: 'secret', source: 'moonraker' }
  const { token, refresh_token: refresh, username } = resultOf(await ask(socket, 'access.login', login))
  assert.equal(username, 'ann')
  const known = identity({ access_token: token })
  assert.equal(
    typeof resultOf(await ask(socket, 'server.connection.identify', known))['connection_id'],
    'number',
  )
  // It reads the token's end itself.
  const [, claims = ''] = String(token).split('.')
  assert.equal(
    typeof (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: unknown }).exp,
    'number',
  )
  const oneShot = await ask(socket, 'access.oneshot_token')
  assert.equal(typeof oneShot.result, 'string')
  assert.equal((await house.http('GET', `/server/info?token=${String(oneShot.result)}`)).status, 200)

  const later = await house.socket()
  const renewed = resultOf(await ask(later, 'access.refresh_jwt', { refresh_token: refresh }))
  const again = identity({ access_token: renewed['token'] })
  assert.equal(
    typeof resultOf(await ask(later, 'server.connection.identify', again))['connection_id'],
    'number',
  )
  assert.equal(resultOf(await ask(later, 'access.get_user'))['username'], 'ann')
})

test('KlipperScreen comes with the key in three places, one of which counts for nothing', async (t) => {
  const { key, ...house } = await lockedHouse(t)
  const socket = await house.socket({ 'x-api-key': key }, `?token=${key}`)
  assert.equal((await ask(socket, 'server.connection.identify', identity({ api_key: key }))).error, undefined)
  const bare = await house.socket({}, '?token=')
  assert.equal((await ask(bare, 'server.connection.identify', identity())).error?.message, 'Unauthorized')
  assert.equal((await ask(bare, 'server.connection.identify', identity({ api_key: key }))).error, undefined)
  assert.equal((await house.http('GET', '/machine/update/status', { 'x-api-key': key })).status, 200)
})
