import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { readOperatingSystem } from '../../src/dependencies/operating-system.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'

test('what the operating system tells of itself', async (t) => {
  const root = await temporaryFolder(t)
  mkdirSync(path.join(root, 'etc'))
  const text = `# a comment
NAME="Ubuntu \\"core\\""
ID=Ubuntu
ID_LIKE='debian  other'
VERSION_ID="24.04"
not an assignment
`
  writeFileSync(path.join(root, 'etc/os-release'), text)
  const setup = { files: systemFiles, env: {}, root }
  const facts = { id: 'ubuntu', version: '24.04', aliases: ['debian', 'other'], vendor: '', excluded: [] }
  assert.deepEqual(await readOperatingSystem(setup), facts)
  writeFileSync(path.join(root, 'etc/rpi-issue'), 'Raspberry Pi reference\n')
  assert.deepEqual(await readOperatingSystem(setup), { ...facts, vendor: 'raspberry-pi' })
  const env = { MOONRAKER_VENDOR: 'other', MOONRAKER_EXCLUDED_PKGS: ' a  b ' }
  const told = { ...facts, vendor: 'other', excluded: ['a', 'b'] }
  assert.deepEqual(await readOperatingSystem({ ...setup, env }), told)
})

test('an operating system that tells nothing is not known', async (t) => {
  const root = await temporaryFolder(t)
  const nothing = { id: '', version: '', aliases: [], vendor: '', excluded: [] }
  assert.deepEqual(await readOperatingSystem({ files: systemFiles, env: {}, root }), nothing)
})
