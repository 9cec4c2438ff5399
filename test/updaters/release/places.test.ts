import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryFolder } from '../../support/folder.js'
import { serveForge, type Forge } from '../../support/forge.js'
import { installWeb, project, releaseOf, releaseScene, writeTree } from '../../support/release-scene.js'
import { snapshot } from '../../support/snapshot.js'

const run = promisify(execFile)
const attempt = fileURLToPath(new URL('../../support/release-attempt.js', import.meta.url))
const isRoot = process.getuid?.() === 0

interface Outcome {
  readonly kind: string | null
  readonly message: string
  readonly version: string
  readonly is_valid: boolean
  readonly warnings: readonly string[]
}

interface Machine {
  readonly folder: string
  readonly where: string
  readonly app: string
  readonly forge: Forge
}

const machine = async (t: TestContext): Promise<Machine> => {
  const folder = await temporaryFolder(t)
  const where = path.join(folder, 'where')
  const app = path.join(where, 'app')
  installWeb(app)
  writeTree(app, { 'keep/mine': 'mine' })
  const big = { 'big.bin': Buffer.alloc(3_000_000, 7) }
  return { folder, where, app, forge: await serveForge(t, project, [releaseOf('v2.0.0', { content: big })]) }
}

/** In mounts of its own: made as root, or as root of a namespace. */
const withMounts = async ({ folder, forge }: Machine, script: string, what = 'upgrade'): Promise<Outcome> => {
  const own = isRoot ? ['-m'] : ['-r', '-m']
  const command = `${script} && exec "$0" "$@"`
  const argv = [...own, 'sh', '-ec', command, process.execPath, attempt, folder, forge.url, what]
  const { stdout } = await run('unshare', argv, { timeout: 50_000, env: { ...process.env, AT: folder } })
  return JSON.parse(stdout) as Outcome
}

const mounts: Readonly<Record<string, { readonly script: string; readonly message: RegExp }>> = {
  'is a mount point': {
    script: 'mount --bind "$AT/where/app" "$AT/where/app"',
    message: /app is a mount point/,
  },
  'holds a mount point': {
    script: 'mount --bind "$AT/where/app/keep" "$AT/where/app/keep"',
    message: /keep is a mount point, and .*app cannot be exchanged/,
  },
}

for (const [what, { script, message }] of Object.entries(mounts))
  test(`a folder that ${what} is refused in the plan, and nothing is changed`, async (t) => {
    const at = await machine(t)
    const before = snapshot(at.where)
    for (const goal of ['plan', 'upgrade']) {
      const outcome = await withMounts(at, script, goal)
      assert.equal(outcome.kind, 'refused')
      assert.match(outcome.message, message)
    }
    assert.deepEqual(snapshot(at.where), before)
    assert.equal(
      at.forge.asked.some((asked) => asked.startsWith('/download/')),
      false,
    )
  })

test('a read-only file system is told in the status, and refuses an update', async (t) => {
  const at = await machine(t)
  const before = snapshot(at.where)
  const script = 'mount --bind "$AT/where" "$AT/where" && mount -o remount,ro,bind "$AT/where"'
  const outcome = await withMounts(at, script)
  assert.deepEqual([outcome.kind, outcome.is_valid], ['not_valid', false])
  assert.match(outcome.warnings[0] ?? '', /^Location at option 'path: .*app' is not writable\.$/)
  assert.deepEqual(snapshot(at.where), before)
})

test('a full disk ends in a clear error, with the old version working', async (t) => {
  const at = await machine(t)
  const copy = 'cp -a "$AT/where/." "$AT/new" && mount --move "$AT/new" "$AT/where"'
  const script = `mkdir "$AT/new" && mount -t tmpfs -o size=900k tmpfs "$AT/new" && mount --make-private "$AT/new" && ${copy}`
  const outcome = await withMounts(at, script)
  assert.equal(outcome.kind, 'no_space')
  assert.deepEqual([outcome.version, outcome.is_valid], ['v1.0.0', true])
  assert.match(outcome.message, /ENOSPC|disk is full/)
})

test('a folder of somebody else is told in the status, and refuses an update', async (t) => {
  const at = await machine(t)
  for (const folder of [at.folder, path.join(at.folder, 'own')]) {
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o777)
  }
  const before = snapshot(at.where)
  const asUser = async (): Promise<Outcome> => {
    const node = [process.execPath, attempt, at.folder, at.forge.url]
    const ids = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--']
    const [program = '', ...argv] = isRoot ? ['setpriv', ...ids, ...node] : node
    return JSON.parse((await run(program, argv, { timeout: 50_000 })).stdout) as Outcome
  }
  if (!isRoot) chmodSync(at.app, 0o555)
  const foreign = await asUser()
  assert.equal(foreign.kind, 'not_valid')
  assert.match(foreign.warnings[0] ?? '', /app' is not writable\.$/)
  chmodSync(at.app, 0o777)
  chmodSync(at.where, 0o555)
  const above = await asUser()
  assert.equal(above.kind, 'not_valid')
  assert.match(above.warnings[0] ?? '', /cannot be exchanged, because .*where is not writable/)
  chmodSync(at.app, 0o755)
  chmodSync(at.where, 0o755)
  assert.deepEqual(snapshot(at.where), before)
})

test('a link is not followed into somewhere else', async (t) => {
  const at = await releaseScene(t)
  const link = path.join(at.folder, 'link')
  symlinkSync(at.app, link)
  await at.bench.manage({ app: { ...at.options, path: link } })
  await at.bench.engine.refresh('app')
  assert.match(at.status().warnings[0] ?? '', /is not a directory/)
  await assert.rejects(at.bench.engine.upgrade('app'), { kind: 'not_valid' })
  assert.match(readFileSync(path.join(at.app, 'index.html'), 'utf8'), /v1\.0\.0/)
  assert.equal(existsSync(path.join(at.folder, '.moonkeeper')), false)
})

test('a folder that became a link after the last look is refused before anything is fetched', async (t) => {
  const at = await releaseScene(t)
  renameSync(at.app, `${at.app}-moved`)
  symlinkSync(`${at.app}-moved`, at.app)
  await assert.rejects(at.bench.engine.upgrade('app'), { kind: 'refused', message: /is not a directory/ })
  assert.deepEqual(readdirSync(`${at.app}-moved`).sort(), ['index.html', 'release_info.json', 'stale.txt'])
})

test('a persistent file behind a link out of the folder is refused, the link itself moves', async (t) => {
  const options = { persistent_files: ['config/mine.json'] }
  const at = await releaseScene(t, {
    options,
    install: (app) => {
      installWeb(app)
      writeTree(path.dirname(app), { 'elsewhere/mine.json': 'mine' })
      symlinkSync('../elsewhere', path.join(app, 'config'))
    },
  })
  const before = snapshot(at.folder + '/elsewhere')
  await assert.rejects(at.bench.engine.upgrade('app'), {
    kind: 'refused',
    message: /config is a link out of .*persistent_files name the link itself: config$/,
  })
  await at.bench.manage({ app: { ...at.options, persistent_files: ['config'] } })
  await at.bench.engine.upgrade('app')
  assert.equal(readFileSync(path.join(at.app, 'config/mine.json'), 'utf8'), 'mine')
  assert.deepEqual(snapshot(at.folder + '/elsewhere'), before)
})

test('a persistent file behind a link within the folder is moved', async (t) => {
  const at = await releaseScene(t, {
    options: { persistent_files: ['config/mine.json'] },
    install: (app) => {
      installWeb(app)
      writeTree(app, { 'data/mine.json': 'mine' })
      symlinkSync('data', path.join(app, 'config'))
    },
  })
  await at.bench.engine.upgrade('app')
  assert.equal(readFileSync(path.join(at.app, 'config/mine.json'), 'utf8'), 'mine')
})
