// Every process of a run is started here, looked at here, and ended here by its id.
import { execFile, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'

const running = new Set()
const execute = promisify(execFile)

const track = (child) => {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

export const launch = (program, args, options) => track(spawn(program, args, options))

const alive = (child) => child.exitCode === null && child.signalCode === null

export const end = async (child) => {
  if (!alive(child)) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const cut = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exit
  clearTimeout(cut)
}

export const endAll = () => Promise.all([...running].map(end))

/** A script of this folder as a process that is asked by messages, one at a time. It ends when this one does. */
export const startHelper = (script) => {
  const child = track(
    fork(path.join(import.meta.dirname, script), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  )
  const ended = once(child, 'exit').then(() => [{ error: `${script} ended` }])
  const answer = async () => {
    const [message] = await Promise.race([once(child, 'message'), ended])
    if (message.error !== undefined) throw new Error(message.error)
    return message
  }
  return {
    pid: child.pid,
    ask: (question) => {
      child.send(question)
      return answer()
    },
    answer,
    end: () => end(child),
  }
}

/** Runs a program to its end. @throws when it does not end with 0 */
export const run = async (program, args, options = {}) => {
  const { stdout } = await execute(program, args, {
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
    ...options,
  })
  return stdout
}

export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Milliseconds that some work takes. */
export const timed = async (work) => {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

/** A port that is free now. */
export const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Resident memory in MiB. */
export const residentMemory = (pid) => {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]
  return Number(kilobytes) / 1024
}

/** Begins to look for the most anew. @returns what is resident now, in MiB */
export const forgetPeak = (pid) => {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  return residentMemory(pid)
}

/** The most resident memory that it had, in MiB. */
export const peakMemory = (pid) => {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]
  return Number(kilobytes) / 1024
}

/** Milliseconds of CPU, user and system, that a process used. A tick is 10 ms on Linux. */
export const usedCpu = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
