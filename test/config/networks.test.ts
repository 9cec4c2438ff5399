import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { matcherFor } from '../../src/access/networks.js'
import { canonicalAddress, parseNetwork, type Network } from '../../src/config/networks.js'

describe('an address has one form', () => {
  for (const [text, form] of [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:a00:1', '10.0.0.1'],
    ['0:0:0:0:0:ffff:10.0.0.1', '10.0.0.1'],
    ['FE80:0::0:1', 'fe80::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['', null],
    ['10.0.0', null],
    ['010.0.0.1', null],
    ['10.0.0.1:80', null],
    ['[::1]', null],
    ['localhost', null],
    ['::1 ', null],
    ['1.2.3.4%eth0;x', null],
  ] as const)
    test(text, () => assert.equal(canonicalAddress(text), form))
})

describe('a network', () => {
  for (const [text, parsed] of [
    ['192.168.1.30', ['192.168.1.30', 32]],
    ['192.168.1.0/24', ['192.168.1.0', 24]],
    ['192.168.1.0/255.255.255.0', ['192.168.1.0', 24]],
    ['0.0.0.0/0', ['0.0.0.0', 0]],
    ['FE80::/10', ['fe80::', 10]],
    ['::/0', ['::', 0]],
    ['2001:db8::1', ['2001:db8::1', 128]],
    // compat: Python wants the first address.
    ['192.168.1.5/24', 'inside'],
    ['fe80::1/10', 'inside'],
    ['192.168.1.0/33', null],
    ['192.168.1.0/-1', null],
    ['192.168.1.0/', null],
    ['192.168.1.0/24/24', null],
    ['192.168.1.0/255.0.255.0', null],
    ['fe80::/ffff::', null],
    ['fe80::%eth0/10', null],
    ['printer.lan', null],
    ['', null],
  ] as const)
    test(text, () => {
      const found = parseNetwork(text)
      if (typeof parsed === 'string' || parsed === null) assert.equal(found, parsed)
      else assert.deepEqual([(found as Network).address, (found as Network).prefix], parsed)
    })
})

describe('what is in it', () => {
  const isIn = (networks: string[], address: string): boolean =>
    matcherFor(networks.map((text) => parseNetwork(text) as Network))(address)

  for (const [networks, address, expected] of [
    [['192.168.1.0/24'], '192.168.1.254', true],
    [['192.168.1.0/24'], '192.168.2.1', false],
    [['0.0.0.0/0'], '8.8.8.8', true],
    [['0.0.0.0/0'], '::1', false],
    [['::/0'], '8.8.8.8', false],
    [['::/0'], 'fe80::1', true],
    [['10.0.0.1', '::1'], '::1', true],
    [[], '127.0.0.1', false],
    [['0.0.0.0/0', '::/0'], 'nonsense', false],
  ] as const)
    test(`${address} in ${networks.join(' ')}`, () => assert.equal(isIn([...networks], address), expected))

  test('is what the bits say', () => {
    const bits = (address: string): string =>
      address
        .split('.')
        .map((part) => Number(part).toString(2).padStart(8, '0'))
        .join('')
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (base, address, prefix) => {
        const network = parseNetwork(`${base}/${prefix}`)
        const isFirst = /^0*$/.test(bits(base).slice(prefix))
        assert.equal(network === 'inside', !isFirst)
        if (network === 'inside' || network === null) return
        const expected = bits(base).slice(0, prefix) === bits(address).slice(0, prefix)
        assert.equal(matcherFor([network])(address), expected)
      }),
    )
  })
})
