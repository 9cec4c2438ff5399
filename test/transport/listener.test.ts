import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { bind, chooseAddress, urlOf } from '../../src/transport/listener.js'

describe('without [authorization] only this machine may enter', () => {
  for (const [host, chosen] of [
    ['localhost', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.1'],
    ['127.1.2.3', '127.1.2.3'],
    ['::1', '::1'],
  ] as const)
    test(`${host} is served`, () => {
      assert.deepEqual(chooseAddress(host, false), { host: chosen, warning: null })
    })

  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'all', '', 'mainsailos.local', '127.0.0.1.evil.test'])
    test(`"${host}" is not, and that is said`, () => {
      const { host: chosen, warning } = chooseAddress(host, false)
      assert.equal(chosen, '127.0.0.1')
      assert.match(warning ?? '', /127\.0\.0\.1/)
      assert.ok(warning?.includes(host))
    })
})

describe('with it the configured address is served', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.5', '127.0.0.1', 'mainsailos.local'])
    test(host, () => assert.deepEqual(chooseAddress(host, true), { host, warning: null }))

  test('localhost is IPv4, as it always was', () =>
    assert.deepEqual(chooseAddress('localhost', true), { host: '127.0.0.1', warning: null }))
})

test('an address can be opened as it is shown', () => {
  assert.equal(urlOf({ address: '127.0.0.1', family: 'IPv4', port: 7125 }), 'http://127.0.0.1:7125')
  assert.equal(urlOf({ address: '::1', family: 'IPv6', port: 7125 }), 'http://[::1]:7125')
})

test('a port that is in use is named, with what to do', async () => {
  const first = createServer()
  const { port } = await bind(first, '127.0.0.1', 0)
  await assert.rejects(bind(createServer(), '127.0.0.1', port), {
    kind: 'refused',
    message: new RegExp(`port ${port}: the port is in use.*Stop it`),
  })
  await new Promise((resolve) => first.close(resolve))
})

test('an address this machine does not have is explained', async () => {
  await assert.rejects(bind(createServer(), '192.0.2.1', 0), {
    kind: 'refused',
    message: /does not have the address/,
  })
})
