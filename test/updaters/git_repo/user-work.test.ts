import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { commit, git } from '../../support/repositories.js'
import { kept, nothingUnderWay, scene, tip, type Scene } from '../../support/scene.js'

const soft = { hard: false, updateDependencies: false }
const hard = { hard: true, updateDependencies: false }

const textOf = (at: Scene, end: string): string => {
  const file = kept(at).find((name) => name.endsWith(end))
  return file === undefined ? '' : readFileSync(file, 'utf8')
}

const reader =
  (at: Scene) =>
  (name: string): string =>
    readFileSync(path.join(at.app, name), 'utf8')

const inTheWay: Readonly<Record<string, (file: string) => void>> = {
  'an identical file': (file) => writeFileSync(file, 'new = 1\n'),
  'the beginning of the file': (file) => writeFileSync(file, 'new'),
  'an empty file': (file) => writeFileSync(file, ''),
}

for (const [what, put] of Object.entries(inTheWay)) {
  test(`a refused upgrade leaves ${what} of the user where it is`, async (t) => {
    const at = await scene(t, (app) => {
      mkdirSync(path.join(app, 'new/deep'), { recursive: true })
      put(path.join(app, 'new/deep/file.py'))
    })
    const before = reader(at)('new/deep/file.py')
    await assert.rejects(at.bench.engine.upgrade('app'), /new\/deep\/file\.py.*Move them away/)
    assert.equal(reader(at)('new/deep/file.py'), before)
    assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
    nothingUnderWay(at)
  })
}

test('a symlink of the user that leads out of the checkout is refused, and nothing behind it is touched', async (t) => {
  const at = await scene(t, (app) => {
    mkdirSync(path.join(app, '../outside/deep'), { recursive: true })
    writeFileSync(path.join(app, '../outside/deep/file.py'), 'new = 1\n')
    symlinkSync('../outside', path.join(app, 'new'))
  })
  await assert.rejects(at.bench.engine.upgrade('app'), /: new\. Move them away/)
  assert.equal(readFileSync(path.join(at.folder, 'outside/deep/file.py'), 'utf8'), 'new = 1\n')
})

test('a damaged object of the new version stops an upgrade before it begins, however often it is tried', async (t) => {
  const at = await scene(t, (app) => mkdirSync(path.join(app, 'big.txt')))
  const stranger = path.join(at.app, 'big.txt/mine')
  writeFileSync(stranger, 'mine\n')
  await assert.rejects(at.bench.engine.upgrade('app'), /big\.txt.*Move them away/)
  rmSync(stranger)
  const id = git(at.app, 'rev-parse', 'origin/master:big.txt')
  const object = path.join(at.app, '.git/objects', id.slice(0, 2), id.slice(2))
  rmSync(object)
  await assert.rejects(at.bench.engine.upgrade('app'), /'diff-tree' failed/)
  assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
  nothingUnderWay(at)
})

test('an edit since the last look is left alone by a refused upgrade, whatever it is', async (t) => {
  const at = await scene(t)
  truncateSync(path.join(at.app, 'conf/defaults.cfg'))
  writeFileSync(path.join(at.app, 'app.py'), git(at.app, 'show', 'origin/master:app.py') + '\n')
  await assert.rejects(at.bench.engine.upgrade('app'), /pull --progress' failed/)
  assert.equal(reader(at)('conf/defaults.cfg'), '')
  assert.equal(reader(at)('app.py'), 'print("four")\n')
})

test('an ignored file of the user is not overwritten by a rollback', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  writeFileSync(path.join(at.app, '.git/info/exclude'), 'lib/goes.py\n')
  writeFileSync(path.join(at.app, 'lib/goes.py'), '')
  await assert.rejects(at.bench.engine.rollback('app'), /lib\/goes\.py/)
  assert.equal(reader(at)('lib/goes.py'), '')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
})

test('files that become folders and folders that become symlinks come back when an upgrade is undone', async (t) => {
  const at = await scene(t, (_app, upstream) => {
    commit(upstream.seed, 'shapes', { fd: 'file\n', 'ds/stays.py': 'x = 1\n' })
    upstream.publish()
  })
  await at.bench.engine.refresh('app')
  await at.bench.engine.upgrade('app')
  const old = tip(at)
  rmSync(path.join(at.upstream.seed, 'ds'), { recursive: true })
  rmSync(path.join(at.upstream.seed, 'fd'))
  symlinkSync('lib', path.join(at.upstream.seed, 'ds'))
  commit(at.upstream.seed, 'other shapes', { 'fd/y': 'inside\n' })
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  await at.bench.engine.upgrade('app')
  assert.equal(readlinkSync(path.join(at.app, 'ds')), 'lib')
  await at.bench.engine.rollback('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), old)
  assert.equal(git(at.app, 'status', '--porcelain'), '')
  assert.equal(reader(at)('ds/stays.py'), 'x = 1\n')
})

test('what was taken out of the index is still an edit', async (t) => {
  const at = await scene(t, (app) => {
    git(app, 'rm', '-q', '--cached', 'conf/defaults.cfg')
    writeFileSync(path.join(app, 'conf/defaults.cfg'), 'MINE\n')
  })
  await at.bench.engine.recover('app', soft)
  assert.match(textOf(at, '.patch'), /\+MINE/)
})

test('what took the place of tracked files is refused, not deleted', async (t) => {
  const at = await scene(t, (app) => {
    rmSync(path.join(app, 'app.py'))
    mkdirSync(path.join(app, 'app.py'))
    writeFileSync(path.join(app, 'app.py/mine.txt'), 'mine\n')
  })
  await assert.rejects(at.bench.engine.recover('app', soft), /app\.py took the place/)
  assert.equal(reader(at)('app.py/mine.txt'), 'mine\n')
})

test('flags that hide edits do not lose them', async (t) => {
  const at = await scene(t, (app) => {
    git(app, 'update-index', '--skip-worktree', 'conf/defaults.cfg')
    git(app, 'update-index', '--assume-unchanged', 'app.py')
    writeFileSync(path.join(app, 'conf/defaults.cfg'), 'HIDDEN\n')
    writeFileSync(path.join(app, 'app.py'), 'ASSUMED\n')
  })
  await at.bench.engine.recover('app', hard)
  assert.match(textOf(at, '.patch'), /\+HIDDEN/)
  assert.match(textOf(at, '.patch'), /\+ASSUMED/)
})

test('what is staged and differs from the file is kept too', async (t) => {
  const at = await scene(t, (app) => {
    writeFileSync(path.join(app, 'app.py'), 'STAGED\n')
    git(app, 'add', 'app.py')
    writeFileSync(path.join(app, 'app.py'), 'WORKING\n')
  })
  await at.bench.engine.recover('app', soft)
  assert.match(textOf(at, '.staged.patch'), /\+STAGED/)
})

test('a name that is no UTF-8 stops a hard recovery before anything is lost', async (t) => {
  const at = await scene(t, (app) => {
    writeFileSync(Buffer.concat([Buffer.from(path.join(app, 'caf')), Buffer.from([0xe9])]), 'mine\n')
  })
  await assert.rejects(at.bench.engine.recover('app', hard), /no UTF-8/)
  assert.equal(existsSync(Buffer.concat([Buffer.from(path.join(at.app, 'caf')), Buffer.from([0xe9])])), true)
  nothingUnderWay(at)
})

test('stashes, detached commits and tags survive a hard recovery', async (t) => {
  const at = await scene(t, (app) => {
    writeFileSync(path.join(app, 'app.py'), 'stashed\n')
    git(app, 'stash', '-q')
    git(app, 'checkout', '-q', '--detach')
    commit(app, 'detached work', { 'x.txt': 'x' })
  })
  await at.bench.engine.recover('app', hard)
  const old = kept(at).find((name) => name.endsWith('.git')) ?? ''
  assert.equal(git(old, 'log', '-1', '--format=%s', 'HEAD'), 'detached work')
  assert.equal(git(old, 'log', '-1', '--format=%P', 'refs/stash').split(' ').length, 2)
})

test('local commits that a rollback takes off the branch are kept as a bundle', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  const mine = commit(at.app, 'mine', { 'mine.txt': 'mine\n' })
  await at.bench.engine.rollback('app')
  const bundle = kept(at).find((name) => name.endsWith('.bundle')) ?? ''
  assert.match(git(at.app, 'bundle', 'list-heads', bundle), new RegExp(mine))
})

test('an undone recovery brings the branch back that it had moved', async (t) => {
  const at = await scene(t, (app) => {
    commit(app, 'mine on master', { 'mine.txt': 'mine\n' })
    git(app, 'checkout', '-q', '-b', 'feature', 'v1.0.0')
    git(app, 'config', 'branch.feature.remote', 'origin')
    git(app, 'config', '--unset', 'branch.master.remote')
    writeFileSync(path.join(app, '.git/config.lock'), '')
  })
  const master = git(at.app, 'rev-parse', 'master')
  await assert.rejects(at.bench.engine.recover('app', soft), /config/)
  assert.equal(git(at.app, 'rev-parse', 'master'), master)
  assert.equal(git(at.app, 'symbolic-ref', '--short', 'HEAD'), 'feature')
})

test('patches of quick recoveries do not overwrite each other', async (t) => {
  const at = await scene(t)
  for (const text of ['ONE', 'TWO', 'THREE']) {
    writeFileSync(path.join(at.app, 'app.py'), `${text}\n`)
    await at.bench.engine.recover('app', soft)
  }
  const all = kept(at)
    .map((name) => readFileSync(name, 'utf8'))
    .join('')
  for (const text of ['ONE', 'TWO', 'THREE']) assert.match(all, new RegExp(`\\+${text}`))
})

test('the user’s settings of git do not spoil a patch', async (t) => {
  const at = await scene(t, (app) => {
    git(app, 'config', 'diff.noprefix', 'true')
    git(app, 'config', 'color.diff', 'always')
    writeFileSync(path.join(app, 'conf/defaults.cfg'), 'speed: 1\nheat: 1\nlight: 1\nsound: 1\nhome: 9\n')
  })
  await at.bench.engine.recover('app', hard)
  assert.match(reader(at)('conf/defaults.cfg'), /home: 9/)
})

test('what a power cut leaves: an emptied branch is damage, and a hard recovery brings the same version back', async (t) => {
  const at = await scene(t, (app) => {
    writeFileSync(path.join(app, 'conf/defaults.cfg'), 'speed: 1\nheat: 1\nlight: 1\nsound: 1\nhome: 9\n')
    writeFileSync(path.join(app, '.git/refs/heads/master'), '')
  })
  assert.deepEqual([at.bench.status('app').corrupt, at.bench.status('app').is_dirty], [true, false])
  await at.bench.engine.recover('app', hard)
  assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
  assert.match(reader(at)('conf/defaults.cfg'), /home: 9/)
  assert.equal(reader(at)('lib/goes.py'), 'goes = 1\n')
})

test('what a power cut leaves: an emptied HEAD', async (t) => {
  const at = await scene(t, (app) => writeFileSync(path.join(app, '.git/HEAD'), ''))
  assert.equal(at.bench.status('app').corrupt, true)
  await at.bench.engine.recover('app', hard)
  assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
})

test('a damaged index is built again by a soft recovery', async (t) => {
  const at = await scene(t, (app) => writeFileSync(path.join(app, '.git/index'), 'garbage'))
  await at.bench.engine.recover('app', soft)
  assert.equal(at.bench.status('app').is_valid, true)
})

test('submodules follow their application up and back', async (t) => {
  const allow = ['-c', 'protocol.file.allow=always']
  const at = await scene(t, (app, upstream) => {
    const part = path.join(app, '../part')
    mkdirSync(part)
    git(part, 'init', '-q', '-b', 'master')
    commit(part, 'one', { 'part.txt': 'one\n' })
    git(upstream.seed, ...allow, 'submodule', 'add', '-q', part, 'ext')
    commit(upstream.seed, 'with ext', {})
    upstream.publish()
    git(app, 'fetch', '-q')
    git(app, 'reset', '-q', '--hard', 'origin/master')
    git(app, ...allow, 'submodule', 'update', '-q', '--init')
    git(path.join(app, 'ext'), 'config', 'protocol.file.allow', 'always')
    commit(part, 'two', { 'part.txt': 'two\n' })
    git(path.join(upstream.seed, 'ext'), ...allow, 'pull', '-q')
    commit(upstream.seed, 'ext: two', {})
    upstream.publish()
  })
  await at.bench.engine.upgrade('app')
  assert.equal(reader(at)('ext/part.txt'), 'two\n')
  assert.equal(at.bench.status('app').is_valid, true)
  await at.bench.engine.rollback('app')
  assert.equal(reader(at)('ext/part.txt'), 'one\n')
  assert.equal(git(at.app, 'status', '--porcelain'), '')
})

test('a commit message cannot forge other commits', async (t) => {
  const forged = `evil\u001esha:${'0'.repeat(40)}\u001dauthor:x\u001ddate:1\u001dsubject:y`
  const at = await scene(t, (_app, upstream) => {
    commit(upstream.seed, `${forged}\n\n${'long '.repeat(5000)}`, { 'x.txt': 'x' })
    upstream.publish()
  })
  const { commits_behind: commits } = at.bench.status('app')
  assert.equal(commits.length, 4)
  assert.ok(commits.every((one) => /^[0-9a-f]{40}$/.test(one.sha) && one.message.length <= 4000))
})
