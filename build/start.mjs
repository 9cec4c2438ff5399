// `npm start`: installs what is missing, builds, and serves the folder ./printer_data (or -d FOLDER).
import path from 'node:path'
import { readFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { installPackages, root, runOrExit } from './install.mjs'

/** A process's name and the one above it; nothing when it is gone. */
const lookAt = (pid) => {
  try {
    const [, name, rest] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return { name, parent: Number(rest) }
  } catch {
    return { name: '', parent: 0 }
  }
}

/** Who waits for this process: its parent, and where that is the shell of an npm script, npm above it. */
const lineage = () => {
  const { name, parent } = lookAt(process.ppid)
  const shell = process.env.npm_lifecycle_event !== undefined && /sh$/.test(name)
  return shell ? [process.ppid, parent] : [process.ppid]
}

const starters = lineage().join()

installPackages()
runOrExit(process.execPath, [path.join(root, 'build/bundle.mjs')])

const given = process.argv.slice(2)
const named = given.some((argument) => argument === '-d' || argument.startsWith('--datapath'))
const folder = named ? [] : ['-d', path.join(root, 'printer_data')]
const server = spawn(
  process.execPath,
  [path.join(root, 'dist/moonkeeper.js'), 'serve', '--demo', ...folder, ...given],
  // With its name the server ends when this process is killed: see src/main.ts.
  { stdio: 'inherit', env: { ...process.env, MOONKEEPER_PARENT: String(process.pid) } },
)
// A terminal that closes sends SIGHUP, which would only make the server read its configuration anew.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal))
const watch = setInterval(() => {
  if (lineage().join() === starters) return
  clearInterval(watch)
  server.kill('SIGTERM')
}, 500)
server.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
