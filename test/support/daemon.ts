import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createServer, connect, type AddressInfo } from 'node:net'
import path from 'node:path'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** This repository; the tests run from dist/compiled/test/support. */
export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..')
export const bundle = path.join(projectRoot, 'dist/moonkeeper.js')

/** Below those that Linux takes for outgoing connections: nobody comes upon one of these by chance. */
const quietPorts = [12_000, 32_000] as const

/** A port that is free now, and very likely still is when a daemon starts again on it. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const server = createServer().listen(randomInt(...quietPorts), '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    return port
  }
}

/** No daemon of a test reaches the packages of this machine: apt's root has nothing in it, and there is no bus. */
const noPackages = {
  APT_CONFIG: path.join(projectRoot, 'test/support/no-packages.conf'),
  DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus',
}

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

/** The built daemon as a process of its own. */
export class Daemon {
  private readonly process: ChildProcess
  private output = ''
  private ended: Promise<{ code: number | null; signal: string | null }>

  constructor(
    readonly dataPath: string,
    env: Readonly<Record<string, string>> = {},
    nodeOptions: readonly string[] = [],
    args: readonly string[] = [],
    /** A program that runs it, under the same process id. */
    under: readonly string[] = [],
  ) {
    const [program = '', ...rest] = [...under, process.execPath, ...nodeOptions, bundle]
    this.process = spawn(program, [...rest, 'serve', '-d', dataPath, ...args], {
      env: { PATH: process.env['PATH'], HOME: dataPath, ...noPackages, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.process.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    this.process.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    this.ended = once(this.process, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as string | null,
    }))
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error('the daemon did not start')
    return this.process.pid
  }

  get text(): string {
    return this.output
  }

  /** True while the process lives. */
  get alive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  async end(): Promise<{ code: number | null; signal: string | null }> {
    return this.ended
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  /** Asks once over the Unix socket. Resolves with null when the connection ends without an answer. */
  ask(method: string, params: object = {}): Promise<Answer | null> {
    return new Promise((resolve) => {
      const socket = connect(path.join(this.dataPath, 'comms/moonraker.sock'))
      let text = ''
      socket.on('error', () => resolve(null))
      socket.on('close', () => resolve(null))
      socket.on('connect', () =>
        socket.write(`${JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 })}\u0003`),
      )
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        for (const frame of text.split('\u0003').slice(0, -1)) {
          const message = JSON.parse(frame) as Answer & { id?: number }
          if (message.id !== 1) continue
          resolve(message)
          socket.destroy()
          return
        }
      })
    })
  }

  /** Asks again and again until the answer is wanted, or the daemon ends (null). */
  async askUntil(
    method: string,
    wanted: (answer: Answer) => boolean,
    params: object = {},
  ): Promise<Answer | null> {
    for (let tries = 0; tries < 2000 && this.alive; tries += 1) {
      const answer = await this.ask(method, params)
      if (answer !== null && wanted(answer)) return answer
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    if (!this.alive) return null
    throw new Error(`The daemon did not answer ${method} as expected. It said: ${this.output}`)
  }
}
