import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { bundle } from './daemon.js'

const environment = (dataPath: string): Record<string, string | undefined> => ({
  PATH: process.env['PATH'],
  HOME: dataPath,
  DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus',
})

/** A daemon in a network namespace of its own, in which there is nothing but loopback. */
export class CutOffDaemon {
  private readonly process: ChildProcess
  private output = ''

  constructor(private readonly dataPath: string) {
    const script = 'ip link set lo up && exec "$@"'
    const daemon = [process.execPath, bundle, 'serve', '-d', dataPath]
    this.process = spawn('unshare', ['--net', 'sh', '-c', script, 'sh', ...daemon], {
      env: environment(dataPath),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
  }

  /** Runs the client in the same namespace. */
  client(...args: readonly string[]): { readonly code: number | null; readonly told: string } {
    const inside = [
      '-t',
      String(this.process.pid),
      '--net',
      process.execPath,
      bundle,
      ...args,
      '-d',
      this.dataPath,
    ]
    const { status, stdout, stderr } = spawnSync('nsenter', inside, {
      env: environment(this.dataPath),
      encoding: 'utf8',
      timeout: 60_000,
    })
    return { code: status, told: stdout + stderr }
  }

  /** Until it answers. @throws when it ends before, with what it said: namespaces need root */
  async answers(): Promise<void> {
    while (this.client('status').code === 3) {
      if (this.process.exitCode !== null)
        throw new Error(`The daemon ended. This test needs root, unshare and ip. It said: ${this.output}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** True when nobody out there can be reached from inside. */
  isCutOff(): boolean {
    const routes = spawnSync('nsenter', ['-t', String(this.process.pid), '--net', 'ip', 'route'], {
      encoding: 'utf8',
    })
    return routes.status === 0 && routes.stdout.trim() === ''
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return
    const ended = once(this.process, 'exit')
    this.process.kill('SIGTERM')
    await ended
  }
}
