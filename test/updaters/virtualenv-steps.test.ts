import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { readVirtualenv } from '../../src/python/virtualenv.js'
import { systemFiles } from '../../src/system/files.js'
import type { StepContext } from '../../src/updaters/contract.js'
import {
  exchangeVirtualenvsStep,
  keepName,
  keepVirtualenvStep,
  remakeVirtualenvStep,
  settleVirtualenvStep,
  usableVirtualenv,
  type ChangedVirtualenv,
} from '../../src/updaters/virtualenv-steps.js'
import { temporaryFolder } from '../support/folder.js'
import { realCommands } from '../support/surroundings.js'
import { installWheel, makeBareVirtualenv, runScript, sitePackagesOf, treeOf } from '../support/virtualenv.js'

interface Scene {
  readonly changed: ChangedVirtualenv
  readonly context: StepContext
  readonly begun: Set<string>
  readonly said: string[]
  readonly hold: string
}

const scene = async (t: TestContext): Promise<Scene> => {
  const above = await temporaryFolder(t)
  const folder = path.join(above, 'venv')
  makeBareVirtualenv(folder)
  installWheel(folder, { name: 'toyapp', version: '1.0' })
  const hold = path.join(above, 'hold')
  const tools = { commands: await realCommands(), files: systemFiles }
  const change = { folder, kept: path.join(hold, 'kept'), inode: statSync(folder).ino }
  const begun = new Set<string>()
  const said: string[] = []
  const context = {
    progress: (text: string) => void said.push(text),
    signal: new AbortController().signal,
    workFolder: path.join(above, 'work'),
    begun: (name: string) => begun.has(name),
  }
  return { changed: { label: 'App x', change, tools }, context, begun, said, hold }
}

test('what was changed after the copy comes back, and what was not stays', async (t) => {
  const { changed, context, begun, hold } = await scene(t)
  const { folder, inode } = changed.change
  const before = treeOf(folder)
  const step = keepVirtualenvStep(changed, ['install'])
  await step.run?.(context)
  await step.undo?.(context)
  assert.equal(statSync(folder).ino, inode)
  assert.deepEqual(readdirSync(hold), [])
  await step.run?.(context)
  begun.add('install')
  installWheel(folder, { name: 'toyapp', version: '2.0' })
  await step.undo?.(context)
  assert.deepEqual(treeOf(folder), before)
  assert.deepEqual(readdirSync(hold), [])
  assert.equal(step.name, keepName)
})

test('a version that was kept comes back without a network, and goes again', async (t) => {
  const { changed, context } = await scene(t)
  const { folder, kept } = changed.change
  await keepVirtualenvStep(changed, []).run?.(context)
  installWheel(folder, { name: 'toyapp', version: '2.0' })
  const change = { ...changed.change, kept: `${kept}-2` }
  const step = exchangeVirtualenvsStep({ ...changed, change }, kept)
  await step.run?.(context)
  assert.equal(runScript(folder, 'toyapp'), 'toyapp 1.0')
  await step.undo?.(context)
  assert.equal(runScript(folder, 'toyapp'), 'toyapp 2.0')
})

test('one that is made anew has its owner’s configuration of pip, and the old one comes back', async (t) => {
  const { changed, context } = await scene(t)
  const { folder } = changed.change
  writeFileSync(path.join(folder, 'pip.conf'), '[global]\nindex-url = https://example.org\n')
  const configuration = path.join(folder, 'pyvenv.cfg')
  writeFileSync(configuration, 'home = /usr/bin\ninclude-system-site-packages = true\nversion = 3.4\n')
  const before = treeOf(folder)
  const step = remakeVirtualenvStep(changed, '-p /usr/bin/python3')
  await step.run?.(context)
  await settleVirtualenvStep(changed).run?.(context)
  assert.match((await systemFiles.readText(path.join(folder, 'pip.conf'))) ?? '', /example\.org/)
  assert.match((await systemFiles.readText(configuration)) ?? '', /packages = true/)
  assert.equal((await readVirtualenv(folder, changed.tools))?.problem, null)
  assert.equal(existsSync(path.join(context.workFolder, 'pip-venv')), false)
  await step.undo?.(context)
  assert.deepEqual(treeOf(folder), before)
})

test('a virtualenv is handed to pip without what a killed pip left', async (t) => {
  const { changed } = await scene(t)
  const { folder } = changed.change
  mkdirSync(path.join(sitePackagesOf(folder), '~oyapp'))
  const found = await usableVirtualenv(folder, changed.tools)
  assert.equal(existsSync(path.join(found.sitePackages, '~oyapp')), false)
  await assert.rejects(usableVirtualenv(`${folder}/none`, changed.tools), /There is no virtualenv/)
})
