import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
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

test('the lock of a killed one that nobody waited for does not count', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'moonkeeper')
  // Its parent becomes a program that waits for nobody.
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.after(() => parent.kill('SIGKILL'))
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  const programOf = (id: number): string => readFileSync(`/proc/${id}/comm`, 'utf8').trim()
  while (programOf(parent.pid ?? 0) !== 'sleep') await systemClock.wait(5)
  await lockDataFolder(folder, pid, systemFiles)
  process.kill(pid, 'SIGKILL')
  while (!/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) await systemClock.wait(5)
  const unlock = await lockDataFolder(folder, process.pid, systemFiles)
  await unlock()
})

test('a process id that was given to another program is no lock', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'moonkeeper')
  await systemFiles.makeFolder(folder)
  await systemFiles.writeText(path.join(folder, 'lock'), '1 12\n')
  await lockDataFolder(folder, process.pid, systemFiles)
})

test('a lock that another process made meanwhile is not removed', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'moonkeeper')
  const unlock = await lockDataFolder(folder, process.pid, systemFiles)
  await systemFiles.writeText(path.join(folder, 'lock'), '1 12\n')
  await unlock()
  assert.equal(readFileSync(path.join(folder, 'lock'), 'utf8'), '1 12\n')
})

/** Processes that all want one folder when they are told to, and keep it until they are killed. */
const contenders = (folder: string, count: number): ChildProcess[] => {
  const module = (name: string): string => new URL(`../../src/system/${name}.js`, import.meta.url).href
  const script = `
    const { lockDataFolder } = await import('${module('data-lock')}')
    const { systemFiles } = await import('${module('files')}')
    process.stdin.once('data', async () => {
      const [folder] = process.argv.slice(1)
      const won = await lockDataFolder(folder, process.pid, systemFiles).then(() => true, (thrown) => {
        if (thrown.kind !== 'busy') throw thrown
        return false
      })
      process.stdout.write(won ? 'won' : 'lost')
    })
    process.stdout.write('ready')`
  return Array.from({ length: count }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
}

const word = async (child: ChildProcess): Promise<string> => {
  if (child.stdout === null) throw new Error('no output')
  const [data] = (await once(child.stdout, 'data')) as [Buffer]
  return data.toString()
}

for (const [what, left] of [
  ['a new folder', null],
  ["a dead one's folder", '1 12\n'],
  ['a folder with a lock that a power cut emptied', ''],
] as const)
  test(`of several that begin at once on ${what} exactly one gets it`, async (t) => {
    const folder = path.join(await temporaryFolder(t), 'moonkeeper')
    await systemFiles.makeFolder(folder)
    const rivals = contenders(folder, 6)
    t.after(() => rivals.forEach((rival) => rival.kill('SIGKILL')))
    await Promise.all(rivals.map(word))
    if (left !== null) await systemFiles.writeText(path.join(folder, 'lock'), left)
    const words = Promise.all(rivals.map(word))
    for (const rival of rivals) rival.stdin?.write('go')
    const winner = (await words).indexOf('won')
    assert.deepEqual((await words).filter((said) => said === 'won').length, 1)
    assert.match(readFileSync(path.join(folder, 'lock'), 'utf8'), new RegExp(`^${rivals[winner]?.pid} `))
    assert.deepEqual(
      (await systemFiles.list(folder)).map((entry) => entry.name),
      ['lock'],
    )
  })
