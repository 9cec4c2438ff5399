import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { systemFiles } from '../../src/system/files.js'
import { scriptedUpdater, type ScriptedUpdater } from '../support/scripted-updater.js'
import { setScene, type SetBench, type SetScene } from '../support/set-bench.js'

const kindOf = (thrown: unknown): unknown => (thrown instanceof MoonkeeperError ? thrown.kind : thrown)

interface SpaceScene extends SetScene {
  readonly updater: ScriptedUpdater
  readonly disk: { free: number }
  /** Steps that ran. */
  readonly ran: string[]
  ask(names?: readonly string[]): Promise<unknown>
}

/** An application of 100 bytes, three kept versions of 40, and 50 bytes that must stay free. */
const scene = async (t: TestContext, free: number): Promise<SpaceScene> => {
  const disk = { free }
  const ran: string[] = []
  const make = (name: string): ScriptedUpdater => {
    const updater = scriptedUpdater(name, '/')
    updater.kept = 3
    updater.plans = { disk_bytes: 100 }
    updater.onDrop = () => void (disk.free += 40)
    updater.steps = [{ name: 'install', run: async () => void ran.push(name) }]
    return updater
  }
  const [updater, other] = [make('packages'), make('other')]
  const at = await setScene(t, ['one'], (world) => {
    world.others.push(updater, other)
    world.minFreeSpace = 50
    world.files = { ...systemFiles, freeSpace: async () => disk.free }
  })
  const ask = (names: readonly string[] = ['packages']): Promise<unknown> =>
    at.bench.ask({ names, atomic: names.length > 1 })
  return { ...at, updater, disk, ran, ask }
}

const savedOf = async (bench: SetBench, name: string): Promise<unknown> =>
  (
    JSON.parse((await systemFiles.readText(`${bench.dataFolder}/state/${name}.json`)) ?? '{}') as {
      saved: unknown
    }
  ).saved

test('what fits keeps all that is kept', async (t) => {
  const at = await scene(t, 150)
  assert.equal(await at.ask(), null)
  assert.deepEqual([at.ran, at.updater.kept], [['packages'], 3])
})

test('the oldest kept versions go, as many as are needed, and that is saved', async (t) => {
  const at = await scene(t, 80)
  assert.equal(await at.ask(), null)
  assert.deepEqual([at.ran, at.updater.kept], [['packages'], 1])
  assert.deepEqual(await savedOf(at.bench, 'packages'), { version: 2, kept: 1 })
})

test('what went is not believed to be there when all is undone', async (t) => {
  const at = await scene(t, 80)
  at.updater.steps = [
    { name: 'install', run: () => Promise.reject(new MoonkeeperError('command_failed', 'no')) },
  ]
  assert.equal(kindOf(await at.ask()), 'command_failed')
  assert.equal(at.updater.kept, 1)
  assert.deepEqual(await savedOf(at.bench, 'packages'), { version: 1, kept: 1 })
})

test('too little is refused with what is missing, before anything is changed', async (t) => {
  const at = await scene(t, 20)
  const thrown = await at.ask()
  assert.equal(kindOf(thrown), 'no_space')
  assert.match(String(thrown), /packages: .* would be free in \/ meanwhile.*df -h \//)
  assert.deepEqual([at.ran, at.bench.job().state, at.bench.job().error?.code], [[], 'failed', 'no_space'])
  assert.deepEqual(await savedOf(at.bench, 'packages'), { version: 1, kept: 0 })
})

test('what would free nothing is not dropped one after the other', async (t) => {
  const at = await scene(t, 20)
  at.updater.onDrop = () => undefined
  assert.equal(kindOf(await at.ask()), 'no_space')
  assert.equal(at.updater.kept, 2)
})

test('a set must fit as a whole', async (t) => {
  const at = await scene(t, 250)
  assert.equal(await at.ask(['packages', 'other']), null)
  const small = await scene(t, 129)
  small.updater.kept = 0
  assert.equal(kindOf(await small.ask(['packages', 'other'])), 'no_space')
  assert.deepEqual(small.ran, [])
})

test('in a set the kept versions of one make room for another', async (t) => {
  const at = await scene(t, 210)
  at.updater.kept = 0
  assert.equal(await at.ask(['packages', 'other']), null)
  assert.deepEqual(at.ran, ['packages', 'other'])
})

test('the plan says before that it would be refused', async (t) => {
  const at = await scene(t, 149)
  const question = { goal: 'upgrade', version: null, hard: false, names: ['packages'], check: 'all' } as const
  const warned = async (): Promise<boolean> => {
    const { applications } = await at.bench.engine.plan(question)
    return (
      applications[0]?.warnings.some((warning) => /too little free space in \/.*no_space/.test(warning)) ===
      true
    )
  }
  assert.equal(await warned(), true)
  at.disk.free = 150
  assert.equal(await warned(), false)
})
