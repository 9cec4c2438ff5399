import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { makeEngine } from '../../support/engine.js'
import { temporaryFolder } from '../../support/folder.js'
import { checkoutAt, commit, git, makeUpstream } from '../../support/repositories.js'
import { nothingUnderWay, scene, tip } from '../../support/scene.js'
import { gitOptions } from '../../support/surroundings.js'

test('an upgrade goes to the tip and says what git says', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
  assert.equal(git(at.app, 'status', '--porcelain'), '')
  const messages = at.bench.lines.map((line) => line.message)
  assert.equal(messages[0], 'Updating Application app...')
  assert.equal(messages[1], 'Git Repo app: Updating Repo...')
  assert.ok(messages.includes('Fast-forward'))
  assert.deepEqual(at.bench.lines.at(-1)?.complete, true)
  assert.equal(messages.at(-1), 'Git Repo app: Update Finished...')
  assert.equal(at.bench.status('app').version, 'v1.1.0-1')
  assert.equal(at.bench.status('app').rollback_version, 'v1.0.0-0')
  nothingUnderWay(at)
})

test('nothing to do is silent', async (t) => {
  const at = await scene(t, (app) => git(app, 'reset', '-q', '--hard', 'origin/master'))
  await at.bench.engine.upgrade('app')
  assert.deepEqual(at.bench.lines, [])
})

test('a rollback brings the version before the upgrade back, edits carried over', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  writeFileSync(path.join(at.app, 'conf/defaults.cfg'), 'speed: 2\nheat: 1\nlight: 1\nsound: 1\nhome: 9\n')
  writeFileSync(path.join(at.app, 'notes.txt'), 'mine\n')
  await at.bench.engine.rollback('app')
  assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
  assert.equal(
    readFileSync(path.join(at.app, 'conf/defaults.cfg'), 'utf8'),
    'speed: 1\nheat: 1\nlight: 1\nsound: 1\nhome: 9\n',
  )
  assert.equal(readFileSync(path.join(at.app, 'notes.txt'), 'utf8'), 'mine\n')
  assert.equal(existsSync(path.join(at.app, 'new')), false)
  assert.equal(at.bench.lines.at(-1)?.message, 'Git Repo app: Rollback Complete')
  nothingUnderWay(at)
})

test('edits that do not fit the other version are kept as a patch and named', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  writeFileSync(path.join(at.app, 'new/deep/file.py'), 'new = 1\nmine = 1\n')
  await at.bench.engine.rollback('app')
  const line = at.bench.lines.find((one) => one.message.includes('do not fit'))
  assert.match(line?.message ?? '', /new\/deep\/file\.py/)
  const kept = /kept in (\S+)$/.exec(line?.message ?? '')?.[1] ?? ''
  assert.match(readFileSync(kept, 'utf8'), /\+mine = 1/)
})

test('a rollback refuses to overwrite a file of the user and changes nothing', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  writeFileSync(path.join(at.app, 'lib/goes.py'), 'my own file\n')
  await assert.rejects(at.bench.engine.rollback('app'), /lib\/goes\.py/)
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
  assert.equal(readFileSync(path.join(at.app, 'lib/goes.py'), 'utf8'), 'my own file\n')
  nothingUnderWay(at)
})

test('without an earlier version a rollback says so', async (t) => {
  const at = await scene(t)
  await at.bench.engine.rollback('app')
  assert.deepEqual(
    at.bench.lines.map((line) => line.message),
    ['Git Repo app: Rollback not performed'],
  )
})

test('an edited repository is refused, and a soft recovery cleans it and keeps the edits', async (t) => {
  const at = await scene(t, (app) => {
    writeFileSync(path.join(app, 'app.py'), 'print("mine")\n')
    writeFileSync(path.join(app, 'plugin.py'), 'mine = 1\n')
  })
  await assert.rejects(at.bench.engine.upgrade('app'), /Update aborted, repo not valid/)
  await at.bench.engine.recover('app', { hard: false, updateDependencies: false })
  assert.equal(git(at.app, 'status', '--porcelain', '--untracked-files=no'), '')
  assert.equal(readFileSync(path.join(at.app, 'plugin.py'), 'utf8'), 'mine = 1\n')
  assert.equal(at.bench.status('app').is_valid, true)
  const [patch = ''] = readdirSync(path.join(at.bench.dataFolder, 'edits/app'))
  assert.match(readFileSync(path.join(at.bench.dataFolder, 'edits/app', patch), 'utf8'), /\+print\("mine"\)/)
  assert.equal(at.bench.lines.at(-1)?.message, 'Git Repo app: Reinstall Complete')
  await at.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
})

test('a soft recovery ends a merge with conflicts and a detached head', async (t) => {
  const at = await scene(t, (app) => {
    git(app, 'checkout', '-q', '-b', 'other')
    commit(app, 'other', { 'app.py': 'print("other")\n' })
    git(app, 'checkout', '-q', '--detach', 'v1.1.0')
    try {
      git(app, 'merge', 'other')
    } catch {
      // The conflict is wanted.
    }
  })
  await at.bench.engine.recover('app', { hard: false, updateDependencies: false })
  assert.equal(git(at.app, 'status', '--porcelain'), '')
  assert.equal(git(at.app, 'symbolic-ref', '--short', 'HEAD'), 'master')
  assert.equal(existsSync(path.join(at.app, '.git/MERGE_HEAD')), false)
})

const corrupt = (app: string): void => {
  git(app, 'gc', '-q')
  const packs = path.join(app, '.git/objects/pack')
  const pack = readdirSync(packs).find((name) => name.endsWith('.pack')) ?? ''
  rmSync(path.join(packs, pack.replace('.pack', '.idx')))
  writeFileSync(path.join(app, '.git/broken.pack'), readFileSync(path.join(packs, pack)))
  rmSync(path.join(packs, pack))
  rmSync(path.join(app, '.git/index'), { force: true })
}

test('a hard recovery works on a repository that was corrupt from the first look, and keeps what is the user’s', async (t) => {
  const at = await scene(t, (app) => {
    corrupt(app)
    writeFileSync(path.join(app, 'conf/defaults.cfg'), 'speed: 1\nheat: 1\nlight: 1\nsound: 1\nhome: 9\n')
    mkdirSync(path.join(app, 'env/lib'), { recursive: true })
    writeFileSync(path.join(app, 'env/lib/x.py'), 'x = 1\n')
    writeFileSync(path.join(app, 'lib/plugin.py'), 'mine = 1\n')
    symlinkSync('/somewhere/else', path.join(app, 'link'))
  })
  assert.equal(at.bench.status('app').is_valid, false)
  await at.bench.engine.recover('app', { hard: true, updateDependencies: false })
  assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
  assert.equal(readFileSync(path.join(at.app, 'conf/defaults.cfg'), 'utf8').includes('home: 9'), true)
  assert.equal(readFileSync(path.join(at.app, 'env/lib/x.py'), 'utf8'), 'x = 1\n')
  assert.equal(readFileSync(path.join(at.app, 'lib/plugin.py'), 'utf8'), 'mine = 1\n')
  assert.equal(readlinkSync(path.join(at.app, 'link')), '/somewhere/else')
  assert.equal(git(at.app, 'status', '--porcelain', '--untracked-files=no'), 'M conf/defaults.cfg')
  git(at.app, 'fsck', '--full')
  nothingUnderWay(at)
})

test('a hard recovery of a diverged repository ends well and keeps the local commits', async (t) => {
  const at = await scene(t, (app) => commit(app, 'mine', { 'mine.py': 'mine = 1\n' }))
  assert.deepEqual(at.bench.status('app').anomalies.includes('Repo has diverged from remote'), true)
  await at.bench.engine.recover('app', { hard: true, updateDependencies: false })
  assert.equal(at.bench.status('app').is_valid, true)
  const old =
    readdirSync(path.join(at.bench.dataFolder, 'edits/app')).find((name) => name.endsWith('.git')) ?? ''
  assert.equal(git(path.join(at.bench.dataFolder, 'edits/app', old), 'log', '-1', '--format=%s'), 'mine')
})

test('a soft recovery repairs damaged objects', async (t) => {
  const at = await scene(t, (app) => {
    const tree = git(app, 'rev-parse', 'HEAD^{tree}')
    const packs = path.join(app, '.git/objects/pack')
    for (const name of readdirSync(packs).filter((file) => file.endsWith('.pack'))) {
      const moved = path.join(app, '.git', name)
      writeFileSync(moved, readFileSync(path.join(packs, name)))
      for (const part of ['.pack', '.idx', '.rev'])
        rmSync(path.join(packs, name.replace('.pack', part)), { force: true })
    }
    for (const entry of readdirSync(path.join(app, '.git')).filter((name) => name.endsWith('.pack'))) {
      unpack(app, path.join(app, '.git', entry))
    }
    const object = path.join(app, '.git/objects', tree.slice(0, 2), tree.slice(2))
    if (lstatSync(path.dirname(object), { throwIfNoEntry: false }) === undefined)
      mkdirSync(path.dirname(object))
    rmSync(object, { force: true })
    writeFileSync(object, 'garbage')
  })
  assert.equal(at.bench.status('app').corrupt, true)
  await at.bench.engine.recover('app', { hard: false, updateDependencies: false })
  assert.equal(at.bench.status('app').is_valid, true)
  git(at.app, 'fsck', '--full')
})

const unpack = (app: string, pack: string): void => {
  git(app, '-c', `alias.unpack=!git unpack-objects -q < '${pack}'`, 'unpack')
  rmSync(pack)
}

test('a failing service restart undoes an upgrade', async (t) => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const app = checkoutAt(upstream, path.join(folder, 'app'), 'v1.0.0')
  const restarted: string[] = []
  const services = {
    restart: async (service: string) => {
      restarted.push(`${service} at ${git(app, 'describe', '--tags')}`)
      if (restarted.length === 1) throw new Error('it does not start')
    },
  }
  const options = gitOptions(app, upstream.url, { managed_services: ['app'] })
  const bench = await makeEngine(folder, { app: options }, { services })
  t.after(() => bench.engine.stop())
  await assert.rejects(bench.engine.upgrade('app'), /it does not start/)
  assert.equal(git(app, 'describe', '--tags'), 'v1.0.0')
  assert.equal(git(app, 'status', '--porcelain'), '')
  assert.equal(restarted.length, 2)
  assert.match(restarted[1] ?? '', /^app at v1\.0\.0$/)
  assert.equal(bench.lines.at(-1)?.message, 'Error updating app: it does not start')
  assert.equal(bench.lines.at(-1)?.complete, true)
})
