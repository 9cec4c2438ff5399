import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, test, type TestContext } from 'node:test'
import type { Encoded } from '../../src/contract/encoded.js'
import type { Subscriber } from '../../src/klippy/members.js'
import { readyRig, until, type KlippyRig } from '../support/klippy.js'

const anHour = 3_600_000

interface Listener extends Subscriber {
  readonly texts: Encoded[]
  /** The params of each notification. */
  heard(): unknown[]
  /** Resolves when so many were heard. */
  untilHeard(count: number): Promise<void>
}

const listener = (): Listener => {
  const texts: Encoded[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  return {
    texts,
    send: (text) => {
      texts.push(text)
      for (const { count, resolve } of waiting) if (texts.length >= count) resolve()
    },
    heard: () =>
      texts.map((text) => {
        const { method, params } = JSON.parse(Buffer.concat(text).toString()) as {
          method: string
          params: unknown
        }
        assert.equal(method, 'notify_status_update')
        return params
      }),
    untilHeard: (count) =>
      new Promise((resolve) => {
        if (texts.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
  }
}

const own = { webhooks: ['state', 'state_message'], print_stats: ['state'] }

const lastAsked = ({ klippy }: KlippyRig): unknown => klippy.asked('objects/subscribe').at(-1)?.params.objects

const heaters = async (t: TestContext, options = {}): Promise<KlippyRig> => {
  const rig = await readyRig(t, { shrinkDelayMs: anHour, ...options })
  rig.klippy.setUnheard('extruder', { temperature: 20, target: 0, power: 0 })
  rig.klippy.setUnheard('bed', { temperature: 18, target: 0 })
  return rig
}

describe('a client', () => {
  test('gets what it asks for, and then hears of its own only', async (t) => {
    const rig = await heaters(t)
    const { subscriptions } = rig.connection
    const client = listener()
    const wanted = { extruder: ['temperature', 'nothing'], bed: null, ghost: null }
    assert.deepEqual(await subscriptions.subscribe(client, wanted), {
      eventtime: 1,
      status: { extruder: { temperature: 20 }, bed: { temperature: 18, target: 0 }, ghost: {} },
    })
    assert.deepEqual(lastAsked(rig), { ...own, ...wanted })
    rig.klippy.set('print_stats', { state: 'printing' })
    rig.klippy.set('extruder', { power: 0.5 })
    rig.klippy.set('extruder', { temperature: 21, target: 200 })
    rig.klippy.set('bed', { target: 60 })
    await client.untilHeard(2)
    assert.deepEqual(client.heard(), [
      [{ extruder: { temperature: 21 } }, 1],
      [{ bed: { target: 60 } }, 1],
    ])
    assert.equal(rig.connection.printing, true)
  })

  test('has one subscription: a new one takes the place of the old, and an empty one ends it', async (t) => {
    const rig = await heaters(t)
    const { subscriptions } = rig.connection
    const client = listener()
    await subscriptions.subscribe(client, { extruder: null })
    await subscriptions.subscribe(client, { bed: ['target'] })
    assert.deepEqual(lastAsked(rig), { ...own, bed: ['target'] })
    rig.klippy.set('bed', { target: 1 })
    await client.untilHeard(1)
    assert.deepEqual(await subscriptions.subscribe(client, {}), { eventtime: 1, status: {} })
    assert.equal(subscriptions.count, 0)
    assert.deepEqual(lastAsked(rig), own)
    rig.klippy.set('bed', { target: 2 })
    rig.klippy.set('print_stats', { state: 'printing' })
    await until(rig.connection, () => rig.connection.printing)
    assert.equal(client.texts.length, 1)
  })

  const refused: readonly [unknown, string][] = [
    [['extruder'], 'Invalid Argument Type [objects]'],
    ['extruder', 'Invalid Argument Type [objects]'],
    [null, 'Invalid Argument Type [objects]'],
    [{ extruder: 'temperature' }, 'Invalid argument'],
    [{ extruder: [1] }, 'Invalid argument'],
    [{ extruder: {} }, 'Invalid argument'],
  ]
  for (const [objects, message] of refused)
    test(`that asks for ${JSON.stringify(objects)} is refused as Klipper does it, and Klipper is not asked`, async (t) => {
      const rig = await heaters(t)
      const { subscriptions } = rig.connection
      const client = listener()
      await subscriptions.subscribe(client, { bed: null })
      const asked = rig.klippy.asked('objects/subscribe').length
      await assert.rejects(subscriptions.subscribe(client, objects), { kind: 'bad_argument', message })
      assert.equal(rig.klippy.asked('objects/subscribe').length, asked)
      rig.klippy.set('bed', { target: 7 })
      await client.untilHeard(1)
    })

  test('cannot ask for more than a printer has', async (t) => {
    const { connection } = await heaters(t)
    const names = Array.from({ length: 20_001 }, (_, index) => `field${index}`)
    await assert.rejects(connection.subscriptions.subscribe(listener(), { extruder: names }), /names at most/)
  })

  test('may name what is no ordinary property', async (t) => {
    const rig = await heaters(t)
    const client = listener()
    const wanted = JSON.parse('{"__proto__": ["state"], "constructor": null}') as object
    const { status } = await rig.connection.subscriptions.subscribe(client, wanted)
    assert.deepEqual(Object.keys(status), ['__proto__', 'constructor'])
    assert.equal(({} as { state?: unknown }).state, undefined)
  })
})

describe('several clients', () => {
  test('share one subscription, and each value is told to those who want it', async (t) => {
    const rig = await heaters(t)
    const { subscriptions } = rig.connection
    const [one, two] = [listener(), listener()]
    await subscriptions.subscribe(one, { extruder: ['temperature'] })
    await subscriptions.subscribe(two, { extruder: ['target'], bed: ['target'] })
    assert.deepEqual(lastAsked(rig), { ...own, extruder: ['temperature', 'target'], bed: ['target'] })
    await subscriptions.subscribe(listener(), { extruder: null })
    assert.deepEqual(lastAsked(rig), { ...own, extruder: null, bed: ['target'] })
    rig.klippy.set('extruder', { temperature: 22, target: 200, power: 1 })
    await Promise.all([one.untilHeard(1), two.untilHeard(1)])
    assert.deepEqual(one.heard(), [[{ extruder: { temperature: 22 } }, 1]])
    assert.deepEqual(two.heard(), [[{ extruder: { target: 200 } }, 1]])
  })

  test('that want the same get the very same bytes, in whatever order they wrote it', async (t) => {
    const { klippy, connection } = await heaters(t)
    const [one, two] = [listener(), listener()]
    await connection.subscriptions.subscribe(one, { extruder: ['target', 'power'], bed: null })
    await connection.subscriptions.subscribe(two, { bed: null, extruder: ['power', 'target'] })
    klippy.set('extruder', { target: 9 })
    await Promise.all([one.untilHeard(1), two.untilHeard(1)])
    assert.equal(one.texts[0], two.texts[0])
  })

  test('fifty with different wishes: one request for all that come at once, and each value serialised once', async (t) => {
    const rig = await heaters(t)
    const { subscriptions } = rig.connection
    let serialised = 0
    const value = { toJSON: () => (serialised += 1) }
    const before = rig.klippy.asked('objects/subscribe').length
    const clients = Array.from({ length: 50 }, listener)
    const answers = await Promise.all(
      clients.map((client, index) =>
        subscriptions.subscribe(client, { extruder: ['temperature', `own${index}`] }),
      ),
    )
    assert.ok(answers.every(({ status }) => status.extruder?.temperature === 20))
    assert.ok(rig.klippy.asked('objects/subscribe').length - before <= 2)
    await turn()
    subscriptions.tell({ eventtime: 5, status: { extruder: { temperature: value, own7: 7 } } })
    assert.equal(serialised, 1)
    assert.deepEqual(
      clients.map((client) => client.texts.length),
      clients.map(() => 1),
    )
    assert.deepEqual(clients[7]?.heard(), [[{ extruder: { temperature: 1, own7: 7 } }, 5]])
    assert.deepEqual(clients[8]?.heard(), [[{ extruder: { temperature: 1 } }, 5]])
  })

  test('hear of a change that came in the answer to another one, and that one only of what came after it', async (t) => {
    const rig = await heaters(t)
    const { subscriptions } = rig.connection
    const [one, two] = [listener(), listener()]
    await subscriptions.subscribe(one, { extruder: ['target'] })
    rig.klippy.setUnheard('extruder', { target: 99 })
    rig.klippy.setUnheard('print_stats', { state: 'printing' })
    const { status } = await subscriptions.subscribe(two, { extruder: ['target'] })
    assert.deepEqual(status, { extruder: { target: 99 } })
    assert.deepEqual(one.heard(), [[{ extruder: { target: 99 } }, 1]])
    assert.deepEqual(two.texts, [])
    // The printer itself is told in the same way.
    assert.equal(rig.connection.printing, true)
  })

  test('a push right behind the answer is told behind the answer', async (t) => {
    const rig = await heaters(t)
    const order: string[] = []
    const client = { send: (): void => void order.push('push') }
    rig.klippy.hold('objects/subscribe')
    const answered = rig.connection.subscriptions
      .subscribe(client, { extruder: ['target'] })
      .then(() => order.push('answer'))
    await rig.klippy.untilAsked('objects/subscribe', 2)
    const template = rig.klippy.asked('objects/subscribe')[1]?.params.response_template
    rig.klippy.behindSubscription = rig.klippy.push(template as Record<string, unknown>, {
      extruder: { target: 3 },
    })
    rig.klippy.release('objects/subscribe')
    await answered
    await turn()
    assert.deepEqual(order, ['answer', 'push'])
  })

  test('who come while Klipper is asked share the next request', async (t) => {
    const rig = await heaters(t)
    const { subscriptions } = rig.connection
    rig.klippy.hold('objects/subscribe')
    const first = subscriptions.subscribe(listener(), { extruder: ['target'] })
    await rig.klippy.untilAsked('objects/subscribe', 2)
    const others = ['temperature', 'power'].map((field) =>
      subscriptions.subscribe(listener(), { extruder: [field] }),
    )
    rig.klippy.release('objects/subscribe')
    await Promise.all([first, ...others])
    assert.equal(rig.klippy.asked('objects/subscribe').length, 3)
    assert.deepEqual(lastAsked(rig), { ...own, extruder: ['target', 'temperature', 'power'] })
  })
})

describe('a client that is gone', () => {
  test('is told nothing, and Klipper is asked no more for what only it wanted', async (t) => {
    const rig = await heaters(t, { shrinkDelayMs: 5 })
    const { subscriptions } = rig.connection
    const [gone, stays] = [listener(), listener()]
    await subscriptions.subscribe(gone, { extruder: null })
    await subscriptions.subscribe(stays, { bed: null })
    subscriptions.drop(gone)
    await rig.klippy.untilAsked('objects/subscribe', 4)
    assert.deepEqual(lastAsked(rig), { ...own, bed: null })
    rig.klippy.set('extruder', { target: 5 })
    rig.klippy.set('bed', { target: 5 })
    await stays.untilHeard(1)
    assert.deepEqual(gone.texts, [])
    subscriptions.drop(gone)
    assert.equal(subscriptions.count, 1)
  })

  test('while Klipper is asked for it: it never becomes one', async (t) => {
    const rig = await heaters(t, { shrinkDelayMs: 5 })
    const { subscriptions } = rig.connection
    const gone = listener()
    rig.klippy.hold('objects/subscribe')
    const answer = subscriptions.subscribe(gone, { extruder: null })
    await rig.klippy.untilAsked('objects/subscribe', 2)
    subscriptions.drop(gone)
    rig.klippy.release('objects/subscribe')
    await answer
    await rig.klippy.untilAsked('objects/subscribe', 3)
    assert.deepEqual(lastAsked(rig), own)
    assert.equal(subscriptions.count, 0)
  })

  test('between its answer and a push behind it hears nothing more', async (t) => {
    const { klippy, connection } = await heaters(t)
    const gone = listener()
    await connection.subscriptions.subscribe(gone, { extruder: null })
    connection.subscriptions.tell({ eventtime: 1, status: { extruder: { target: 1 } } })
    connection.subscriptions.drop(gone)
    await turn()
    assert.deepEqual(gone.texts, [])
    assert.equal(klippy.connections, 1)
  })
})

describe('when Klipper goes', () => {
  test('what was subscribed to is so again when it is back, and what changed is told, after the news that it is ready', async (t) => {
    const rig = await heaters(t)
    const { connection, klippy } = rig
    const order: unknown[] = []
    const client = {
      send: (text: Encoded): void => void order.push(JSON.parse(Buffer.concat(text).toString())),
    }
    await connection.subscriptions.subscribe(client, { extruder: ['target', 'power'] })
    connection.onChange(() => order.push(connection.state))
    await klippy.close()
    await until(connection, () => connection.state === 'disconnected')
    klippy.setUnheard('extruder', { target: 200 })
    await klippy.listen()
    await until(connection, () => connection.state === 'ready')
    await turn()
    assert.deepEqual(lastAsked(rig), { ...own, extruder: ['target', 'power'] })
    const told = {
      jsonrpc: '2.0',
      method: 'notify_status_update',
      params: [{ extruder: { target: 200 } }, 1],
    }
    assert.deepEqual(order.filter((entry, index) => entry !== order[index - 1]).slice(-2), ['ready', told])
    klippy.set('extruder', { power: 1 })
    klippy.set('print_stats', { state: 'printing' })
    await until(connection, () => connection.printing)
    assert.ok(JSON.stringify(order).includes('{"power":1}'))
  })

  test('and is not what it said while it is learned, that is told once, when it is ready', async (t) => {
    const rig = await heaters(t)
    const { connection, klippy } = rig
    const client = listener()
    const order: string[] = []
    await connection.subscriptions.subscribe(client, { extruder: null, webhooks: ['state'] })
    connection.onChange(() => order.push(`${connection.state} after ${client.texts.length}`))
    klippy.hold('objects/list')
    klippy.setUnheard('extruder', { target: 1, power: 1 })
    klippy.drop()
    await klippy.untilAsked('objects/list', 2)
    // It said that it is ready, and then it is not.
    klippy.setUnheard('webhooks', { state: 'startup' })
    klippy.release('objects/list')
    await klippy.untilAsked('objects/subscribe', 3)
    klippy.setUnheard('extruder', { target: 2 })
    klippy.setUnheard('webhooks', { state: 'ready' })
    await until(connection, () => connection.state === 'ready')
    await client.untilHeard(1)
    assert.equal(order.at(-1), 'ready after 0')
    assert.deepEqual(client.heard()[0], [
      { extruder: { target: 2, power: 1 }, webhooks: { state: 'ready' } },
      1,
    ])
  })

  test('who asks meanwhile is refused, and has what it had', async (t) => {
    const rig = await heaters(t)
    const { connection, klippy } = rig
    const client = listener()
    await connection.subscriptions.subscribe(client, { bed: ['target'] })
    klippy.hold('objects/subscribe')
    const lost = connection.subscriptions.subscribe(client, { extruder: null })
    const lostToo = connection.subscriptions.subscribe(listener(), { extruder: null })
    await klippy.untilAsked('objects/subscribe', 3)
    await klippy.close()
    await assert.rejects(lost, { kind: 'klippy_disconnected', message: 'Klippy Disconnected' })
    await assert.rejects(lostToo, { kind: 'klippy_disconnected' })
    await until(connection, () => connection.state === 'disconnected')
    const refused = { kind: 'klippy_disconnected', message: 'Klippy Host not connected' }
    await assert.rejects(connection.subscriptions.subscribe(client, { extruder: null }), refused)
    klippy.release('objects/subscribe')
    await klippy.listen()
    await until(connection, () => connection.state === 'ready')
    assert.deepEqual(lastAsked(rig), { ...own, bed: ['target'] })
  })

  test('a wish that Klipper refuses is refused, and keeps it from being ready no longer than once', async (t) => {
    const rig = await heaters(t)
    const { connection, klippy } = rig
    const client = listener()
    await connection.subscriptions.subscribe(client, { bed: ['target'] })
    klippy.odd.set('objects/subscribe', { error: { message: 'No such wish' } })
    await assert.rejects(connection.subscriptions.subscribe(client, { x: null }), {
      kind: 'klippy_refused',
      message: 'No such wish',
    })
    klippy.drop()
    await klippy.untilAsked('objects/subscribe', 4)
    klippy.odd.clear()
    await until(connection, () => connection.state === 'ready')
    assert.deepEqual(lastAsked(rig), own)
  })
})
