import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  readWishes,
  workBetween,
  type DependencyOptions,
  type Wishes,
} from '../../src/dependencies/wishes.js'
import { treeOf } from '../support/source-tree.js'

const system = { id: 'debian', version: '12', aliases: [], vendor: '', excluded: [] }
const all = {
  virtualenv: '/env',
  requirements: 'requirements.txt',
  system_dependencies: 'packages.json',
  enable_node_updates: true,
}

const wishes = (files: Readonly<Record<string, string>>, options: DependencyOptions = all): Promise<Wishes> =>
  readWishes(treeOf(files), options, system)

const old = {
  'requirements.txt': 'six\n',
  'packages.json': '{"debian": ["a", "b"]}',
  'package-lock.json': '{}',
}

test('what changed is installed, and nothing else', async () => {
  const from = await wishes(old)
  assert.deepEqual(workBetween(from, await wishes(old)), { python: false, packages: [], node: false })
  const to = {
    'requirements.txt': 'six>1\n',
    'packages.json': '{"debian": ["b", "c"]}',
    'package-lock.json': '{ }',
  }
  assert.deepEqual(workBetween(from, await wishes({ ...old, ...to })), {
    python: true,
    packages: ['c'],
    node: true,
  })
})

test('all is installed when it is to be, or when nothing is known of what was there', async () => {
  assert.deepEqual(workBetween(null, await wishes(old)), { python: true, packages: ['a', 'b'], node: true })
})

test('files that are gone ask for nothing; those that come ask for all', async () => {
  const from = await wishes(old)
  const none = await wishes({})
  assert.deepEqual(workBetween(from, none), { python: false, packages: [], node: false })
  assert.deepEqual(workBetween(none, from), { python: true, packages: ['a', 'b'], node: true })
})

test('what the configuration does not name is not looked at', async () => {
  const nothing = { python: false, packages: [], node: false }
  assert.deepEqual(workBetween(null, await wishes(old, {})), nothing)
  assert.deepEqual(workBetween(null, await wishes(old, { requirements: 'requirements.txt' })), nothing)
})

test('the old install script counts only where no system_dependencies are named', async () => {
  const files = { ...old, 'install.sh': 'PKGLIST="s"\n' }
  const script = await wishes(files, { install_script: 'install.sh' })
  assert.deepEqual(script.packages.names, ['s'])
  const both = await wishes(files, { ...all, install_script: 'install.sh' })
  assert.deepEqual(both.packages.names, ['a', 'b'])
})
