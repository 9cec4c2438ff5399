import assert from 'node:assert/strict'
import { chownSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { GitRepoStatus } from '../../../src/contract/generated/types.js'
import type { UpdaterSurroundings } from '../../../src/updaters/contract.js'
import { GitRepoUpdater } from '../../../src/updaters/git_repo/index.js'
import type { GitRepoOptions } from '../../../src/updaters/git_repo/options.js'
import { temporaryFolder } from '../../support/folder.js'
import { checkoutAt, commit, git, makeUpstream, type Upstream } from '../../support/repositories.js'
import { gitOptions, realSurroundings } from '../../support/surroundings.js'

interface Looked {
  readonly status: GitRepoStatus
  readonly app: string
  readonly upstream: Upstream
  readonly updater: GitRepoUpdater
}

interface Wish {
  readonly prepare?: (app: string, upstream: Upstream) => void
  readonly options?: Partial<GitRepoOptions>
  readonly outside?: Partial<UpdaterSurroundings>
}

/** What the status says of a checkout at v1.0.0 that was prepared in some way. */
const look = async (t: TestContext, wish: Wish = {}): Promise<Looked> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const app = checkoutAt(upstream, path.join(folder, 'app'), 'v1.0.0')
  wish.prepare?.(app, upstream)
  const options = gitOptions(app, upstream.url, wish.options)
  const updater = new GitRepoUpdater('app', options, await realSurroundings(folder, wish.outside))
  await updater.inspect({ signal: new AbortController().signal, remote: true })
  const status = updater.status()
  assert.ok(status)
  return { status, app, upstream, updater }
}

const valid = (status: GitRepoStatus): unknown[] => [status.is_valid, status.warnings, status.anomalies]

test('a clean checkout behind its remote', async (t) => {
  const { status } = await look(t)
  assert.deepEqual(valid(status), [true, [], []])
  assert.deepEqual(
    [status.version, status.remote_version, status.rollback_version],
    ['v1.0.0-0', 'v1.1.0-1', 'v1.0.0-0'],
  )
  assert.equal(status.commits_behind_count, 3)
  assert.deepEqual(
    status.commits_behind.map((one) => one.tag),
    [null, 'v1.1.0', null],
  )
  assert.ok(status.commits_behind[2]?.subject.includes('<\u200bb>'), 'markup from outside is made harmless')
})

test('the stable channel goes to the newest release, beta to candidates too', async (t) => {
  const tagMore = (app: string, upstream: Upstream): void => {
    git(upstream.seed, 'tag', 'v1.2.0-beta1')
    commit(upstream.seed, 'fifth', { 'app.py': 'print("five")\n' })
    git(upstream.seed, 'tag', 'v1.3.0-alpha1')
    upstream.publish()
    git(app, 'fetch', '-q')
  }
  const stable = await look(t, { options: { channel: 'stable' } })
  assert.equal(stable.status.remote_version, 'v1.1.0-0')
  assert.equal(stable.status.commits_behind_count, 2)
  const beta = await look(t, { options: { channel: 'beta' }, prepare: tagMore })
  assert.equal(beta.status.remote_version, 'v1.2.0-beta1-0')
})

test('a pinned commit is the end, abbreviated or not; one that does not exist is told', async (t) => {
  const { app } = await look(t)
  const full = git(app, 'rev-parse', 'v1.1.0^{commit}')
  for (const pinned of [full, full.slice(0, 12)]) {
    const { status } = await look(t, { options: { pinned_commit: pinned } })
    assert.deepEqual(
      [status.remote_hash, status.remote_version, status.commits_behind_count],
      [full, 'v1.1.0-0', 2],
    )
  }
  const missing = await look(t, { options: { pinned_commit: 'deadbeefdead' } })
  assert.deepEqual(missing.status.anomalies, ['Pinned Commit deadbeefdead does not exist'])
  assert.equal(missing.status.remote_hash, missing.status.current_hash)
})

test('edits make it invalid and are named; sources that git does not know are told', async (t) => {
  const prepare = (app: string): void => {
    writeFileSync(path.join(app, 'app.py'), 'mine\n')
    writeFileSync(path.join(app, "it's.py"), '')
    writeFileSync(path.join(app, 'notes.txt'), '')
  }
  const { status } = await look(t, { prepare })
  assert.deepEqual(valid(status), [
    false,
    ["Repo is dirty.  Detected the following modified files: ['app.py']"],
    ['Repo has untracked source files: ["it\'s.py"]'],
  ])
  assert.equal(status.full_version_string.endsWith('-dirty'), true)
  assert.equal(status.pristine, false)
})

test('a detached head is a warning, with -g an anomaly', async (t) => {
  const prepare = (app: string): void => void git(app, 'checkout', '-q', '--detach', 'origin/master')
  const strict = await look(t, { prepare })
  assert.ok(strict.status.warnings.includes('Detached HEAD detected'))
  assert.equal(strict.status.is_valid, false)
  const debug = await look(t, { prepare, outside: { debug: true } })
  assert.deepEqual(valid(debug.status), [true, [], ['Detached HEAD detected']])
})

test('a branch that tracks nothing', async (t) => {
  const { status } = await look(t, { prepare: (app) => git(app, 'checkout', '-q', '-b', 'mine') })
  assert.deepEqual(status.warnings, [
    'Failed to detect tracking remote for branch mine',
    'Failed to detect repo url',
  ])
  assert.deepEqual([status.branch, status.remote_alias, status.version], ['mine', '?', '?'])
})

test('local commits: diverged', async (t) => {
  const { status } = await look(t, { prepare: (app) => commit(app, 'mine', { 'x.txt': 'x' }) })
  assert.deepEqual(valid(status), [false, [], ['Repo has diverged from remote']])
})

test('another remote than the configured one is unusual, not forbidden', async (t) => {
  const { status } = await look(t, { options: { origin: 'https://example.invalid/a/app.git' } })
  assert.equal(status.is_valid, true)
  assert.match(status.anomalies[0] ?? '', /^Unofficial remote url: /)
})

test('a repository that moved is followed when it leads to the configured origin', async (t) => {
  const asked: string[] = []
  const http = {
    finalAddress: async (url: string) => {
      asked.push(url)
      return 'https://example.invalid/new/app'
    },
  }
  const { status, app } = await look(t, {
    prepare: (folder) => git(folder, 'remote', 'set-url', 'origin', 'https://example.invalid/old/app.git'),
    options: { origin: 'https://example.invalid/new/app.git' },
    outside: { http, clock: { now: () => Date.now(), wait: async () => {}, hour: () => 0 } },
  })
  assert.deepEqual(asked, ['https://example.invalid/old/app'])
  assert.equal(git(app, 'remote', 'get-url', 'origin'), 'https://example.invalid/new/app.git')
  assert.equal(status.remote_url, 'https://example.invalid/new/app.git')
})

const impatient = { now: () => Date.now(), wait: async () => {}, hour: () => 0 }

test('a remote that cannot be reached: the local version is told, and why it is not valid', async (t) => {
  const { status } = await look(t, {
    prepare: (_app, upstream) => rmSync(upstream.url, { recursive: true }),
    outside: { clock: impatient },
  })
  assert.equal(status.is_valid, false)
  assert.equal(status.version, 'v1.0.0-0')
  assert.match(status.warnings[0] ?? '', /^Could not fetch from .*upstream\.git: .*refresh again\.$/)
  assert.ok(status.git_messages.length > 0)
})

test('a look at the local side alone does not forget that the remote could not be reached', async (t) => {
  const { updater } = await look(t, {
    prepare: (_app, upstream) => rmSync(upstream.url, { recursive: true }),
    outside: { clock: impatient },
  })
  await updater.inspect({ signal: new AbortController().signal, remote: false })
  assert.equal(updater.status()?.is_valid, false)
  assert.match(updater.status()?.warnings[0] ?? '', /^Could not fetch from/)
})

test('without any tag versions are counted', async (t) => {
  const { status } = await look(t, {
    prepare: (app, upstream) => {
      for (const tag of ['v1.0.0', 'v1.1.0']) {
        git(app, 'tag', '-d', tag)
        git(upstream.url, 'tag', '-d', tag)
      }
    },
  })
  assert.deepEqual([status.version, status.remote_version], ['v0.0.0-1', 'v0.0.0-4'])
  assert.match(status.full_version_string, /-inferred$/)
  assert.equal(status.is_valid, true)
})

test('no repository, and one that is damaged', async (t) => {
  const absent = await look(t, { prepare: (app) => rmSync(path.join(app, '.git'), { recursive: true }) })
  assert.equal(absent.status.repo_detected, false)
  assert.equal(absent.status.warnings[0], 'No git repo detected at configured path')
  const broken = await look(t, { prepare: (app) => writeFileSync(path.join(app, '.git/index'), 'garbage') })
  assert.equal(broken.status.corrupt, true)
  assert.ok(broken.status.warnings.includes('Repo is corrupt'))
  assert.notEqual(broken.status.recovery_url, '?')
})

test('a repository of another owner names the repair', async (t) => {
  if (process.getuid?.() !== 0) return t.diagnostic('NOT RUN: only root can give a folder away')
  const { status, app } = await look(t, { prepare: (folder) => chownSync(folder, 12345, 12345) })
  assert.match(status.warnings[0] ?? '', /another user.*sudo chown -R "\$USER"/)
  assert.ok(status.warnings[0]?.includes(app))
  assert.equal(status.corrupt, false)
})

test('a worktree and a submodule are looked at like any checkout', async (t) => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const main = checkoutAt(upstream, path.join(folder, 'main'), 'v1.0.0')
  const tree = path.join(folder, 'tree')
  git(main, 'worktree', 'add', '-q', '--track', '-b', 'other', tree, 'origin/master')
  git(main, 'config', 'branch.other.remote', 'origin')
  const updater = new GitRepoUpdater('app', gitOptions(tree, upstream.url), await realSurroundings(folder))
  await updater.inspect({ signal: new AbortController().signal, remote: true })
  assert.equal(updater.status()?.branch, 'other')
  await assert.rejects(
    updater.survey(
      { kind: 'recover', hard: true, updateDependencies: false },
      { signal: new AbortController().signal, progress: () => {}, shown: false, fresh: false },
    ),
    /it is a worktree of another git repo/,
  )
})

test('nobody’s code is run: no hooks, no fsmonitor, no ext transport', async (t) => {
  const { app } = await look(t, {
    prepare: (folder) => {
      const mark = `touch '${path.join(folder, 'hacked')}'`
      for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change', 'fsmonitor']) {
        writeFileSync(path.join(folder, '.git/hooks', hook), `#!/bin/sh\n${mark}\n`, { mode: 0o755 })
      }
      git(folder, 'config', 'core.fsmonitor', '.git/hooks/fsmonitor')
      git(folder, 'config', 'remote.origin.url', `ext::sh -c "${mark}"`)
    },
    outside: { clock: impatient },
  })
  assert.equal(readdirSync(app).includes('hacked'), false)
})
