import { createSigningKey, issueToken } from '../../src/access/tokens.js'
import { scopes, type Scope } from '../../src/contract/requester.js'
import { lockedHouse, type LockedHouse } from './access.js'

const configuration = `[authorization]
trusted_clients: 10.0.0.1
[moonkeeper]
scopes:
  reader = read
  updater = update
  owner = admin
`

type Credentials = Readonly<Record<string, string>>

/** A house, and who comes to it. */
export interface World {
  readonly house: LockedHouse
  /** Access tokens by user. */
  readonly tokens: Readonly<Record<string, string>>
  readonly bad: readonly (readonly [name: string, headers: Credentials, query: string])[]
}

export const bearer = (token: string): Credentials => ({ Authorization: `Bearer ${token}` })

const tokenFor = async (house: LockedHouse, username: string): Promise<string> =>
  (await house.access.accounts.create({ username, password: username })).token

/** Credentials that are no good, each in every place where one can be shown. */
const badOnes = async (house: LockedHouse): Promise<World['bad']> => {
  const { accounts, gate } = house.access
  const now = Math.floor(house.clock.now() / 1000)
  const stranger = createSigningKey()
  const forged = (issuer: string): string =>
    issueToken({
      username: 'owner',
      key: stranger,
      type: 'access',
      issuer,
      now,
      lifetime: 3600,
      authTime: now,
    })
  const deleted = await tokenFor(house, 'deleted')
  await accounts.delete(gate.local(), 'deleted')
  const expired = await tokenFor(house, 'expired')
  const oldKey = accounts.apiKey()
  await accounts.renewApiKey(gate.local())
  const elsewhere = accounts.oneShotToken({
    address: '10.9.9.9',
    credential: { kind: 'key', key: accounts.apiKey() },
    requester: null,
  })
  house.clock.set(house.clock.now() + 3601_000)
  const refresh = (await accounts.login(gate.local(), { username: 'expired', password: 'expired' }))
    .refresh_token
  const tokens = { expired, deleted, refresh, foreign: forged('http://printer:7125'), nonsense: 'a.b.c' }
  return [
    ['nothing', {}, ''],
    ['a wrong key', { 'X-Api-Key': 'x' }, ''],
    ['the key before the last', { 'X-Api-Key': oldKey }, ''],
    ['the right key in the wrong place', {}, `api_key=${accounts.apiKey()}`],
    ['the right key as a one-shot token', {}, `token=${accounts.apiKey()}`],
    ['another scheme', { Authorization: 'Basic b3duZXI6b3duZXI=' }, ''],
    ['a one-shot token of another address', {}, `token=${elsewhere}`],
    ['a trusted address that no proxy tells', { 'X-Real-IP': '10.0.0.1', 'X-Forwarded-For': '10.9.9.9' }, ''],
    ...Object.entries(tokens).flatMap(([name, token]) => [
      [`a token: ${name}`, bearer(token), ''] as const,
      [`a token elsewhere: ${name}`, { 'X-Access-Token': token }, ''] as const,
      [`a token in the query: ${name}`, {}, `access_token=${token}`] as const,
    ]),
  ]
}

export const createWorld = async (
  t: Parameters<typeof lockedHouse>[0],
  options: Parameters<typeof lockedHouse>[2] = {},
): Promise<World> => {
  const house = await lockedHouse(t, configuration, options)
  const bad = await badOnes(house)
  const names = ['reader', 'updater', 'owner', 'unlisted']
  const entries = names.map(async (name) => [name, await tokenFor(house, name)] as const)
  return { house, tokens: Object.fromEntries(await Promise.all(entries)), bad }
}

export const isAtLeast = (scope: Scope, needed: Scope | 'open'): boolean =>
  needed === 'open' || scopes.indexOf(scope) >= scopes.indexOf(needed)
