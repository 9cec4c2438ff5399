import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { systemFiles } from '../../src/system/files.js'
import { GitError } from '../../src/updaters/git_repo/git.js'
import { git } from '../support/repositories.js'
import type { Services } from '../../src/machine/services.js'
import { notRunning, running } from '../support/services.js'
import { scriptedUpdater, type ScriptedUpdater } from '../support/scripted-updater.js'
import { setScene, type SetBench, type SetScene } from '../support/set-bench.js'

const names = ['one', 'two', 'three']

const kindOf = (thrown: unknown): unknown => (thrown instanceof MoonkeeperError ? thrown.kind : thrown)

const statesOf = (at: SetScene): Promise<unknown[]> => Promise.all(names.map((name) => at.state(name)))

const nothingUnderWay = ({ dataFolder }: SetBench): void =>
  assert.deepEqual(
    readdirSync(dataFolder).filter((name) => /^(journal|work|restarts)/.test(name)),
    [],
  )

const old = 'v1.0.0-0'
const tip = 'v1.1.0-1'
const all = (outcome: string, code: string | null): unknown[] =>
  names.map((name) => [name, old, tip, outcome, code]).sort()

const fail = (): Promise<void> => Promise.reject(new MoonkeeperError('command_failed', 'broken on purpose'))

/** A service that is seen to run until it was restarted. */
const brokenAfter =
  (broken: string, restarts: readonly (readonly string[])[]): Services['state'] =>
  async (service) =>
    service === broken && restarts.some(([name]) => name === broken) ? notRunning('failed') : running()

const withoutHiddenEdit = (app: string): void => {
  git(app, 'update-index', '--no-skip-worktree', 'README.md')
  git(app, 'checkout', '--', 'README.md')
}

describe('an atomic set of three', () => {
  test('is upgraded as one: one job, one journal, one last line', async (t) => {
    const at = await setScene(t, names)
    const seen = new Set<number>()
    at.world.onLine = () =>
      void at.bench.journal.read().then((entry) => {
        if (entry !== null && entry !== 'unreadable') seen.add(entry.parts.length)
      })
    assert.equal(await at.bench.ask(), null)
    for (const name of names) assert.match(at.version(name), /^v1\.1\.0-1/)
    assert.deepEqual([...seen], [3])
    assert.deepEqual(
      at.bench.lines.filter((line) => line.complete).map((line) => line.message),
      ['Full Update Complete'],
    )
    assert.deepEqual(
      at.bench.job().applications,
      names.map((name) => ({ name, from: old, to: tip, outcome: 'done' })),
    )
    assert.deepEqual([at.bench.job().state, at.bench.job().error], ['done', null])
    assert.deepEqual(await at.outcomes(), all('done', null))
    nothingUnderWay(at.bench)
  })

  for (const failing of names) {
    test(`goes back whole when the step of ${failing} fails`, async (t) => {
      const at = await setScene(t, names)
      const before = await statesOf(at)
      at.world.faults.set(failing, { run: fail })
      assert.equal(kindOf(await at.bench.ask()), 'command_failed')
      assert.deepEqual(await statesOf(at), before)
      assert.deepEqual(await at.outcomes(), all('failed', 'command_failed'))
      assert.deepEqual([at.bench.job().state, at.bench.job().error?.code], ['failed', 'command_failed'])
      assert.match(
        at.bench.lines.at(-1)?.message ?? '',
        /^Error updating one, two, three: broken on purpose$/,
      )
      nothingUnderWay(at.bench)
      at.world.faults.clear()
      assert.equal(await at.bench.ask(), null)
    })
  }

  test('keeps what it kept before when it goes back', async (t) => {
    const at = await setScene(t, names)
    names.forEach((name) => withoutHiddenEdit(path.join(at.folder, name)))
    await at.bench.ask()
    const rollback = await Promise.all(
      names.map((name) => at.bench.ask({ goal: 'rollback', names: [name], atomic: false })),
    )
    assert.deepEqual(rollback, [null, null, null])
    const before = await statesOf(at)
    at.world.faults.set('three', { run: fail })
    assert.equal(kindOf(await at.bench.ask()), 'command_failed')
    assert.deepEqual(await statesOf(at), before)
  })

  test('what git says of one is told of that one only', async (t) => {
    const at = await setScene(t, names)
    const said = { code: 1, stdout: Buffer.alloc(0), stderr: 'fatal: no such thing\n', ended: null }
    at.world.faults.set('two', { run: () => Promise.reject(new GitError('merge', said)) })
    assert.notEqual(await at.bench.ask(), null)
    assert.match(at.bench.status('two').git_messages.join(), /no such thing/)
    for (const name of ['one', 'three']) assert.deepEqual(at.bench.status(name).git_messages, [])
    assert.deepEqual(names.map(at.version), ['v1.0.0', 'v1.0.0', 'v1.0.0'])
  })

  test('a remote that fails is told of its application only', async (t) => {
    const at = await setScene(t, names)
    git(path.join(at.folder, 'two'), 'remote', 'set-url', 'origin', path.join(at.folder, 'gone.git'))
    assert.notEqual(await at.bench.ask(), null)
    assert.notDeepEqual(at.bench.status('two').git_messages, [])
    for (const name of ['one', 'three']) assert.deepEqual(at.bench.status(name).git_messages, [])
    assert.deepEqual(names.map(at.version), ['v1.0.0', 'v1.0.0', 'v1.0.0'])
  })

  test('a member with nothing to do is left alone, and told so', async (t) => {
    const at = await setScene(t, names)
    assert.equal(await at.bench.ask({ names: ['two'], atomic: false }), null)
    const before = await at.state('two')
    at.world.faults.set('three', { run: fail })
    assert.equal(kindOf(await at.bench.ask()), 'command_failed')
    const outcomes = (): unknown[] => at.bench.job().applications.map(({ name, outcome }) => [name, outcome])
    assert.deepEqual(outcomes(), [
      ['one', 'failed'],
      ['two', 'not_needed'],
      ['three', 'failed'],
    ])
    at.world.faults.clear()
    assert.equal(await at.bench.ask(), null)
    assert.deepEqual(outcomes(), [
      ['one', 'done'],
      ['two', 'not_needed'],
      ['three', 'done'],
    ])
    assert.deepEqual(await at.state('two'), before)
    assert.equal((await at.outcomes()).filter(([name]) => name === 'two').length, 1)
    assert.equal(await at.bench.ask(), null)
    assert.equal(at.bench.job().state, 'done')
    assert.equal(
      at.bench.job().applications.every(({ outcome }) => outcome === 'not_needed'),
      true,
    )
  })

  test('a member that needs a person refuses the set before anything is asked or changed', async (t) => {
    const at = await setScene(t, names)
    at.bench.application('three').needsPerson = 'half done'
    const asked: string[] = []
    at.world.commands = {
      run: async (argv) => Promise.reject(new Error(`asked ${asked.push(argv.join(' '))}`)),
    }
    assert.equal(kindOf(await at.bench.ask()), 'not_valid')
    assert.deepEqual(asked, [])
    at.world.commands = null
    assert.deepEqual(names.map(at.version), ['v1.0.0', 'v1.0.0', 'v1.0.0'])
    assert.deepEqual(
      await at.outcomes(),
      names.map((name) => [name, old, null, 'failed', 'not_valid']).sort(),
    )
  })

  test('services shared by members are restarted on the new files, and again on the old ones', async (t) => {
    const restarts: (readonly string[])[] = []
    const at = await setScene(t, names, (world) => {
      for (const name of ['one', 'three']) {
        const own = world.options[name]
        if (own !== undefined) world.options[name] = { ...own, managed_services: ['shared', name] }
      }
      Object.assign(world.services, {
        restart: async (service: string) =>
          void restarts.push([service, ...names.map((name) => at.version(name))]),
      })
    })
    at.world.faults.set('three', { run: fail })
    await at.bench.ask()
    const back = ['v1.0.0', 'v1.0.0', 'v1.0.0']
    // What was put off was not restarted: the old version of it runs.
    assert.deepEqual(
      restarts.map(([service]) => service),
      ['one', 'two', 'three', 'three', 'two', 'one'],
    )
    for (const [, ...versions] of restarts.slice(3)) assert.deepEqual(versions, back)
    restarts.length = 0
    at.world.faults.clear()
    Object.assign(at.world.services, { state: brokenAfter('shared', restarts) })
    for (const name of names) at.world.policies.set(name, { settle_time: 0 })
    assert.equal(kindOf(await at.bench.ask()), 'health_failed')
    const shared = restarts.filter(([service]) => service === 'shared')
    assert.equal(shared.length, 2, 'once on the new files, once on the old ones')
    assert.deepEqual(shared[1]?.slice(1), back)
    Object.assign(at.world.services, { state: async () => null })
    restarts.length = 0
    await at.bench.ask()
    for (const service of ['shared', ...names])
      assert.ok(
        restarts.some(([name]) => name === service),
        service,
      )
    const last = restarts.filter(([service]) => service === 'shared').at(-1)
    assert.ok(
      last?.slice(1).every((version) => version.startsWith('v1.1.0-1')),
      String(last),
    )
  })
})

describe('what cannot be taken back', () => {
  const withOthers = async (
    t: Parameters<typeof setScene>[0],
    count: number,
  ): Promise<SetScene & { ran: string[]; others: ScriptedUpdater[] }> => {
    const ran: string[] = []
    const others: ScriptedUpdater[] = []
    const at = await setScene(t, ['one', 'two'], (world) => {
      for (let index = 0; index < count; index += 1) {
        const name = ['packages', 'firmware'][index] ?? ''
        const other = scriptedUpdater(name, '/')
        other.plans = { reversible: false }
        other.steps = [{ name: 'install', run: async () => void ran.push(name) }]
        others.push(other)
        world.others.push(other)
      }
    })
    return { ...at, ran, others }
  }
  const asked = ['packages', 'one', 'two']

  test('is refused in a set without the hash of its plan, and comes last with it', async (t) => {
    const at = await withOthers(t, 1)
    const refused = await at.bench.ask({ names: asked })
    assert.equal(kindOf(refused), 'needs_plan_hash')
    assert.match(String(refused), /packages: it cannot be taken back, so it would come last/)
    assert.deepEqual(at.ran, [])
    const question = { goal: 'upgrade', names: asked, version: null, hard: false, check: 'all' } as const
    const plan = await at.bench.engine.plan({ ...question, atomic: true })
    assert.deepEqual(plan.needs_plan_hash, ['packages: it cannot be taken back, so it would come last'])
    assert.deepEqual((await at.bench.engine.plan(question)).needs_plan_hash, [])
    const [step] = at.others[0]?.steps ?? []
    const seen: string[] = []
    if (step !== undefined) {
      const run = async (): Promise<void> => void seen.push(at.version('one'), at.version('two'))
      at.others[0]?.steps.splice(0, 1, { ...step, run })
    }
    assert.equal(await at.bench.ask({ names: asked, planHash: plan.hash }), null)
    assert.ok(seen.length === 2 && seen.every((version) => version.startsWith('v1.1.0-1')), String(seen))
    assert.equal(
      at.bench.job().applications.every(({ outcome }) => outcome === 'done'),
      true,
    )
  })

  test('is refused when two of a set are so, hash or not', async (t) => {
    const at = await withOthers(t, 2)
    const both = ['packages', 'firmware', 'one']
    assert.equal(kindOf(await at.bench.ask({ names: both })), 'not_reversible')
    const plan = await at.bench.engine.plan({
      goal: 'upgrade',
      names: both,
      version: null,
      hard: false,
      check: 'all',
    })
    assert.equal(kindOf(await at.bench.ask({ names: both, planHash: plan.hash })), 'not_reversible')
    assert.deepEqual([at.ran, at.version('one')], [[], 'v1.0.0'])
    at.others[1]!.plans = { reversible: false, needed: false }
    assert.equal(kindOf(await at.bench.ask({ names: both })), 'needs_plan_hash')
  })

  const question = { goal: 'upgrade', names: asked, version: null, hard: false, check: 'all' } as const

  test('is not begun when what comes before it fails', async (t) => {
    const at = await withOthers(t, 1)
    at.world.faults.set('two', { run: fail })
    const { hash } = await at.bench.engine.plan(question)
    assert.equal(kindOf(await at.bench.ask({ names: asked, planHash: hash })), 'command_failed')
    assert.deepEqual(at.ran, [])
  })

  test('is not begun when what comes before it does not live', async (t) => {
    const at = await withOthers(t, 1)
    const restarts: (readonly string[])[] = []
    at.world.services.restart = async (service) => void restarts.push([service, at.version('two')])
    at.world.services.state = brokenAfter('two', restarts)
    const { hash } = await at.bench.engine.plan(question)
    const thrown = await at.bench.ask({ names: asked, planHash: hash })
    assert.equal(kindOf(thrown), 'health_failed', String(thrown))
    assert.deepEqual(at.ran, [], 'it cannot be taken back')
    assert.deepEqual([at.version('one'), at.version('two')], ['v1.0.0', 'v1.0.0'])
    assert.deepEqual(restarts.at(-1)?.[0], 'one')
    assert.match(at.bench.status('two').warnings.join(), /the last update was undone/)
    assert.equal(at.others[0]?.version, 1)
    nothingUnderWay(at.bench)
  })

  test('begins when what comes before it lives, with its services restarted; all are asked again after it', async (t) => {
    const at = await withOthers(t, 1)
    const seen: string[] = []
    const own = at.world.options['one']
    const shared = { ...own, managed_services: ['shared', 'one'] } as typeof own
    if (shared !== undefined) at.world.options['one'] = shared
    at.world.services.restart = async (service) => void seen.push(`restart ${service}`)
    at.world.services.state = async (service) => (seen.push(`look ${service}`), running())
    const [step] = at.others[0]?.steps ?? []
    assert.ok(step)
    at.others[0]?.steps.splice(0, 1, { ...step, run: async () => void seen.push('install') })
    const next = await at.restart()
    const { hash } = await next.engine.plan(question)
    seen.length = 0
    assert.equal(await next.ask({ names: asked, planHash: hash }), null)
    const install = seen.indexOf('install')
    const lastRestart = seen.findLastIndex((what) => what.startsWith('restart'))
    assert.ok(lastRestart < seen.findLastIndex((what, index) => index < install && what.startsWith('look')))
    assert.ok(seen.indexOf('restart shared') < install)
    assert.ok(seen.slice(install).includes('look one'))
    assert.ok(seen.slice(install).includes('look two'))
  })
})

describe('an undo that fails', () => {
  const stuckUndo = { run: fail, undo: () => Promise.reject(new Error('the disk forgot')) }

  /** The undo of the second fails, after the third failed. */
  const halfDone = async (t: Parameters<typeof setScene>[0]): Promise<SetScene> => {
    const at = await setScene(t, names)
    at.world.faults.set('two', { undo: stuckUndo.undo })
    at.world.faults.set('three', { run: fail })
    return at
  }

  const isMended = async (at: SetScene, bench: SetBench): Promise<void> => {
    at.world.faults.clear()
    // What was hidden from git would be put back, and seen.
    withoutHiddenEdit(path.join(at.folder, 'two'))
    assert.equal(await bench.ask({ goal: 'recover', hard: true, names: ['two'], atomic: false }), null)
    assert.equal(bench.application('two').needsPerson, null)
    assert.equal(bench.status('two').is_valid, true)
    assert.equal(await bench.ask(), null)
    for (const name of names) assert.match(at.version(name), /^v1\.1\.0-1/)
  }

  const onlyTwoNeedsAPerson = (bench: SetBench): void => {
    for (const name of ['one', 'three']) {
      assert.equal(bench.application(name).needsPerson, null)
      assert.deepEqual([bench.status(name).is_valid, bench.status(name).warnings], [true, []])
    }
    const { is_valid: valid, corrupt, warnings } = bench.status('two')
    assert.deepEqual([valid, corrupt], [false, true])
    assert.match(warnings.join('\n'), /^two: .*could not be undone.*Only a hard recovery/)
  }

  test('keeps no other part from being undone; only what is stuck needs a person, and a hard recovery mends it', async (t) => {
    const at = await halfDone(t)
    const before = await statesOf(at)
    const thrown = await at.bench.ask()
    assert.equal(kindOf(thrown), 'recovery_failed')
    assert.match(
      String(thrown),
      /two: an operation failed \(broken on purpose\), and could not be undone at 'two: fault' \(the disk forgot\)/,
    )
    const after = await statesOf(at)
    assert.deepEqual([after[0], after[2]], [before[0], before[2]])
    onlyTwoNeedsAPerson(at.bench)
    const job = at.bench.job()
    assert.deepEqual([job.state, job.error?.code], ['needs_person', 'recovery_failed'])
    assert.deepEqual(
      job.applications.map(({ name, outcome }) => [name, outcome]),
      [
        ['one', 'failed'],
        ['two', 'needs_person'],
        ['three', 'failed'],
      ],
    )
    assert.deepEqual(
      (await at.outcomes()).map(([name, , , outcome]) => [name, outcome]),
      [
        ['one', 'failed'],
        ['three', 'failed'],
        ['two', 'needs_person'],
      ],
    )
    assert.equal(await at.bench.journal.read(), null)
    const next = await at.restart()
    onlyTwoNeedsAPerson(next)
    await isMended(at, next)
  })

  test('is told the same by a start that comes before it could be', async (t) => {
    const at = await halfDone(t)
    // The power goes when it was given up, and not put aside yet.
    at.world.files = { ...systemFiles, rename: () => Promise.reject(new Error('no power')) }
    await at.bench.ask()
    const journal = path.join(at.bench.dataFolder, 'journal.json')
    assert.ok(existsSync(journal))
    for (const name of names)
      await systemFiles.remove(path.join(at.bench.dataFolder, 'state', `${name}.json`))
    at.world.files = systemFiles
    await at.bench.engine.stop()
    const next = await at.restart()
    const outcome = await next.recover()
    assert.deepEqual([outcome?.state, outcome?.stuck], ['needs_person', ['two']])
    onlyTwoNeedsAPerson(next)
    assert.deepEqual(
      names.map((name) => name === 'two' || at.version(name) === 'v1.0.0'),
      [true, true, true],
    )
    await isMended(at, next)
  })

  test('that a start has to do is stuck where it is stuck', async (t) => {
    const at = await halfDone(t)
    let killed = false
    at.world.files = {
      ...systemFiles,
      writeText: async (file, text) => {
        // Killed when the undo begins: nothing of it is done.
        killed ||= text.includes('"phase":"undoing"')
        if (killed) throw new Error('no power')
        await systemFiles.writeText(file, text)
      },
    }
    at.world.faults.set('one', { undo: () => Promise.reject(new Error('no power')) })
    at.world.faults.set('three', { run: fail, undo: () => Promise.reject(new Error('no power')) })
    await at.bench.ask()
    at.world.files = systemFiles
    at.world.faults.delete('one')
    at.world.faults.delete('three')
    await at.bench.engine.stop()
    const next = await at.restart()
    const outcome = await next.recover()
    assert.deepEqual([outcome?.state, outcome?.stuck], ['needs_person', ['two']])
    onlyTwoNeedsAPerson(next)
    await isMended(at, next)
  })
})
