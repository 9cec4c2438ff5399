import { homedir } from 'node:os'
import { runCli } from './cli/index.js'
import { serve } from './serve.js'

declare const MOONKEEPER_VERSION: string

const version = MOONKEEPER_VERSION

const controller = new AbortController()

const cli = (args: readonly string[]): Promise<number> => {
  process.once('SIGINT', () => controller.abort())
  return runCli(args, {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    terminal: process.stdout.isTTY === true,
    columns: process.stdout.columns,
    colour: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
    home: homedir(),
    cwd: process.cwd(),
    env: process.env,
    signal: controller.signal,
    version,
  })
}

const main = async (): Promise<number> => {
  const [command, ...rest] = process.argv.slice(2)
  if (command === '-o' || command === '--version') {
    process.stdout.write(`moonkeeper ${version}\n`)
    return 0
  }
  if (command !== 'serve') return cli(process.argv.slice(2))
  return serve(rest, {
    version,
    homeFolder: homedir(),
    cwd: process.cwd(),
    root: process.getuid?.() === 0,
    pid: process.pid,
    env: process.env,
    kill: (pid, signal) => process.kill(pid, signal),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    onSignal: (signal, listener) => void process.on(signal, listener),
  })
}

process.exitCode = await main()
