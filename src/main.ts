import { homedir } from 'node:os'
import { runCli } from './cli/index.js'
import { serve } from './serve.js'
import { keepYoungSpaceSmall } from './system/garbage.js'

declare const MOONKEEPER_VERSION: string

const version = MOONKEEPER_VERSION

const controller = new AbortController()

/** Milliseconds. */
const farewell = 500

const cli = async (args: readonly string[]): Promise<number> => {
  endWithReader()
  process.once('SIGINT', () => controller.abort())
  const code = await runCli(args, {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    terminal: process.stdout.isTTY === true,
    columns: process.stdout.columns,
    colour: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
    home: homedir(),
    cwd: process.cwd(),
    env: process.env,
    signal: controller.signal,
    pid: process.pid,
    root: process.getuid?.() === 0,
    kill: (pid, signal) => process.kill(pid, signal),
    version,
  })
  // What nobody waits for any more (a disk that hangs, say) keeps no command from ending.
  setTimeout(() => process.exit(code), farewell).unref()
  return code
}

/** As a shell shows a program that wrote into a pipe nobody reads any more. */
const brokenPipe = 141
/** Milliseconds between two looks whether the parent is there. */
const parentInterval = 500

/** `head` was content with the first lines: that is no reason to tell what the stack looks like. */
const endWithReader = (): void => {
  process.stdout.on('error', () => process.exit(brokenPipe))
  process.stderr.on('error', () => undefined)
}

/** A daemon goes on when nobody reads what it prints. */
const outliveReader = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}

/** `npm start` names itself here, so that its server ends with it even when it is killed. */
const whenParentIsGone = (listener: () => void): void => {
  const parent = Number(process.env['MOONKEEPER_PARENT'] ?? '0')
  if (!(parent > 0)) return
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    listener()
  }, parentInterval)
  timer.unref()
}

const main = async (): Promise<number> => {
  const [command, ...rest] = process.argv.slice(2)
  if (command === '-o' || command === '--version') {
    process.stdout.write(`moonkeeper ${version}\n`)
    return 0
  }
  if (command !== 'serve') return cli(process.argv.slice(2))
  outliveReader()
  keepYoungSpaceSmall()
  return serve(rest, {
    version,
    homeFolder: homedir(),
    cwd: process.cwd(),
    root: process.getuid?.() === 0,
    pid: process.pid,
    env: process.env,
    kill: (pid, signal) => process.kill(pid, signal),
    usage: () => {
      const { user, system } = process.cpuUsage()
      return { cpu: user + system, memory: process.memoryUsage.rss() }
    },
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    onSignal: (signal, listener) => void process.on(signal, listener),
    onParentGone: whenParentIsGone,
  })
}

process.exitCode = await main()
