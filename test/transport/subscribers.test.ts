import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Serialized } from '../../src/contract/serialized.js'
import { Subscribers } from '../../src/transport/subscribers.js'
import { emptyStatus, fakeConnection } from '../support/rpc.js'

describe('what a notification carries', () => {
  const heard = (tell: (subscribers: Subscribers) => void): string[] => {
    const subscribers = new Subscribers()
    const connection = fakeConnection()
    subscribers.add(connection)
    tell(subscribers)
    return connection.sent
  }

  test('nothing: there is no params key', () => {
    const sent = heard((subscribers) => subscribers.broadcast('notify_klippy_ready'))
    assert.deepEqual(sent, ['{"jsonrpc":"2.0","method":"notify_klippy_ready"}'])
  })

  test('one thing: a list of one', () => {
    const sent = heard((subscribers) =>
      subscribers.broadcast('notify_update_refreshed', Serialized.of(emptyStatus)),
    )
    const text = `{"jsonrpc":"2.0","method":"notify_update_refreshed","params":[${JSON.stringify(emptyStatus)}]}`
    assert.deepEqual(sent, [text])
  })

  test('several: in their order', () => {
    const sent = heard((subscribers) =>
      subscribers.broadcast('notify_status_update', { print_stats: { state: 'paused' } }, 12.5),
    )
    const text =
      '{"jsonrpc":"2.0","method":"notify_status_update","params":[{"print_stats":{"state":"paused"}},12.5]}'
    assert.deepEqual(sent, [text])
  })
})
