import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, test } from 'node:test'
import { matcherFor } from '../../src/access/networks.js'
import { clientAddress } from '../../src/access/proxies.js'
import { parseNetwork, type Network } from '../../src/config/networks.js'

const isProxy = matcherFor(['127.0.0.0/8', '::1', '10.0.0.2'].map((text) => parseNetwork(text) as Network))
const whose = (peer: string, headers: IncomingHttpHeaders): string | null =>
  clientAddress({ peer, headers }, isProxy, ['printer'])

type Row = readonly [name: string, peer: string, headers: IncomingHttpHeaders, client: string | null]

describe('whose request it is', () => {
  const local = '127.0.0.1'
  const table: readonly Row[] = [
    ['nobody between', '192.168.1.5', {}, '192.168.1.5'],
    [
      'who is no proxy speaks for himself only',
      '192.168.1.5',
      { 'x-forwarded-for': '10.9.9.9' },
      '192.168.1.5',
    ],
    ['nor by the other header', '192.168.1.5', { 'x-real-ip': '10.9.9.9' }, '192.168.1.5'],
    ['nor in nonsense', '192.168.1.5', { 'x-forwarded-for': ';;' }, '192.168.1.5'],
    ['a proxy tells', local, { 'x-forwarded-for': '8.8.8.8' }, '8.8.8.8'],
    ['the nearest counts', local, { 'x-forwarded-for': '192.168.1.5, 8.8.8.8' }, '8.8.8.8'],
    ['proxies in a row', local, { 'x-forwarded-for': '192.168.1.5, 8.8.8.8, 10.0.0.2' }, '8.8.8.8'],
    ['a local browser behind a local proxy', local, { 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1'],
    ['proxies only', local, { 'x-forwarded-for': '10.0.0.2, 127.0.0.1' }, '10.0.0.2'],
    ['IPv4 in IPv6', local, { 'x-forwarded-for': '::ffff:8.8.8.8' }, '8.8.8.8'],
    ['IPv6', '::1', { 'x-forwarded-for': '2001:DB8::1' }, '2001:db8::1'],
    ['real', local, { 'x-real-ip': '8.8.8.8' }, '8.8.8.8'],
    ['both', local, { 'x-forwarded-for': '1.1.1.1, 8.8.8.8', 'x-real-ip': '8.8.8.8' }, '8.8.8.8'],
    [
      'the second of two proxies',
      local,
      { 'x-forwarded-for': '8.8.8.8, 10.0.0.2', 'x-real-ip': '10.0.0.2' },
      '8.8.8.8',
    ],
    ['two that differ', local, { 'x-forwarded-for': '192.168.1.5', 'x-real-ip': '8.8.8.8' }, null],
    ['not an address', local, { 'x-forwarded-for': 'unknown' }, null],
    ['not an address on the left', local, { 'x-forwarded-for': 'unknown, 8.8.8.8' }, null],
    ['empty', local, { 'x-forwarded-for': '' }, null],
    ['a hole', local, { 'x-forwarded-for': '8.8.8.8,,127.0.0.1' }, null],
    ['a port', local, { 'x-forwarded-for': '8.8.8.8:80' }, null],
    ['real: not an address', local, { 'x-real-ip': 'x' }, null],
    ['real: two', local, { 'x-real-ip': '192.168.1.5, 8.8.8.8' }, null],
    ['real: nonsense beside a good one', local, { 'x-forwarded-for': '8.8.8.8', 'x-real-ip': 'x' }, null],
    ['a proxy that does not tell: Via', local, { via: '1.1 x' }, null],
    ['a proxy that does not tell: Forwarded', local, { forwarded: 'for=1.2.3.4' }, null],
    ['a proxy that does not tell: the host', local, { 'x-forwarded-host': 'x' }, null],
    ['a proxy that does not tell: asked by an address', local, { host: '192.168.1.2' }, null],
    ['a proxy that does not tell: asked by a name', local, { host: 'printer.local:80' }, null],
    ['direct, by its address', local, { host: '127.0.0.1:7125' }, local],
    ['direct, by its address 2', '::1', { host: '[::1]:7125' }, '::1'],
    ['direct, localhost', local, { host: 'LocalHost:7125' }, local],
    ['direct, our name', '127.0.1.1', { host: 'printer' }, '127.0.1.1'],
    ['a proxy elsewhere that sends nothing is a client', '10.0.0.2', { host: '192.168.1.2' }, '10.0.0.2'],
  ]
  for (const [name, peer, headers, client] of table)
    test(name, () => assert.equal(whose(peer, headers), client))
})
