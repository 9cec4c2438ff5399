// `npm start`: installs what is missing, builds, and serves the folder ./printer_data (or -d FOLDER).
import path from 'node:path'
import { spawn } from 'node:child_process'
import { installPackages, root, runOrExit } from './install.mjs'

installPackages()
runOrExit(process.execPath, [path.join(root, 'build/bundle.mjs')])

const given = process.argv.slice(2)
const named = given.some((argument) => argument === '-d' || argument.startsWith('--datapath'))
const folder = named ? [] : ['-d', path.join(root, 'printer_data')]
const server = spawn(
  process.execPath,
  [path.join(root, 'dist/moonkeeper.js'), 'serve', '--demo', ...folder, ...given],
  {
    stdio: 'inherit',
  },
)
// The server gets the terminal's signals itself; this process only waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT') server.kill(signal)
  })
}
server.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
