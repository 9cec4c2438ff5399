import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hostMatcher } from '../../src/access/hosts.js'
import { matcherFor } from '../../src/access/networks.js'
import { originMatcher } from '../../src/access/origins.js'
import { parseNetwork, type Network } from '../../src/config/networks.js'

const isTrusted = matcherFor(['192.168.1.0/24', '::1'].map((text) => parseNetwork(text) as Network))

describe('whose pages may use the API', () => {
  const table: readonly (readonly [domain: string, origin: string, may: boolean])[] = [
    ['http://app.test', 'http://app.test', true],
    ['http://app.test', 'https://app.test', false],
    ['http://app.test', 'http://app.test:8080', false],
    ['http://app.test', 'http://app.test.evil.example', false],
    ['http://app.test', 'http://evil.example?http://app.test', false],
    ['http://app.test', 'http://appxtest', false],
    ['http://app.test', 'HTTP://APP.TEST', false],
    ['*.local', 'http://foo.local', true],
    ['*.local', 'https://foo.local', true],
    ['*.local', 'http://foo.local:80', false],
    ['*.local', 'http://foo.local.evil.example', false],
    ['*.local', 'http://evil.example/.local', false],
    ['*.local', 'http://evil.example#.local', false],
    ['*.local', 'http://evil.example\\.local', false],
    ['*.local', 'http://user@foo.local', false],
    ['*.local', 'http://foo.local ', false],
    ['*://*.local', 'capacitor://foo.local', true],
    ['*.my-domain.com:*', 'http://a.my-domain.com:8080', true],
    ['*.my-domain.com:*', 'http://a.my-domain.com', false],
    ['*', 'http://anything.example', true],
    ['*', 'null', false],
    ['*', '', false],
    ['http://(a+)+.test', 'http://aaaa.test', false],
    // compat: with a domain, pages from trusted addresses may too.
    ['http://app.test', 'http://192.168.1.7:8080', true],
    ['http://app.test', 'https://192.168.1.7', true],
    ['http://app.test', 'http://[::1]:80', true],
    ['http://app.test', 'http://192.168.2.7', false],
    ['http://app.test', 'http://192.168.1.7.evil.example', false],
    ['http://app.test', 'ftp://192.168.1.7', false],
  ]
  for (const [domain, origin, may] of table)
    test(`${domain}: ${origin}`, () => assert.equal(originMatcher([domain], isTrusted)(origin), may))

  test('nobody, without any domain', () => {
    assert.equal(originMatcher([], isTrusted)('http://192.168.1.7'), false)
  })

  test('a pattern of stars is no trap', () => {
    const stars = `${'*a'.repeat(12)}b`
    assert.equal(originMatcher([stars], isTrusted)(`http://${'a'.repeat(480)}`), false)
  })
})

describe('the names that are answered to', () => {
  const isOurs = hostMatcher(
    ['printer', 'printer.fritz.box'],
    originMatcher(['https://print.example.org', '*.farm.example:8080'], isTrusted),
  )
  for (const host of [
    '127.0.0.1',
    '192.168.1.5:7125',
    '8.8.8.8',
    '[::1]',
    '[fe80::1]:7125',
    'localhost',
    'LOCALHOST:80',
    'localhost.',
    'printer',
    'Printer:7125',
    'printer.fritz.box',
    'mainsailos.local',
    'a.b.local:80',
    'print.example.org',
    'one.farm.example:8080',
  ])
    test(host, () => assert.equal(isOurs(host), true))
  for (const host of [
    '',
    'evil.example',
    'evil.example:7125',
    'other',
    'printer.evil.example',
    'printer.fritz.box.evil.example',
    'mainsailos.local.evil.example',
    'local',
    'xlocal',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    'evil.example/.local',
    'evil.example\t.local',
    'evil@.local',
    '0x7f.1',
    'one.farm.example',
  ])
    test(`not '${host}'`, () => assert.equal(isOurs(host), false))
})
