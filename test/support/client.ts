import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { bundle } from './daemon.js'

/** The built command line client as a process of its own. */
export class Client {
  out = ''
  err = ''
  private readonly process: ChildProcess
  private readonly ended: Promise<number | null>
  private heard = (): void => undefined

  constructor(...args: readonly string[]) {
    this.process = spawn(process.execPath, [bundle, ...args], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const { stdout, stderr } = this.process
    stdout?.on('data', (chunk: Buffer) => this.hear(() => (this.out += chunk.toString())))
    stderr?.on('data', (chunk: Buffer) => this.hear(() => (this.err += chunk.toString())))
    this.ended = once(this.process, 'close').then(([code]) => code as number | null)
    void this.ended.then(() => this.heard())
  }

  /** Resolves when it wrote that, to whichever of its two outputs. @throws when it ends without */
  async shows(text: string): Promise<void> {
    while (!this.out.includes(text) && !this.err.includes(text)) {
      if (this.process.exitCode !== null)
        throw new Error(`It ended without '${text}': ${this.out}${this.err}`)
      await new Promise<void>((resolve) => (this.heard = resolve))
    }
  }

  /** Its exit code. */
  end(): Promise<number | null> {
    return this.ended
  }

  kill(): void {
    this.process.kill('SIGKILL')
  }

  private hear(keep: () => void): void {
    keep()
    this.heard()
  }
}

/** Runs the client to its end. */
export const runClient = async (
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> => {
  const client = new Client(...args)
  const code = await client.end()
  return { code, out: client.out, err: client.err }
}

/** The same with more in its environment. */
export const runClientWith = (
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): ReturnType<typeof runClient> =>
  new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env } }
    const child = execFile(process.execPath, [bundle, ...args], options, (_, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    )
  })

/** A wire to a Unix socket, which can be cut. */
export class Wire {
  private server: Server | null = null
  private readonly ends = new Set<Socket>()

  constructor(
    readonly socket: string,
    private readonly target: string,
  ) {}

  async mend(): Promise<void> {
    this.server = createServer((near) => {
      const far = connect(this.target)
      for (const [end, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.ends.add(end)
        end.on('error', () => undefined)
        end.on('close', () => {
          this.ends.delete(end)
          other.destroy()
        })
        end.pipe(other)
      }
    })
    this.server.listen(this.socket)
    await once(this.server, 'listening')
  }

  /** Nothing goes through any more, and nobody can connect. */
  async cut(): Promise<void> {
    const { server } = this
    this.server = null
    if (server === null) return
    const closed = once(server, 'close')
    server.close()
    for (const end of this.ends) end.destroy()
    await closed
  }
}
