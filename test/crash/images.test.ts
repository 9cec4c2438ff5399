import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Image } from '../../src/contract/generated/types.js'
import { Daemon, freePort } from '../support/daemon.js'
import { makeBuilder, oldClone } from '../support/farm.js'
import { temporaryFolder } from '../support/folder.js'
import { createSigner } from '../support/minisign.js'
import { installWeb, project } from '../support/release-scene.js'
import { git } from '../support/repositories.js'
import { snapshot } from '../support/snapshot.js'
import { ask } from '../support/socket.js'
import { killDuring, ready, spread, startAgain, tryOnce, visible } from './kills.js'

const signer = createSigner()
const upgrade = { method: 'machine.update.upgrade', params: { image: 1 } }

const configure = (folder: string, port: number): void => {
  const lines = [
    ...[
      '[server]',
      'host: 127.0.0.1',
      `port: ${port}`,
      `klippy_uds_address: ${path.join(folder, 'no-klipper')}`,
    ],
    ...['[machine]', 'provider: none', '[update_manager]', 'enable_system_updates: False'],
    ...[
      '[update_manager app]',
      'type: git_repo',
      `path: ${path.join(folder, 'app')}`,
      'is_system_service: False',
    ],
    ...[`origin: file://${path.join(folder, 'gone.git')}`, '[update_manager site]', 'type: web'],
    ...[
      `repo: ${project}`,
      `path: ${path.join(folder, 'site')}`,
      '[moonkeeper site]',
      'api_url: http://127.0.0.1:9',
    ],
    ...['[moonkeeper]', `signing_keys: ${signer.publicKey}`],
  ]
  mkdirSync(path.join(folder, 'data/config'), { recursive: true })
  writeFileSync(path.join(folder, 'data/config/moonraker.conf'), `${lines.join('\n')}\n`)
}

/** What lies in both applications. */
const treesOf = (folder: string): readonly [string, string] => [
  `${git(path.join(folder, 'app'), 'rev-parse', 'HEAD')} ${git(path.join(folder, 'app'), 'status', '--porcelain')}`,
  JSON.stringify(snapshot(path.join(folder, 'site'))),
]

/** A machine that reaches nobody, and has an image. */
const prepare = async (t: TestContext): Promise<string> => {
  const folder = await temporaryFolder(t)
  const content = await (await makeBuilder(t, signer)).image()
  oldClone(folder)
  mkdirSync(path.join(folder, 'site'))
  installWeb(path.join(folder, 'site'))
  const port = await freePort()
  configure(folder, port)
  const daemon = new Daemon(path.join(folder, 'data'))
  try {
    await ready(daemon)
    await ask(
      port,
      'POST',
      '/machine/update/images/upload',
      { 'Content-Type': 'application/octet-stream' },
      content,
    )
    const isValid = ({ result }: { result?: unknown }): boolean =>
      (result as Image | undefined)?.state === 'VALID'
    await daemon.askUntil('machine.update.images.get', isValid, { id: 1 })
  } finally {
    daemon.kill('SIGTERM')
    await daemon.end()
  }
  return folder
}

/** Runs the upgrade in a copy of the fixture, killed at the Nth point (0: not). @returns how many there were */
const runKilled = async (fixture: string, folder: string, at: number): Promise<number> => {
  const machine = visible(folder)
  mkdirSync(machine, { recursive: true })
  execFileSync('cp', ['-a', ...['app', 'site', 'data'].map((name) => path.join(fixture, name)), machine])
  // What was known of other paths is found anew.
  for (const name of ['state', 'jobs'])
    rmSync(path.join(machine, 'data/moonkeeper', name), { recursive: true, force: true })
  configure(machine, await freePort())
  return killDuring(folder, { at, checkout: 0 }, ready, upgrade)
}

/** Starts for good: each is old or new, and the image can still be used. */
const judge = async (folder: string, olds: readonly string[], news: readonly string[]): Promise<void> => {
  const machine = visible(folder)
  const daemon = new Daemon(path.join(machine, 'data'))
  try {
    await daemon.askUntil('machine.update.status', ({ result }) => result !== undefined)
    const found = treesOf(machine)
    for (const [index, tree] of found.entries())
      assert.ok(tree === olds[index] || tree === news[index], `neither old nor new: ${index}`)
    for (const name of ['journal.json', 'work'])
      assert.equal(existsSync(path.join(machine, 'data/moonkeeper', name)), false, name)
    await ready(daemon)
    assert.equal((await daemon.ask(upgrade.method, upgrade.params))?.result, 'ok')
    assert.deepEqual(treesOf(machine), news)
  } finally {
    daemon.kill('SIGTERM')
    await daemon.end()
  }
}

test('an upgrade from an image, killed at any moment, leaves old or new', async (t) => {
  const fixture = await prepare(t)
  const olds = treesOf(fixture)
  let news: readonly string[] = []
  let most = 0
  await tryOnce(t, 'never', async (folder) => {
    most = await runKilled(fixture, folder, 0)
    news = treesOf(visible(folder))
  })
  assert.notEqual(news[0], olds[0])
  assert.notEqual(news[1], olds[1])
  for (const at of spread(most, 8))
    await tryOnce(t, `at ${at} of ${most}`, async (folder) => {
      await runKilled(fixture, folder, at)
      await startAgain(folder, 0)
      await judge(folder, olds, news)
    })
})

test('a machine that is killed while an image comes has no half of it', async (t) => {
  const fixture = await prepare(t)
  const machine = path.join(fixture, 'data/moonkeeper/images')
  const index = JSON.parse(readFileSync(path.join(machine, 'index.json'), 'utf8')) as {
    images: Image[]
    next: number
  }
  const [image] = index.images
  index.images.push({ ...(image as Image), id: 2, state: 'UPLOADING' })
  writeFileSync(path.join(machine, 'index.json'), JSON.stringify({ ...index, next: 3 }))
  writeFileSync(path.join(machine, '2.zip.part'), 'half')
  const daemon = new Daemon(path.join(fixture, 'data'))
  try {
    const answer = await daemon.askUntil('machine.update.images.get', ({ result }) => result !== undefined, {
      id: 2,
    })
    const { state, error } = answer?.result as Image
    assert.deepEqual([state, error], ['UPLOAD_ERROR', 'interrupted'])
    assert.equal(existsSync(path.join(machine, '2.zip.part')), false)
  } finally {
    daemon.kill('SIGTERM')
    await daemon.end()
  }
})
