import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configScene } from '../support/config.js'
import { writeFiles } from '../support/config.js'

const load = async (t: Parameters<typeof configScene>[0], text: string) => (await configScene(t, text)).load()

test('without the section only this machine is trusted', async (t) => {
  const { authorization, scopes, trustedProxies, parsed } = await load(t, '')
  assert.equal(authorization.configured, false)
  assert.deepEqual(
    authorization.trustedNetworks.map(({ address, prefix }) => `${address}/${prefix}`),
    ['127.0.0.0/8', '::1/128'],
  )
  assert.equal(scopes, null)
  assert.deepEqual(
    trustedProxies.map(({ address, prefix }) => `${address}/${prefix}`),
    ['127.0.0.0/8', '::1/128'],
  )
  assert.equal('authorization' in parsed(), false)
})

test('an empty section trusts nobody', async (t) => {
  const { authorization, warnings } = await load(t, '[authorization]\n')
  assert.deepEqual(authorization, {
    configured: true,
    enableApiKey: true,
    loginTimeout: 90,
    maxLoginAttempts: null,
    forceLogins: false,
    trustedNetworks: [],
    trustedNames: [],
    corsDomains: [],
  })
  assert.deepEqual(warnings, [])
})

test('what cannot be used is warned of with the words of Moonraker, and the rest counts', async (t) => {
  const { authorization, warnings, parsed } = await load(
    t,
    `[authorization]
trusted_clients:
  192.168.1.0/24
  192.168.1.5/24
  10.0.0.1
  FE80::/10
  printer.lan
  my-laptop
  Bad.Lan
  -x.lan
  under_score.lan
  1.2.3
cors_domains:
  http://app.test
  *.local
  *://*.my-domain.com:*
  http://printer.*
  http://a.b*.c
  http://slash.test/
default_source: ldap
`,
  )
  assert.deepEqual(
    authorization.trustedNetworks.map(({ address, prefix }) => `${address}/${prefix}`),
    ['192.168.1.0/24', '10.0.0.1/32', 'fe80::/10'],
  )
  assert.deepEqual(authorization.trustedNames, ['printer.lan', 'my-laptop'])
  assert.deepEqual(authorization.corsDomains, ['http://app.test', '*.local', '*://*.my-domain.com:*'])
  assert.deepEqual(warnings, [
    "[authorization]: Option 'default_source' set to 'ldap', which is not served: passwords are those of this machine's own users. Write 'default_source: moonraker'",
    "[authorization]: Invalid CIDR expression '192.168.1.5/24' in option 'trusted_clients'",
    ...['Bad.Lan', '-x.lan', 'under_score.lan', '1.2.3'].map(
      (name) => `[authorization]: Invalid domain name '${name}' in option 'trusted_clients'`,
    ),
    ...['http://printer.*', 'http://a.b*.c'].map(
      (domain) =>
        `[authorization]: Unsafe domain '${domain}' in option 'cors_domains'. Wildcards are not permitted in the top level domain.`,
    ),
    "[authorization]: Invalid domain 'http://slash.test/' in option 'cors_domains'.  Domain's cannot contain a trailing slash.",
  ])
  const shown = parsed()['authorization'] as { trusted_clients: string[] }
  assert.equal(shown.trusted_clients.length, 10)
})

test('another source than the two is named', async (t) => {
  const { warnings } = await load(t, '[authorization]\ndefault_source: Banana\n')
  assert.deepEqual(warnings, [
    "[authorization]: option 'default_source' - Invalid value 'banana', falling back to 'moonraker'.",
  ])
})

describe('a door that was meant to be shut does not stand open over a typing error', () => {
  for (const [text, message] of [
    ['[authorization]\nforce_logins: Ture\n', /force_logins.*must be True or False, not 'Ture'.*line 3/],
    ['[authorization]\nenable_api_key: nein\n', /enable_api_key.*line 3/],
    ['[authorization]\nmax_login_attempts: 0\n', /max_login_attempts.*must be 1 or more/],
    ['[authorization]\nmax_login_attempts: some\n', /max_login_attempts.*whole number/],
    ['[authorization]\nlogin_timeout: -1\n', /login_timeout/],
    [
      '[moonkeeper]\ntrusted_proxies: 10.0.0.300\n',
      /trusted_proxies.*must have addresses.*not '10\.0\.0\.300'.*line 3/,
    ],
    ['[moonkeeper]\ntrusted_proxies: 10.0.0.1 proxy.lan\n', /proxy\.lan/],
    ['[moonkeeper]\ntrusted_proxies: 10.0.0.1/24\n', /10\.0\.0\.1\/24/],
  ] as const)
    test(text.split('\n')[1], async (t) => {
      await assert.rejects(load(t, text), { kind: 'refused', message })
    })
})

describe('scopes', () => {
  test('are lines of names', async (t) => {
    const { scopes, warnings } = await load(
      t,
      '[moonkeeper]\nscopes:\n  bob = read\n  Zoë Ä = Update\n  a = b = admin\n  __proto__ = read\n',
    )
    assert.deepEqual(
      [...(scopes ?? [])],
      [
        ['bob', 'read'],
        ['Zoë Ä', 'update'],
        ['a = b', 'admin'],
        ['__proto__', 'read'],
      ],
    )
    assert.deepEqual(warnings, [])
  })

  test('with nothing but nonsense in them give nobody anything', async (t) => {
    const { scopes, warnings } = await load(t, '[moonkeeper]\nscopes:\n  bob\n  eve = root\n  = admin\n')
    assert.deepEqual([...(scopes ?? ['none'])], [])
    assert.equal(warnings.length, 3)
    assert.match(warnings[1] ?? '', /'eve = root', which gives nothing: write NAME = read, update or admin/)
  })
})

describe('certificates', () => {
  test('lie in the data folder; what the old options name counts while there is nothing', async (t) => {
    const scene = await configScene(t, 'ssl_certificate_path: ~/old.cert\nssl_key_path: ~/old.key\n', {
      'old.cert': 'x',
      'old.key': 'x',
    })
    assert.deepEqual((await scene.load()).certificates, {
      certificate: `${scene.home}/old.cert`,
      key: `${scene.home}/old.key`,
    })
    await writeFiles(scene.home, {
      'printer_data/certs/moonraker.cert': 'x',
      'printer_data/certs/moonraker.key': 'x',
    })
    assert.deepEqual((await scene.load()).certificates, {
      certificate: `${scene.data}/certs/moonraker.cert`,
      key: `${scene.data}/certs/moonraker.key`,
    })
  })

  test('that are named and do not exist are refused', async (t) => {
    await assert.rejects(load(t, 'ssl_key_path: /nowhere/x.key\n'), {
      kind: 'refused',
      message: /ssl_key_path.*leads to \/nowhere\/x\.key, which does not exist/,
    })
  })
})
