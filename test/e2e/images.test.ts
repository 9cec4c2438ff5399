import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { spawnSync } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { exampleConfiguration } from '../../src/contract/generated/example-conf.js'
import { setUpDemoMachine } from '../../src/demo/machine.js'
import { systemFiles } from '../../src/system/files.js'
import { runClient } from '../support/client.js'
import { CutOffDaemon } from '../support/cut-network.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { git } from '../support/repositories.js'
import { realCommands } from '../support/surroundings.js'

/** A demo machine as `serve --demo` makes it, on a port of its own. */
const demoMachine = async (dataPath: string, own = ''): Promise<string> => {
  const commands = await realCommands()
  const port = String(await freePort())
  const example = exampleConfiguration.replace(/^port: 7125$/m, `port: ${port}`)
  await setUpDemoMachine({ dataPath, commands, files: systemFiles, example })
  writeFileSync(path.join(dataPath, 'config/moonkeeper.conf'), `[moonkeeper]\nmin_free_space: 1\n${own}`)
  return path.join(dataPath, 'demo/demo-app')
}

const client = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await runClient(...args)
  assert.equal(code, 0, out + err)
  return out
}

/** A key as minisign makes it. @returns the second line of its .pub file */
const makeKey = (folder: string): string => {
  const made = spawnSync('minisign', [
    '-G',
    '-W',
    '-p',
    path.join(folder, 'farm.pub'),
    '-s',
    path.join(folder, 'farm.key'),
  ])
  assert.equal(made.status, 0, String(made.stderr))
  return readFileSync(path.join(folder, 'farm.pub'), 'utf8').split('\n')[1] ?? ''
}

/** Makes an image of the demo at its newest, signs it, and looks at it. */
const makeImage = async (t: TestContext, folder: string, publicKey: string): Promise<string> => {
  const data = path.join(folder, 'office')
  await demoMachine(data)
  const daemon = new Daemon(data)
  t.after(async () => {
    daemon.kill('SIGKILL')
    await daemon.end()
  })
  await daemon.askUntil('machine.update.refresh', ({ result }) => result !== undefined, { name: 'demo-app' })
  await client('upgrade', 'demo-app', '-d', data)
  const file = path.join(folder, 'farm.zip')
  assert.match(
    await client('image', 'build', 'demo-app', '-o', file, '--version', '7', '-d', data),
    /image 7/,
  )
  const unsigned = await runClient('image', 'verify', file, '-k', publicKey)
  assert.match(unsigned.err, /not signed/)
  await client('image', 'sign', file, '-s', path.join(folder, 'farm.key'))
  assert.match(await client('image', 'verify', file, '-k', path.join(folder, 'farm.pub')), /Signed by/)
  return file
}

/** Of what is newer than what is installed nothing is left, and where it came from is gone. */
const forget = (data: string, app: string): void => {
  rmSync(path.join(data, 'demo/upstream.git'), { recursive: true })
  git(app, 'update-ref', 'refs/remotes/origin/master', 'HEAD')
  const newer = git(app, 'tag', '--no-merged', 'HEAD').split('\n').filter(Boolean)
  if (newer.length > 0) git(app, 'tag', '-d', ...newer)
  git(app, 'reflog', 'expire', '--expire=now', '--all')
  git(app, 'gc', '-q', '--prune=now')
}

test('an image made and signed on one machine updates another whose network is cut, and is rolled back', async (t) => {
  const folder = await temporaryFolder(t)
  const publicKey = makeKey(folder)
  const file = await makeImage(t, folder, publicKey)
  const target = git(path.join(folder, 'office/demo/demo-app'), 'rev-parse', 'HEAD')

  const data = path.join(folder, 'printer')
  const app = await demoMachine(data, `signing_keys: ${publicKey}\n`)
  forget(data, app)
  const before = git(app, 'rev-parse', 'HEAD')
  assert.notEqual(before, target)
  assert.throws(() => git(app, 'cat-file', '-e', target))

  const printer = new CutOffDaemon(data)
  t.after(() => printer.stop())
  await printer.answers()
  assert.equal(printer.isCutOff(), true)
  const plan = printer.client('plan', '--image', file)
  assert.equal(plan.code, 0, plan.told)
  assert.match(plan.told, /is image 1 now[\s\S]*--image 1/)
  const upgraded = printer.client('upgrade', '--image', '1')
  assert.equal(upgraded.code, 0, upgraded.told)
  assert.equal(git(app, 'rev-parse', 'HEAD'), target)
  assert.equal(git(app, 'status', '--porcelain'), '')
  const back = printer.client('rollback', 'demo-app')
  assert.equal(back.code, 0, back.told)
  assert.equal(git(app, 'rev-parse', 'HEAD'), before)
  const again = printer.client('upgrade', 'demo-app', '--image', file)
  assert.equal(again.code, 0, again.told)
  assert.equal(git(app, 'rev-parse', 'HEAD'), target)

  // A byte in the middle: what is no true image any more leaves nothing but a note.
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(path.join(folder, 'bad.zip'), bytes)
  const refused = printer.client('upgrade', '--image', path.join(folder, 'bad.zip'))
  assert.equal(refused.code, 1, refused.told)
  assert.match(refused.told, /refused/)
  assert.deepEqual(readdirSync(path.join(data, 'moonkeeper/images')).sort(), ['1', '2', 'index.json'])
})
