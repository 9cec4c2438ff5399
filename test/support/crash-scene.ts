import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import assert from 'node:assert/strict'
import { checkoutAt, git, makeUpstream, type Upstream } from './repositories.js'

export interface Goal {
  readonly name: string
  readonly method: string
  readonly params: object
  /** Brings the checkout into the state in which the operation is asked for. */
  readonly prepare: (app: string) => void
  /** Upgraded by the daemon before, so that there is something to roll back to. */
  readonly upgradedBefore: boolean
}

const mark = 'home: 77'

/** Local edits that fit every version: the last line of a file whose first line changes upstream. */
const edit = (app: string): void => {
  const file = path.join(app, 'conf/defaults.cfg')
  writeFileSync(file, readFileSync(file, 'utf8').replace('home: 1', mark))
}

const addOwnFiles = (app: string): void => {
  mkdirSync(path.join(app, 'env/bin'), { recursive: true })
  writeFileSync(path.join(app, 'env/bin/tool'), 'ignored by git\n')
  writeFileSync(path.join(app, 'lib/plugin.py'), 'mine = 1\n')
  symlinkSync('/somewhere/else', path.join(app, 'extra'))
}

export const goals: readonly Goal[] = [
  {
    name: 'upgrade',
    method: 'machine.update.upgrade',
    params: { name: 'app' },
    prepare: addOwnFiles,
    upgradedBefore: false,
  },
  {
    name: 'rollback',
    method: 'machine.update.rollback',
    params: { name: 'app' },
    prepare: edit,
    upgradedBefore: true,
  },
  {
    name: 'soft recovery',
    method: 'machine.update.recover',
    params: { name: 'app', hard: false },
    prepare: (app: string): void => {
      addOwnFiles(app)
      edit(app)
    },
    upgradedBefore: false,
  },
  {
    name: 'hard recovery',
    method: 'machine.update.recover',
    params: { name: 'app', hard: true },
    prepare: (app: string): void => {
      addOwnFiles(app)
      edit(app)
    },
    upgradedBefore: false,
  },
]

/** Files of the owner's, and an edit that git was told not to look at, in a file that no version changes. */
export const addHiddenWork = (app: string): void => {
  addOwnFiles(app)
  git(app, 'update-index', '--skip-worktree', 'README.md')
  writeFileSync(path.join(app, 'README.md'), hiddenEdit)
}

const hiddenEdit = '# app, as I like it\n'

const sectionOf = (name: string, folder: string, upstream: Upstream): readonly string[] => [
  `[update_manager ${name}]`,
  'type: git_repo',
  `path: ${path.join(folder, name)}`,
  `origin: ${upstream.url}`,
  'is_system_service: False',
]

/** Writes the configuration of a machine with one application, or those named. */
export const configure = (
  folder: string,
  upstream: Upstream,
  port: number,
  names: readonly string[] = ['app'],
): void => {
  mkdirSync(path.join(folder, 'data/config'), { recursive: true })
  const lines = [
    '[server]',
    'host: 127.0.0.1',
    `port: ${port}`,
    `klippy_uds_address: ${path.join(folder, 'no-klipper')}`,
    '[machine]',
    'provider: none',
    '[update_manager]',
    'enable_system_updates: False',
    ...names.flatMap((name) => sectionOf(name, folder, upstream)),
  ]
  writeFileSync(path.join(folder, 'data/config/moonraker.conf'), `${lines.join('\n')}\n`)
}

export const makeFixture = (folder: string): { upstream: Upstream; app: string } => {
  mkdirSync(folder, { recursive: true })
  const upstream = makeUpstream(folder)
  return { upstream, app: checkoutAt(upstream, path.join(folder, 'app'), 'v1.0.0') }
}

/** A copy that shares nothing with the original. */
export const copyFixture = (from: string, to: string, names: readonly string[] = ['app']): void => {
  mkdirSync(to, { recursive: true })
  const copied = [...names, 'data'].map((name) => path.join(from, name))
  execFileSync('cp', ['-a', ...copied, to])
}

const textsBelow = (folder: string): string[] => {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
}

const locksBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lock'))

/** Processes that carry this data folder in their environment, but for the daemon itself. */
export const strangers = (folder: string): string[] => {
  const marker = `MOONKEEPER_DATA_FOLDER=${path.join(folder, 'data/moonkeeper')}`
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(marker)
    } catch {
      return false
    }
  })
}

export interface Expectation {
  readonly commits: readonly string[]
  readonly edited: boolean
  readonly ownFiles: boolean
}

const checkOwnFiles = (app: string): void => {
  assert.equal(readFileSync(path.join(app, 'env/bin/tool'), 'utf8'), 'ignored by git\n')
  assert.equal(readFileSync(path.join(app, 'lib/plugin.py'), 'utf8'), 'mine = 1\n')
  assert.equal(readlinkSync(path.join(app, 'extra')), '/somewhere/else')
}

const checkEdit = (folder: string, dirty: readonly string[]): void => {
  const inFile = readFileSync(path.join(folder, 'app/conf/defaults.cfg'), 'utf8').includes(mark)
  const kept = textsBelow(path.join(folder, 'data/moonkeeper/edits')).some((text) => text.includes(mark))
  assert.ok(inFile || kept, 'the local edit is neither in its file nor in a patch')
  assert.deepEqual(dirty, inFile ? ['conf/defaults.cfg'] : [])
}

/** Old or new, whole; nothing of the user's lost; nothing left over. */
export const checkMachine = (folder: string, expected: Expectation): void => {
  const app = path.join(folder, 'app')
  assert.ok(expected.commits.includes(git(app, 'rev-parse', 'HEAD')), 'neither the old nor the new commit')
  assert.equal(git(app, 'symbolic-ref', '--short', 'HEAD'), 'master')
  const lines = git(app, 'status', '--porcelain', '-z')
    .split('\0')
    .filter((line) => line !== '')
  const dirty = lines.filter((line) => !line.startsWith('?')).map((line) => line.replace(/^\s*\S+\s+/, ''))
  const untracked = lines.filter((line) => line.startsWith('?')).map((line) => line.slice(3))
  assert.deepEqual(untracked.sort(), expected.ownFiles ? ['extra', 'lib/plugin.py'] : [])
  if (expected.edited) checkEdit(folder, dirty)
  else assert.deepEqual(dirty, [])
  if (expected.ownFiles) checkOwnFiles(app)
  assert.deepEqual(locksBelow(path.join(app, '.git')), [])
  checkLeftovers(folder)
  git(app, 'fsck', '--full', '--no-dangling')
}

/** All of them at one of two commits, clean, with the owner's work where it was. @returns the commit */
export const checkSet = (folder: string, names: readonly string[], commits: readonly string[]): string => {
  const heads = names.map((name) => git(path.join(folder, name), 'rev-parse', 'HEAD'))
  const [head = ''] = heads
  assert.deepEqual(new Set(heads), new Set([head]), 'some are old, some are new')
  assert.ok(commits.includes(head), 'neither the old nor the new commit')
  for (const name of names) {
    const app = path.join(folder, name)
    assert.equal(git(app, 'symbolic-ref', '--short', 'HEAD'), 'master')
    assert.equal(git(app, 'status', '--porcelain'), '?? extra\n?? lib/plugin.py')
    assert.equal(readFileSync(path.join(app, 'README.md'), 'utf8'), hiddenEdit)
    assert.match(git(app, 'ls-files', '-v', 'README.md'), /^S /)
    checkOwnFiles(app)
    assert.deepEqual(locksBelow(path.join(app, '.git')), [])
    git(app, 'fsck', '--full', '--no-dangling')
  }
  checkLeftovers(folder)
  return head
}

const checkLeftovers = (folder: string): void => {
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.')),
    [],
  )
  const data = path.join(folder, 'data/moonkeeper')
  const left = existsSync(data) ? readdirSync(data) : []
  assert.deepEqual(
    left.filter((name) => /^(?:journal|work|restarts|leftovers)/.test(name)),
    [],
  )
}
