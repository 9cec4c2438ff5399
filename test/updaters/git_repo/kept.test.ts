import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { commit, git } from '../../support/repositories.js'
import {
  cutOff,
  filesOf,
  goBackTo,
  goTo,
  keptOf,
  nothingUnderWay,
  refusal,
  scene,
  tip,
  type Scene,
} from '../../support/scene.js'

const head = ({ app }: Scene): string => git(app, 'rev-parse', 'HEAD')

/** The upstream goes on, and the application with it. @returns the versions that were installed, oldest first */
const upgradeTimes = async (at: Scene, times: number): Promise<readonly string[]> => {
  const installed = [head(at)]
  for (let number = 0; number < times; number += 1) {
    const name = `${installed.length}-${number}.py`
    commit(at.upstream.seed, name, { [name]: `${number}\n`, 'app.py': `print(${number})\n` })
    git(at.upstream.seed, 'tag', `v2.${number}.0`)
    at.upstream.publish()
    await at.bench.engine.refresh('app')
    await at.bench.engine.upgrade('app')
    installed.push(head(at))
  }
  return installed
}

/** The refs and what is remembered are the same, and the running version is none of them. */
const agreed = (at: Scene): readonly string[] => {
  const { refs, state } = keptOf(at)
  assert.deepEqual(refs, state)
  assert.equal(refs.includes(head(at)), false)
  return refs
}

const throwAway = (at: Scene): void => {
  git(at.app, 'reflog', 'expire', '--expire=now', '--expire-unreachable=now', '--all')
  git(at.app, 'gc', '-q', '--prune=now')
}

for (const generations of [0, 1, 3]) {
  test(`the last ${generations} versions are kept`, async (t) => {
    const at = await scene(t, () => {}, { generations })
    const installed = await upgradeTimes(at, generations + 1)
    const wanted = installed.slice(0, -1).slice(installed.length - 1 - generations)
    assert.deepEqual(agreed(at), [...wanted].sort())
  })
}

test('every kept version can be had without the network, again and again', async (t) => {
  const at = await scene(t)
  const installed = await upgradeTimes(at, 3)
  const { seed } = at.upstream
  git(seed, 'checkout', '-q', '--orphan', 'anew')
  commit(seed, 'anew', {})
  git(seed, 'branch', '-q', '-f', 'master', 'anew')
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  throwAway(at)
  cutOff(at)
  git(at.app, 'remote', 'set-url', 'origin', 'http://127.0.0.1:1/gone.git')
  for (const index of [0, 2, 1, 3, 0, 3]) {
    await goTo(at, 'rollback', installed[index] ?? '')
    assert.equal(head(at), installed[index])
    assert.equal(git(at.app, 'status', '--porcelain'), '')
    assert.deepEqual(agreed(at), installed.filter((id) => id !== installed[index]).sort())
  }
  for (const name of ['v2.0.0', 'v2.0.0-0', `v2.1.0-0-g${installed[2]?.slice(0, 8)}`])
    await goTo(at, 'rollback', name)
  assert.equal(head(at), installed[2])
  await goTo(at, 'rollback', installed[2] ?? '')
  assert.equal(at.bench.lines.at(-1)?.message, 'Git Repo app: Rollback not performed')
})

test('a name that several kept versions have names none', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  const { seed } = at.upstream
  const first = head(at)
  await goTo(at, 'rollback', null)
  git(seed, 'reset', '-q', '--hard', 'v1.1.0')
  commit(seed, 'another fourth', { 'app.py': 'print("other")\n' })
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  await at.bench.engine.upgrade('app')
  await goTo(at, 'rollback', 'v1.0.0')
  const { message, kind } = await refusal(() => goTo(at, 'rollback', 'v1.1.0-1'))
  assert.equal(kind, 'unknown_version')
  assert.match(
    message,
    new RegExp(
      `Kept are: v1\\.1\\.0-1 \\(${tip(at).slice(0, 8)}\\), v1\\.1\\.0-1 \\(${first.slice(0, 8)}\\)`,
    ),
  )
  await goTo(at, 'rollback', first.slice(0, 8))
  assert.equal(head(at), first)
})

test('edits are carried over by a rollback to a kept version', async (t) => {
  const at = await scene(t)
  await upgradeTimes(at, 2)
  const defaults = path.join(at.app, 'conf/defaults.cfg')
  writeFileSync(defaults, readFileSync(defaults, 'utf8').replace('home: 1', 'home: 9'))
  writeFileSync(path.join(at.app, 'plugin.py'), 'mine\n')
  await goTo(at, 'rollback', 'v1.0.0')
  assert.equal(readFileSync(defaults, 'utf8'), 'speed: 1\nheat: 1\nlight: 1\nsound: 1\nhome: 9\n')
  assert.equal(readFileSync(path.join(at.app, 'plugin.py'), 'utf8'), 'mine\n')
  assert.equal(git(at.app, 'status', '--porcelain', '-uno'), 'M conf/defaults.cfg')
  nothingUnderWay(at)
})

test('a version that is not kept any more is refused', async (t) => {
  const at = await scene(t, () => {}, { generations: 1 })
  const [oldest = ''] = await upgradeTimes(at, 3)
  const before = filesOf(at.app)
  const { kind, message } = await refusal(() => goTo(at, 'rollback', oldest))
  assert.equal(kind, 'unknown_version')
  assert.match(message, /is not kept[^]* Kept are: v2\.1\.0-0 \(/)
  assert.deepEqual(filesOf(at.app), before)
})

test('a failed upgrade leaves what is kept as it was', async (t) => {
  let failing = false
  const restart = async (): Promise<void> => {
    if (failing) {
      failing = false
      throw new Error('it does not start')
    }
  }
  const at = await scene(t, () => {}, { services: { restart } }, { managed_services: ['app'] })
  await upgradeTimes(at, 2)
  commit(at.upstream.seed, 'later', {})
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  const before = [keptOf(at), head(at), at.bench.status('app').rollback_version]
  const works: readonly (() => Promise<void>)[] = [
    () => at.bench.engine.upgrade('app'),
    () => goTo(at, 'rollback', 'v1.0.0'),
    () => goBackTo(at, 'v1.1.0'),
  ]
  for (const work of works) {
    failing = true
    await assert.rejects(work, /it does not start/)
    assert.deepEqual([keptOf(at), head(at), at.bench.status('app').rollback_version], before)
  }
  agreed(at)
  nothingUnderWay(at)
})

test('a hard recovery has no kept versions', async (t) => {
  const at = await scene(t)
  await upgradeTimes(at, 2)
  await at.bench.engine.recover('app', { hard: true, updateDependencies: false })
  assert.deepEqual(agreed(at), [])
})

test('a soft recovery keeps what it leaves, when that was kept', async (t) => {
  const at = await scene(t)
  const [oldest = ''] = await upgradeTimes(at, 1)
  // Somebody goes back by hand, and the remote begins anew.
  git(at.app, 'reset', '-q', '--hard', oldest)
  const { seed } = at.upstream
  git(seed, 'checkout', '-q', '--orphan', 'anew')
  commit(seed, 'anew', {})
  git(seed, 'branch', '-q', '-f', 'master', 'anew')
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  await at.bench.engine.recover('app', { hard: false, updateDependencies: false })
  assert.equal(head(at), git(seed, 'rev-parse', 'anew'))
  assert.deepEqual(agreed(at), [oldest])
})

test('a soft recovery keeps them, but not the one that it brings back', async (t) => {
  const at = await scene(t)
  const installed = await upgradeTimes(at, 2)
  const { seed } = at.upstream
  git(seed, 'reset', '-q', '--hard', installed[1] ?? '')
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  assert.equal(at.bench.status('app').is_valid, false)
  await at.bench.engine.recover('app', { hard: false, updateDependencies: false })
  assert.equal(head(at), installed[1])
  assert.deepEqual(agreed(at), installed.slice(0, 1))
})

test('after a rollback to a named version a plain one goes to what was left', async (t) => {
  const at = await scene(t)
  const installed = await upgradeTimes(at, 2)
  await goTo(at, 'rollback', installed[0] ?? '')
  assert.equal(at.bench.status('app').rollback_version, 'v2.1.0-0')
  await goTo(at, 'rollback', null)
  assert.equal(head(at), installed[2])
  // compat: asked for once more, it has nothing to do.
  await goTo(at, 'rollback', null)
  assert.equal(at.bench.lines.at(-1)?.message, 'Git Repo app: Rollback not performed')
})

/** The remote begins anew, somebody follows by hand, and nothing but the refs keeps what was before. */
const beginAnew = async (at: Scene, name: string): Promise<void> => {
  const { seed, url } = at.upstream
  git(seed, 'checkout', '-q', '--orphan', name)
  commit(seed, name, { 'app.py': `print("${name}")\n` })
  git(seed, 'branch', '-q', '-f', 'master', name)
  at.upstream.publish()
  for (const folder of [seed, url, at.app])
    for (const tag of git(folder, 'tag').split('\n')) if (tag !== '') git(folder, 'tag', '-d', tag)
  git(at.app, 'fetch', '-q', '--prune', 'origin')
  git(at.app, 'reset', '-q', '--hard', 'origin/master')
  git(at.app, 'update-ref', '-d', 'ORIG_HEAD')
  await at.bench.engine.refresh('app')
}

test('where space is short, the oldest versions go that nothing else keeps', async (t) => {
  const at = await scene(t)
  const [oldest = '', second = ''] = await upgradeTimes(at, 2)
  await beginAnew(at, 'anew')
  const { updater } = at.bench.application('app')
  commit(at.upstream.seed, 'on', { 'on.py': 'on\n' })
  git(at.upstream.seed, 'branch', '-q', '-f', 'master', 'anew')
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  const third = head(at)
  await at.bench.engine.upgrade('app')
  assert.deepEqual(agreed(at), [oldest, second, third].sort())
  // Without the oldest alone nothing more is free: it is part of the second.
  assert.equal(await updater.dropOldest(), true)
  assert.deepEqual(agreed(at), [third])
  assert.equal(await updater.dropOldest(), false, 'it is part of what is installed')
  throwAway(at)
  assert.throws(() => git(at.app, 'cat-file', '-e', oldest))
})

test('no kept version goes where that would make no room', async (t) => {
  const at = await scene(t)
  await upgradeTimes(at, 2)
  const before = keptOf(at)
  assert.equal(await at.bench.application('app').updater.dropOldest(), false)
  assert.deepEqual(keptOf(at), before)
})

const stepContext = (at: Scene) => ({
  progress: () => {},
  signal: new AbortController().signal,
  workFolder: path.join(at.folder, 'work'),
  begun: () => true,
})

test('the undo of keeping a version leaves a ref that was there, and no other', async (t) => {
  const at = await scene(t)
  await upgradeTimes(at, 1)
  const { updater } = at.bench.application('app')
  const stepFor = async (version: string) => {
    const goal = { kind: 'rollback', version } as const
    await updater.survey(goal, {
      signal: new AbortController().signal,
      progress: () => {},
      shown: false,
      fresh: false,
    })
    const step = updater.plan(goal).steps.find(({ name }) => name === 'keep version')
    assert.ok(step)
    return step
  }
  const before = agreed(at)
  const fresh = await stepFor('v1.0.0')
  await fresh.undo?.(stepContext(at))
  assert.deepEqual(keptOf(at).refs, before, 'never begun')
  await fresh.run?.(stepContext(at))
  await fresh.run?.(stepContext(at))
  assert.deepEqual(keptOf(at).refs, [...before, head(at)].sort())
  // A git that was killed leaves its locks.
  for (const name of [`refs/moonkeeper/app/kept/${head(at)}.lock`, 'packed-refs.lock'])
    writeFileSync(path.join(at.app, '.git', name), '')
  await fresh.undo?.(stepContext(at))
  await fresh.undo?.(stepContext(at))
  assert.deepEqual(keptOf(at).refs, before)
  git(at.app, 'checkout', '-q', 'v1.0.0')
  await at.bench.engine.refresh('app')
  git(at.app, 'checkout', '-q', 'master')
  git(at.app, 'reset', '-q', '--hard', 'v1.0.0')
  await at.bench.engine.refresh('app')
  // What is installed is kept from before: somebody went back by hand.
  const again = await updater.survey(
    { kind: 'upgrade', version: null },
    { signal: new AbortController().signal, progress: () => {}, shown: false, fresh: false },
  )
  assert.equal(again.nothing, null)
  const step = updater
    .plan({ kind: 'upgrade', version: null })
    .steps.find(({ name }) => name === 'keep version')
  await step?.run?.(stepContext(at))
  await step?.undo?.(stepContext(at))
  assert.deepEqual(keptOf(at).refs, before)
})
