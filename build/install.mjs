// Installs what package-lock.json names, when it is not there yet or the lock is newer.
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

const changedAt = (name) => statSync(path.join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0

/** Runs a program with this terminal; ends this one when it fails. */
export const runOrExit = (program, args, options = {}) => {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) console.error(`Could not start ${program}: ${result.error.message}`)
  if (result.status !== 0) process.exit(result.status ?? 1)
}

const oldNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major < 20 || (major === 20 && minor < 19)
}

export const installPackages = () => {
  if (oldNode()) {
    console.error(`Node ${process.versions.node} is too old: moonkeeper needs 20.19 or newer.`)
    process.exit(1)
  }
  if (changedAt('node_modules/.package-lock.json') >= changedAt('package-lock.json')) return
  console.log('Installing packages...')
  runOrExit('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}
