import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { configure, makeFixture } from '../support/crash-scene.js'
import { bundle, freePort, projectRoot } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'

/** The real build/start.mjs and the real daemon, where everything is installed and built already. */
const clone = async (t: TestContext): Promise<{ root: string; data: string }> => {
  const folder = await temporaryFolder(t)
  const root = path.join(folder, 'clone')
  for (const name of ['build', 'dist', 'node_modules']) mkdirSync(path.join(root, name), { recursive: true })
  for (const name of ['start.mjs', 'install.mjs'])
    copyFileSync(path.join(projectRoot, 'build', name), path.join(root, 'build', name))
  writeFileSync(path.join(root, 'build/bundle.mjs'), '')
  writeFileSync(path.join(root, 'package-lock.json'), '')
  writeFileSync(path.join(root, 'node_modules/.package-lock.json'), '')
  symlinkSync(bundle, path.join(root, 'dist/moonkeeper.js'))
  const { upstream } = makeFixture(folder)
  configure(folder, upstream, await freePort())
  return { root, data: path.join(folder, 'data') }
}

const answers = (data: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path.join(data, 'comms/moonraker.sock'))
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

const until = async (wanted: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await wanted())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Written by the daemon, and gone when it has ended in order. */
const lockOf = (data: string): string => path.join(data, 'moonkeeper/lock')

const serverOf = (data: string): number => Number(readFileSync(lockOf(data), 'utf8').split(' ')[0])

const parentOf = (pid: number): number =>
  Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])

/** As npm runs it: a shell between npm and the script. */
const start = async (
  t: TestContext,
): Promise<{ data: string; npm: ChildProcess; shell: number; script: number }> => {
  const { root, data } = await clone(t)
  const npm = spawn('sh', ['-c', `sh -c 'node build/start.mjs -d ${data}; true'; true`], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: data, npm_lifecycle_event: 'start' },
    stdio: 'ignore',
    detached: true,
  })
  t.after(() => {
    try {
      process.kill(-(npm.pid ?? 0), 'SIGKILL')
    } catch {
      // All of them ended.
    }
  })
  await until(() => answers(data))
  const script = parentOf(serverOf(data))
  return { data, npm, shell: parentOf(script), script }
}

const kills: readonly [
  name: string,
  kill: (started: { npm: ChildProcess; shell: number; script: number }) => void,
][] = [
  ['npm', ({ npm }) => npm.kill('SIGKILL')],
  ["npm's shell", ({ shell }) => process.kill(shell, 'SIGTERM')],
  ['the script', ({ script }) => process.kill(script, 'SIGKILL')],
  ['the terminal', ({ npm }) => process.kill(-(npm.pid ?? 0), 'SIGHUP')],
]

for (const [name, kill] of kills)
  test(`the server ends in order when ${name} goes`, async (t) => {
    const started = await start(t)
    kill(started)
    await until(() => !existsSync(lockOf(started.data)))
    assert.equal(await answers(started.data), false)
  })

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`${signal} to the script alone ends both`, async (t) => {
    const { data, script, npm } = await start(t)
    const ended = once(npm, 'exit')
    process.kill(script, signal)
    assert.deepEqual(await ended, [0, null])
    assert.equal(existsSync(lockOf(data)), false)
  })
