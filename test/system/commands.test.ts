import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { MoonkeeperError } from '../../src/contract/error.js'
import { systemClock } from '../../src/system/clock.js'
import { createSurvivors } from '../../src/system/survivors.js'
import { temporaryFolder } from '../support/folder.js'
import { realCommands } from '../support/surroundings.js'

test('output, errors and the exit code come back', async () => {
  const commands = await realCommands()
  const lines: string[] = []
  const script = 'echo out; echo "first ü" >&2; printf "10%%\\r20%%\\rlast" >&2; exit 3'
  const result = await commands.run(['sh', '-c', script], { onErrorLine: (line) => lines.push(line) })
  assert.equal(result.code, 3)
  assert.equal(result.stdout.toString(), 'out\n')
  assert.deepEqual(lines, ['first ü', '10%', '20%', 'last'])
  assert.equal(result.ended, null)
})

test('standard input is given, or closed', async () => {
  const commands = await realCommands()
  assert.equal((await commands.run(['cat'], { input: 'a\0b' })).stdout.toString(), 'a\0b')
  assert.equal((await commands.run(['cat'])).stdout.toString(), '')
})

test('arguments reach the program as they are', async () => {
  const commands = await realCommands()
  const odd = ['$(id)', '`id`', 'a b', '"', "'", '*', '; ls', '-n']
  const result = await commands.run(['printf', '%s\\n', ...odd])
  assert.deepEqual(result.stdout.toString().trimEnd().split('\n'), odd)
})

test('the limits end a command together with its children', async (t) => {
  const commands = await realCommands()
  const folder = await temporaryFolder(t)
  const pidFile = path.join(folder, 'pid')
  const script = `sleep 600 & echo $! > '${pidFile}'; wait`
  const ends = await Promise.all([
    commands.run(['sh', '-c', script], { timeout: 300 }),
    commands.run(['sh', '-c', 'echo x; sleep 600'], { stall: 300 }),
    commands.run(['sh', '-c', 'yes'], { maxOutput: 100_000 }),
    commands.run(['sleep', '600'], { signal: AbortSignal.timeout(100) }),
  ])
  assert.deepEqual(
    ends.map((result) => result.ended),
    ['timeout', 'stall', 'too_much_output', 'aborted'],
  )
  assert.deepEqual(new Set(ends.map((result) => result.code)), new Set([null]))
  const child = readFileSync(pidFile, 'utf8').trim()
  const state = existsSync(`/proc/${child}/stat`)
    ? readFileSync(`/proc/${child}/stat`, 'utf8').split(' ')[2]
    : 'gone'
  assert.ok(state === 'gone' || state === 'Z', `the child is ${state}`)
})

test('output that keeps coming is no stall', async () => {
  const commands = await realCommands()
  const script = 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done'
  assert.equal((await commands.run(['sh', '-c', script], { stall: 400 })).ended, null)
})

test('a program that is not there is named', async () => {
  const commands = await realCommands()
  await assert.rejects(commands.run(['no-such-program']), (thrown) => {
    assert.ok(thrown instanceof MoonkeeperError)
    assert.match(thrown.message, /no-such-program.*Is it installed/)
    return true
  })
})

test('lines of standard output come one by one, with their carriage returns', async () => {
  const commands = await realCommands()
  const lines: string[] = []
  const script = 'printf "10%%\\r20%%\\n"; echo oops >&2; printf last'
  const result = await commands.run(['sh', '-c', script], { onOutputLine: (line) => lines.push(line) })
  assert.deepEqual(lines, ['10%\r20%', 'last'])
  assert.equal(result.stdout.toString(), '10%\r20%\nlast')
})

test('what must not be ended is ended by nothing, and its output is in a file', async (t) => {
  const commands = await realCommands()
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'output')
  const lines: string[] = []
  const stop = new AbortController()
  const result = await commands.run(['sh', '-c', 'echo one; sleep 0.3; echo two >&2; exit 4'], {
    outlives: file,
    timeout: 1,
    stall: 1,
    signal: stop.signal,
    onOutputLine: (line) => {
      lines.push(line)
      stop.abort()
    },
  })
  assert.deepEqual([result.code, result.ended, result.stderr], [4, null, 'one\ntwo\n'])
  assert.deepEqual(lines, ['one', 'two'])
  assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n')
  await assert.rejects(commands.run(['/nonexistent/program'], { outlives: file }), /Is it installed/)
})

test('what must not be ended goes on when the daemon is killed', async (t) => {
  const folder = await temporaryFolder(t)
  const module = new URL('../../src/system/commands.js', import.meta.url).href
  const output = path.join(folder, 'output')
  const script = `read line < ${folder}/fifo; echo "$line"; echo over > ${folder}/over`
  execFileSync('mkfifo', [path.join(folder, 'fifo')])
  const program =
    `const { createCommands } = await import(${JSON.stringify(module)});` +
    `const commands = await createCommands({ env: process.env, kill: () => {} });` +
    `await commands.run(['sh', '-c', ${JSON.stringify(script)}], { outlives: ${JSON.stringify(output)} })`
  const env = { ...process.env, MOONKEEPER_DATA_FOLDER: folder }
  const daemon = spawn(process.execPath, ['--input-type=module', '-e', program], { env, stdio: 'inherit' })
  const ended = once(daemon, 'exit')
  // Opens when the command reads.
  const fifo = await open(path.join(folder, 'fifo'), 'w')
  daemon.kill('SIGKILL')
  await ended
  const survivors = createSurvivors(process.pid, (pid, signal) => process.kill(pid, signal), systemClock)
  assert.deepEqual(await survivors.end(folder), [])
  await fifo.write('still here\n')
  await fifo.close()
  while (!existsSync(path.join(folder, 'over'))) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal(readFileSync(output, 'utf8'), 'still here\n')
})

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

/** Runs a command in a process of its own, which is killed when the command runs. @returns the command's id */
const killStarterOf = async (folder: string, options: object): Promise<number> => {
  const told = path.join(folder, `pid${Object.keys(options).length}`)
  const script = `echo $$ > '${told}.new'; mv '${told}.new' '${told}'; exec sleep 600`
  const source = [
    `import { createCommands } from ${JSON.stringify(import.meta.resolve('../../src/system/commands.js'))}`,
    'const commands = await createCommands({ env: { PATH: process.env.PATH }, kill: () => undefined })',
    `await commands.run(['sh', '-c', ${JSON.stringify(script)}], ${JSON.stringify(options)})`,
  ]
  const args = ['--input-type=module', '-e', source.join('\n')]
  const starter = spawn(process.execPath, args, { stdio: 'ignore' })
  const ended = once(starter, 'exit')
  while (!existsSync(told) && starter.exitCode === null) await turn()
  starter.kill('SIGKILL')
  await ended
  return Number(readFileSync(told, 'utf8'))
}

test('a command dies with the daemon that is killed; one that only reads need not', async (t) => {
  const folder = await temporaryFolder(t)
  const reading = await killStarterOf(folder, { readsOnly: true })
  t.after(() => process.kill(reading, 'SIGKILL'))
  const writing = await killStarterOf(folder, {})
  while (isAlive(writing)) await turn()
  assert.ok(isAlive(reading))
})
