// Loaded into the daemon under test with --import: kills the process (SIGKILL) at the Nth point of its work.
// A point lies before and after every change of a file and every command. The product knows nothing of this.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

const killAt = Number(process.env.KILL_AT ?? 0)
const countFile = process.env.KILL_COUNT_FILE
const armFile = process.env.KILL_ARM_FILE
let armed = armFile === undefined
let points = 0

const point = (what) => {
  armed ||= existsSync(armFile)
  if (!armed) return
  points += 1
  if (countFile !== undefined) appendFileSync(countFile, `${points} ${what}\n`)
  if (points === killAt) process.kill(process.pid, 'SIGKILL')
}

const around = (object, name) => {
  const original = object[name]
  object[name] = async function (...args) {
    const what = `${name} ${typeof args[0] === 'string' ? args[0] : ''}`
    point(`before ${what}`)
    const result = await original.apply(this, args)
    point(`after ${what}`)
    return result
  }
}

for (const name of ['rename', 'rm', 'rmdir', 'unlink', 'mkdir', 'copyFile', 'symlink']) around(fs, name)

// Files are written and synced through handles, whose class is not exported.
const handle = await fs.open(process.execPath)
const prototype = Object.getPrototypeOf(handle)
await handle.close()
for (const name of ['writeFile', 'appendFile', 'truncate', 'sync']) around(prototype, name)

const { spawn } = childProcess
childProcess.spawn = function (file, args, ...rest) {
  const words = (args ?? []).filter((word) => !word.includes('=') && word !== '-c').slice(0, 8)
  point(`before spawn ${words.join(' ')}`)
  const child = spawn.call(this, file, args, ...rest)
  point(`while ${words.join(' ')}`)
  child.once('close', () => point(`after spawn ${words.join(' ')}`))
  return child
}
syncBuiltinESMExports()
if (countFile !== undefined) writeFileSync(countFile, '')
