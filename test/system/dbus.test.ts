import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Message, sessionBus } from '@jellybrick/dbus-next'
import { createDBus, DBusFailure, noServer, type DBus, type DBusSignal } from '../../src/system/dbus.js'
import { startBus } from '../support/bus.js'

const own = {
  service: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
}
const service = 'org.example.Toy'
const path = '/org/example/toy'

const connectedTo = (t: TestContext, address: string): DBus => {
  const bus = createDBus(address)
  t.after(() => bus.close())
  return bus
}

const failsWith = async (work: Promise<unknown>, error: string): Promise<void> => {
  await assert.rejects(work, (thrown) => thrown instanceof DBusFailure && thrown.error === error)
}

/** A service that says what it is told to. */
const startService = async (t: TestContext, address: string, name: string | null) => {
  const bus = sessionBus({ busAddress: address })
  await new Promise<void>((resolve) => bus.once('connect', () => resolve()))
  t.after(() => bus.disconnect())
  if (name !== null) await bus.requestName(name)
  return {
    say: (text: string, at = path) => bus.send(Message.newSignal(at, service, 'Said', 's', [text])),
    whisper: (text: string, destination: string) => {
      const message = Message.newSignal(path, service, 'Said', 's', [text])
      message.destination = destination
      bus.send(message)
    },
    leave: () => bus.disconnect(),
  }
}

test('a call is answered', async (t) => {
  const { address } = await startBus(t)
  const bus = connectedTo(t, address)
  const [names] = await bus.call({ ...own, member: 'ListNames' })
  assert.ok((names as string[]).includes(own.service))
  const call = { ...own, member: 'NameHasOwner', signature: 's', body: [service] }
  assert.deepEqual(await bus.call(call), [false])
})

test('where there is no bus, and no service, it says so', async (t) => {
  const { address } = await startBus(t)
  await failsWith(createDBus('unix:path=/nonexistent/bus').call({ ...own, member: 'ListNames' }), noServer)
  const call = { service, path, interface: service, member: 'Do' }
  await failsWith(connectedTo(t, address).call(call), 'org.freedesktop.DBus.Error.ServiceUnknown')
})

test('after its end nothing is asked any more, and no connection is made', async (t) => {
  const { address } = await startBus(t)
  const bus = createDBus(address)
  await bus.call({ ...own, member: 'ListNames' })
  bus.close()
  const gone = 'org.freedesktop.DBus.Error.Disconnected'
  await failsWith(bus.call({ ...own, member: 'ListNames' }), gone)
  await failsWith(bus.listen({ service: own.service }, { signal: () => undefined }), gone)
})

test('signals of the service are heard, and nobody else', async (t) => {
  const { address } = await startBus(t)
  const bus = connectedTo(t, address)
  const toy = await startService(t, address, service)
  const other = await startService(t, address, null)
  const heard: DBusSignal[] = []
  let hear = (): void => undefined
  const last = new Promise<void>((resolve) => (hear = resolve))
  const stop = await bus.listen(
    { service, path },
    {
      signal: (signal) => {
        heard.push(signal)
        if (signal.body[0] === 'last') hear()
      },
    },
  )
  const [names] = await bus.call({ ...own, member: 'ListNames' })
  // Everybody may send to everybody: only the sender tells whose it is.
  for (const name of names as string[]) if (name.startsWith(':')) other.whisper('false', name)
  toy.say('elsewhere', '/org/example/other')
  toy.say('first')
  toy.say('last')
  await last
  assert.deepEqual(
    heard.map(({ member, body }) => [member, ...body]),
    [
      ['Said', 'first'],
      ['Said', 'last'],
    ],
  )
  stop()
})

test('a service that leaves is told, once', async (t) => {
  const { address } = await startBus(t)
  const bus = connectedTo(t, address)
  const toy = await startService(t, address, service)
  let times = 0
  const lost = new Promise<void>((resolve) => {
    const listener = { signal: () => undefined, lost: () => void ((times += 1), resolve()) }
    void bus.listen({ service, path }, listener).then(() => toy.leave())
  })
  await lost
  const again = await startService(t, address, service)
  again.leave()
  await bus.call({ ...own, member: 'ListNames' })
  assert.equal(times, 1)
})

test('the end of the bus ends what waits, and the next call connects anew', async (t) => {
  const { address, stop } = await startBus(t)
  const bus = connectedTo(t, address)
  const toy = await startService(t, address, service)
  const lost = new Promise<void>((resolve) => {
    void bus.listen({ service }, { signal: () => undefined, lost: resolve }).then(() => {
      // Nobody answers this.
      const call = { service, path: '/', interface: service, member: 'Wait' }
      void failsWith(bus.call(call), 'org.freedesktop.DBus.Error.Disconnected')
      return stop()
    })
  })
  await lost
  toy.leave()
  await failsWith(bus.call({ ...own, member: 'ListNames' }), noServer)
})
