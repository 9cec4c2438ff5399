import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namedServices } from '../../src/machine/named-services.js'
import { createServiceNames, type ServiceNames } from '../../src/machine/service-names.js'
import { createServiceOrders, type ServiceOrders } from '../../src/machine/service-orders.js'
import { running, notRunning } from '../support/services.js'
import { silentLog } from '../support/surroundings.js'

const namesOf = (own: string | null, klipper: string | null = null): ServiceNames =>
  createServiceNames({
    provider: { serviceOf: async (pid) => (pid === 1 ? own : klipper) },
    pid: 1,
    klipperPid: () => (klipper === null ? null : 2),
  })

interface Rig {
  readonly orders: ServiceOrders
  readonly done: string[]
}

const rig = (own: string | null, there: readonly string[], installedLater: readonly string[] = []): Rig => {
  const done: string[] = []
  const known = new Set(there)
  const orders = createServiceOrders({
    names: namesOf(own),
    allowed: () => ['crowsnest', 'sonar'],
    restartSelf: async () => void done.push('self'),
    board: {
      has: (service) => known.has(service),
      refresh: async () => installedLater.forEach((service) => known.add(service)),
      order: async (action, service) => void done.push(`${action} ${service}`),
    },
  })
  return { orders, done }
}

const refusal = async (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => 'done',
    (thrown: unknown) => (thrown as Error).message,
  )

test('services that there are take orders', async () => {
  const { orders, done } = rig('moonkeeper', ['klipper', 'klipper-1', 'moonraker'])
  await orders.order('start', 'klipper')
  await orders.order('restart', 'klipper-1')
  await orders.order('stop', 'moonraker')
  assert.deepEqual(done, ['start klipper', 'restart klipper-1', 'stop moonraker'])
})

test('one that was installed since the last look takes orders', async () => {
  const { orders, done } = rig('moonkeeper', [], ['sonar'])
  await orders.order('start', 'sonar')
  assert.deepEqual(done, ['start sonar'])
})

test('our own only begins anew, whatever it is called', async () => {
  for (const [own, name] of [
    ['moonkeeper', 'moonkeeper'],
    ['moonraker-1', 'moonraker-1'],
    [null, 'moonraker'],
  ] as const) {
    const { orders, done } = rig(own, ['moonkeeper', 'moonraker', 'moonraker-1'])
    for (const action of ['start', 'stop'] as const)
      assert.equal(
        await refusal(orders.order(action, name)),
        `Service action '${action}' not available for moonraker`,
      )
    await orders.order('restart', name)
    assert.deepEqual(done, ['self'])
  }
})

test('what is not there is told apart from what is not allowed', async () => {
  const { orders } = rig('moonkeeper', ['klipper'])
  assert.equal(await refusal(orders.order('start', 'crowsnest')), "Service 'crowsnest' not installed")
  assert.equal(await refusal(orders.order('start', 'sshd')), "Service 'sshd' not allowed")
  assert.equal(
    await refusal(orders.order('start', 'klipper.service')),
    "Service 'klipper.service' not allowed",
  )
})

test('names of configurations become those of this machine', async () => {
  const names = namesOf('moonraker-2', 'klipper-2')
  assert.equal(await names.actual('klipper'), 'klipper-2')
  assert.equal(await names.actual('moonraker'), 'moonraker-2')
  assert.equal(await names.actual('crowsnest'), 'crowsnest')
  const others = namesOf('moonkeeper')
  assert.equal(await others.actual('klipper'), 'klipper')
  // Not ours: it stays the one that is called so.
  assert.equal(await others.actual('moonraker'), 'moonraker')
})

test('what a process is was asked for once; of what was not known it is asked again', async () => {
  const asked: number[] = []
  let answer: string | null = null
  const names = createServiceNames({
    provider: {
      serviceOf: async (pid) => {
        asked.push(pid)
        return answer
      },
    },
    pid: 7,
    klipperPid: () => null,
  })
  assert.equal(await names.own(), null)
  answer = 'moonkeeper'
  assert.equal(await names.own(), 'moonkeeper')
  assert.equal(await names.own(), 'moonkeeper')
  assert.deepEqual(asked, [7, 7])
})

test('an update restarts the service of this machine; a Moonraker that we stand in for stays stopped', async () => {
  const done: string[] = []
  const states = new Map([
    ['moonraker', notRunning('dead')],
    ['klipper-2', running()],
  ])
  const services = {
    restart: async (service: string) => void done.push(service),
    state: async (service: string) => states.get(service) ?? null,
  }
  const named = namedServices(services, namesOf('moonkeeper', 'klipper-2'), silentLog)
  await named.restart('klipper')
  await named.restart('moonraker')
  assert.deepEqual(done, ['klipper-2'])
  assert.equal((await named.state('klipper'))?.active, true)
  states.set('moonraker', running())
  await named.restart('moonraker')
  assert.deepEqual(done, ['klipper-2', 'moonraker'])
})
