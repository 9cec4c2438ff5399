import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/system/clock.js'
import { lockDataFolder } from '../../src/system/data-lock.js'
import { systemFiles } from '../../src/system/files.js'
import { createSurvivors, survivorVariable } from '../../src/system/survivors.js'
import { temporaryFolder } from '../support/folder.js'

const kill = (pid: number, signal: 'SIGKILL'): void => {
  process.kill(pid, signal)
}

test('commands of an earlier life on this data folder are ended with their children, others are not', async (t) => {
  const folder = await temporaryFolder(t)
  const start = (data: string): ReturnType<typeof spawn> =>
    spawn('sh', ['-c', 'sleep 600 & echo ready; wait'], {
      env: { PATH: process.env['PATH'], [survivorVariable]: data },
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const ours = start(folder)
  const other = start(`${folder}-other`)
  t.after(() => process.kill(-(other.pid ?? 0), 'SIGKILL'))
  for (const child of [ours, other]) if (child.stdout) await once(child.stdout, 'data')
  const gone = once(ours, 'exit')
  const ended = await createSurvivors(process.pid, kill, systemClock).end(folder)
  await gone
  assert.equal(ended.length, 2)
  assert.ok(ended.includes(ours.pid ?? 0))
  assert.equal(other.exitCode, null)
})

test('one daemon at a time on a data folder; the lock of a dead one does not count', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'moonkeeper')
  const living = spawn('sleep', ['600'])
  await once(living, 'spawn')
  const pid = living.pid ?? 0
  await lockDataFolder(folder, pid, systemFiles)
  await assert.rejects(lockDataFolder(folder, process.pid, systemFiles), new RegExp(`process ${pid}`))
  living.kill('SIGKILL')
  await once(living, 'exit')
  const unlock = await lockDataFolder(folder, process.pid, systemFiles)
  assert.match(readFileSync(path.join(folder, 'lock'), 'utf8'), new RegExp(`^${process.pid} \\d+`))
  await unlock()
  assert.equal(await systemFiles.stat(path.join(folder, 'lock')), null)
})

test('a process id that was given to another program is no lock', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'moonkeeper')
  await systemFiles.makeFolder(folder)
  await systemFiles.writeText(path.join(folder, 'lock'), '1 12\n')
  await lockDataFolder(folder, process.pid, systemFiles)
})
