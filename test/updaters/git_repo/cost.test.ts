import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { systemFiles, type Files } from '../../../src/system/files.js'
import type { Commands } from '../../../src/system/commands.js'
import { commit, git } from '../../support/repositories.js'
import { scene, tip } from '../../support/scene.js'
import { realCommands } from '../../support/surroundings.js'

/** Commands as they are run, by what git is asked for. */
const watchCommands = async () => {
  const real = await realCommands()
  const begun: string[] = []
  /** What had begun when the first one ended. */
  let sideBySide: readonly string[] | null = null
  const commands: Commands = {
    async run(argv, options) {
      const words = argv.filter((word, index) => word !== '-c' && argv[index - 1] !== '-c')
      begun.push((words[0] === 'git' ? words[3] : words[0]) ?? '')
      const result = await real.run(argv, options)
      sideBySide ??= [...begun]
      return result
    },
  }
  const forget = (): void => {
    begun.length = 0
    sideBySide = null
  }
  return { commands, begun, first: () => sideBySide ?? [], forget }
}

/** The engine's own durable writes, by the file's name. */
const watchWrites = () => {
  const written: string[] = []
  const files: Files = {
    ...systemFiles,
    writeText: (file, text) => {
      written.push(path.basename(file))
      return systemFiles.writeText(file, text)
    },
  }
  return { files, written }
}

test('a refresh that finds nothing new is four commands, side by side', async (t) => {
  const { commands, begun, first, forget } = await watchCommands()
  const at = await scene(t, () => {}, { commands })
  await at.bench.engine.refresh('app')
  forget()
  await at.bench.engine.refresh('app')
  assert.deepEqual(begun.toSorted(), ['config', 'fetch', 'for-each-ref', 'status'])
  assert.deepEqual(first().toSorted(), begun.toSorted())
})

test('an upgrade starts no command twice that tells the same, and no more than it needs', async (t) => {
  const { commands, begun, forget } = await watchCommands()
  const { files, written } = watchWrites()
  const at = await scene(t, () => {}, { commands, engineFiles: files })
  forget()
  written.length = 0
  await at.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
  const before = ['fetch', 'diff-tree', 'cat-file', 'rev-parse']
  const change = ['update-ref', 'hash-object', 'merge', 'sync']
  const look = ['config', 'status', 'for-each-ref']
  assert.deepEqual(begun.toSorted(), [...before, ...change, ...look].toSorted())
  const records = written.filter((name) => name === 'journal.json')
  assert.equal(records.length, 3, 'before the version is kept, before the merge, at the commit')
  const jobs = written.filter((name) => /^[0-9a-f-]{36}\.json$/.test(name))
  assert.equal(
    jobs.length,
    3,
    'when it begins, while the journal still has what became of it, and at its end',
  )
})

test('what only reads may outlive the daemon, what writes may not', async (t) => {
  const real = await realCommands()
  const ends: Record<'reads' | 'writes', Set<string>> = { reads: new Set(), writes: new Set() }
  const commands: Commands = {
    run(argv, options) {
      const words = argv.filter((word, index) => word !== '-c' && argv[index - 1] !== '-c')
      ends[options?.readsOnly === true ? 'reads' : 'writes'].add(
        (words[0] === 'git' ? words[3] : words[0]) ?? '',
      )
      return real.run(argv, options)
    },
  }
  const at = await scene(t, () => {}, { commands })
  await at.bench.engine.upgrade('app')
  await at.bench.engine.rollback('app')
  await at.bench.engine.recover('app', { hard: true, updateDependencies: false })
  const changing = ['fetch', 'update-ref', 'merge', 'sync', 'read-tree', 'reset', 'checkout-index', 'clone']
  for (const command of changing) assert.equal(ends.reads.has(command), false, command)
  for (const command of ['merge', 'clone', 'read-tree']) assert.ok(ends.writes.has(command), command)
})

test('another remote than at the last look is asked, and only that one counts', async (t) => {
  const at = await scene(t)
  git(at.app, 'remote', 'add', 'other', at.upstream.url)
  git(at.app, 'config', 'branch.master.remote', 'other')
  git(at.app, 'remote', 'set-url', 'origin', '/nonexistent')
  commit(at.upstream.seed, 'newest', { 'newest.txt': 'newest\n' })
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  const { remote_alias: alias, remote_hash: hash, warnings } = at.bench.status('app')
  assert.deepEqual({ alias, hash }, { alias: 'other', hash: tip(at) })
  assert.deepEqual(
    warnings.filter((text) => text.startsWith('Could not fetch')),
    [],
  )
})
