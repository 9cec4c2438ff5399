import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { gitLocks } from '../../src/doctor/git-locks.js'
import { MoonkeeperError } from '../../src/contract/error.js'
import { temporaryFolder } from '../support/folder.js'
import { clockAt, foundBy, patient, troublesOf } from '../support/patient.js'
import { commit, git } from '../support/repositories.js'
import { snapshot } from '../support/snapshot.js'

const hourLater = clockAt(Date.now() + 3_600_000)

const repository = async (t: TestContext): Promise<string> => {
  const folder = path.join(await temporaryFolder(t), 'app')
  mkdirSync(folder)
  git(folder, 'init', '-q', '-b', 'master')
  commit(folder, 'first', { 'a.txt': 'a\n' })
  return folder
}

/** A git that holds the lock for as long as its editor is open. */
const editing = async (t: TestContext, folder: string): Promise<() => Promise<void>> => {
  writeFileSync(path.join(folder, 'a.txt'), 'changed\n')
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.invalid']
  const child = spawn('git', ['-C', folder, ...identity, 'commit', '-a'], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_EDITOR: 'echo open; sleep 600 #' },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const ended = once(child, 'exit')
  const kill = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL')
    await ended
  }
  t.after(kill)
  // The editor says so: then git has its lock.
  await once(child.stdout, 'data')
  return kill
}

test('the lock of a git that was killed is removed, and nothing else; not that of one that works', async (t) => {
  const folder = await repository(t)
  const lock = path.join(folder, '.git/index.lock')
  const host = { clock: hourLater, patients: [patient({ folder, isGit: true })] }
  assert.deepEqual(await troublesOf(gitLocks, host), [])
  const kill = await editing(t, folder)
  assert.ok(existsSync(lock))
  assert.deepEqual(await troublesOf(gitLocks, host), [], 'an editor may be open for hours')
  await kill()
  assert.throws(() => git(folder, 'add', 'a.txt'), /index\.lock/)
  const young = { ...host, clock: clockAt(Date.now() + 60_000) }
  assert.deepEqual(await troublesOf(gitLocks, young), [])
  const [trouble, ...others] = await troublesOf(gitLocks, host)
  assert.deepEqual([trouble?.code, trouble?.about, trouble?.repair], ['git_lock_stale', lock, `rm ${lock}`])
  assert.deepEqual(others, [])
  const { '.git/index.lock': held, ...rest } = snapshot(folder)
  assert.ok(held)
  await trouble?.fix?.()
  assert.deepEqual(snapshot(folder), rest)
  assert.deepEqual(await troublesOf(gitLocks, host), [])
  git(folder, 'add', 'a.txt')
})

test('a git that began to work meanwhile keeps its lock', async (t) => {
  const folder = await repository(t)
  const lock = path.join(folder, '.git/refs/heads/master.lock')
  writeFileSync(lock, '')
  const host = { clock: hourLater, patients: [patient({ folder, isGit: true })] }
  const [trouble] = await troublesOf(gitLocks, host)
  await editing(t, folder)
  await assert.rejects(
    async () => trouble?.fix?.(),
    (thrown) => thrown instanceof MoonkeeperError && thrown.kind === 'busy',
  )
  assert.ok(existsSync(lock))
})

test('locks of branches and of submodules are seen; what only looks like one is not', async (t) => {
  const folder = await repository(t)
  const module = path.join(folder, '.git/modules/some/lib')
  const locks = ['.git/config.lock', '.git/refs/heads/topic/x.lock', '.git/modules/some/lib/index.lock']
  const others = ['.git/annex.lock', '.git/hooks/my.lock', 'package.lock']
  mkdirSync(path.join(folder, '.git/refs/heads/topic'), { recursive: true })
  mkdirSync(module, { recursive: true })
  writeFileSync(path.join(module, 'HEAD'), 'ref: refs/heads/master\n')
  for (const name of [...locks, ...others]) writeFileSync(path.join(folder, name), '')
  const folderLock = '.git/HEAD.lock'
  mkdirSync(path.join(folder, folderLock))
  const anHourAgo = new Date(Date.now() - 3_600_000)
  for (const name of [...locks, ...others, folderLock])
    utimesSync(path.join(folder, name), anHourAgo, anHourAgo)
  const host = { clock: clockAt(Date.now()), patients: [patient({ folder, isGit: true })] }
  const found = (await foundBy(gitLocks, host)) as readonly (readonly [string, string])[]
  assert.deepEqual(
    found.map(([, about]) => path.relative(folder, about)),
    locks,
  )
  const untouched = {
    ...host,
    patients: [patient({ folder, isGit: false }), patient({ folder: null, isGit: true })],
  }
  assert.deepEqual(await troublesOf(gitLocks, untouched), [])
})

test('where there is no checkout there is no lock', async (t) => {
  const folder = await temporaryFolder(t)
  assert.deepEqual(await troublesOf(gitLocks, { patients: [patient({ folder, isGit: true })] }), [])
})
