import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ServiceBoard } from '../../src/machine/service-board.js'
import type { UnitState } from '../../src/machine/services.js'
import { active, handProvider, inactive, type HandProvider } from '../support/provider.js'
import { silentLog } from '../support/surroundings.js'

interface Rig {
  readonly board: ServiceBoard
  readonly provider: HandProvider
  readonly told: [string, UnitState][]
  readonly watch: { on: boolean }
  readonly pass: (milliseconds: number) => Promise<void>
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

const rig = async (t: TestContext, provider: HandProvider): Promise<Rig> => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told: [string, UnitState][] = []
  const watch = { on: true }
  const board = new ServiceBoard({
    provider,
    isAllowed: (service) => service !== 'ssh',
    changed: (service, state) => void told.push([service, state]),
    isWatched: () => watch.on,
    log: silentLog,
  })
  for (const name of ['klipper', 'ssh']) provider.units.set(name, active)
  await board.start()
  t.after(() => board.stop())
  const pass = async (milliseconds: number): Promise<void> => {
    t.mock.timers.tick(milliseconds)
    await turns()
  }
  return { board, provider, told, watch, pass }
}

test('what is allowed is known from the start, and not told as news', async (t) => {
  const { board, told } = await rig(t, handProvider(true))
  assert.deepEqual(board.all(), { klipper: active })
  assert.deepEqual([board.has('klipper'), board.has('ssh')], [true, false])
  assert.deepEqual(told, [])
})

test('a change that is told is told on, once, and nothing is asked for it', async (t) => {
  const { board, provider, told, pass } = await rig(t, handProvider(true))
  provider.tell('klipper', inactive)
  provider.tell('klipper', inactive)
  await board.order('stop', 'klipper')
  await pass(60_000)
  assert.deepEqual(told, [['klipper', inactive]])
  assert.deepEqual(board.all(), { klipper: inactive })
  assert.equal(provider.lists, 1)
})

test('where nobody tells it is looked at every ten seconds, and only while somebody would hear of it', async (t) => {
  const { provider, told, watch, pass } = await rig(t, handProvider(false))
  provider.units.set('klipper', inactive)
  await pass(9_999)
  assert.deepEqual(told, [])
  await pass(1)
  assert.deepEqual(told, [['klipper', inactive]])
  watch.on = false
  const { lists } = provider
  provider.units.set('klipper', active)
  for (let round = 0; round < 6; round += 1) await pass(10_000)
  assert.equal(provider.lists, lists)
  watch.on = true
  await pass(10_000)
  assert.deepEqual(told.at(-1), ['klipper', active])
})

test('what an order did is seen soon after it', async (t) => {
  const { board, provider, told, pass } = await rig(t, handProvider(false))
  await board.order('stop', 'klipper')
  assert.deepEqual(provider.orders, ['stop klipper'])
  provider.units.set('klipper', inactive)
  await pass(1_000)
  assert.deepEqual(told, [['klipper', inactive]])
})

test('a service that is new is found when it is looked for, and followed from then on', async (t) => {
  const { board, provider, told } = await rig(t, handProvider(true))
  provider.units.set('crowsnest', inactive)
  await board.refresh()
  assert.equal(board.has('crowsnest'), true)
  provider.tell('crowsnest', active)
  assert.deepEqual(told.at(-1), ['crowsnest', active])
  assert.deepEqual(provider.followed, { begun: 2, ended: 1 })
})

test('when it tells no more it is followed again, and what changed meanwhile is told', async (t) => {
  const { provider, told, pass } = await rig(t, handProvider(true))
  provider.lose()
  provider.units.set('klipper', inactive)
  await pass(5_000)
  assert.deepEqual(told, [['klipper', inactive]])
  assert.equal(provider.followed.begun, 2)
})

test('what cannot be listed is looked for again, and fails nobody', async (t) => {
  let broken = true
  const provider = handProvider(false)
  provider.list = async () => {
    if (broken) throw new Error('no bus')
    return new Map([['klipper', active]])
  }
  const { board, pass } = await rig(t, provider)
  assert.deepEqual(board.all(), {})
  broken = false
  await pass(10_000)
  assert.deepEqual(board.all(), { klipper: active })
})

test('after its end nothing is looked at and nothing is followed', async (t) => {
  const { board, provider, pass } = await rig(t, handProvider(true))
  board.stop()
  assert.deepEqual(provider.followed, { begun: 1, ended: 1 })
  await board.order('stop', 'klipper').catch(() => undefined)
  await pass(60_000)
  assert.equal(provider.lists, 1)
})
