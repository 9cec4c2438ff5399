import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

export interface Reply {
  readonly result?: unknown
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly data?: { readonly code: string }
  }
}

export interface Told {
  readonly method: string
  readonly params: readonly unknown[]
}

interface Message extends Reply, Partial<Told> {
  readonly id?: number
}

/** A client at the Unix socket, which hears notifications too. */
export class UnixClient {
  readonly told: Told[] = []
  /** Resolves when the server ended the connection. */
  readonly closed: Promise<unknown>
  private text = ''
  private count = 0
  private readonly waiting = new Map<number, (reply: Reply) => void>()
  private readonly listeners = new Set<() => void>()

  private constructor(private readonly socket: Socket) {
    this.closed = once(socket, 'close')
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => this.hear(chunk.toString()))
  }

  /** Tries until somebody listens there. */
  static async open(path: string): Promise<UnixClient> {
    for (let tries = 0; tries < 3000; tries += 1) {
      const socket = connect(path)
      const connected = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true))
        socket.once('error', () => resolve(false))
      })
      if (connected) return new UnixClient(socket)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`nobody listens at ${path}`)
  }

  call(method: string, params: object = {}): Promise<Reply> {
    this.count += 1
    const id = this.count
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      this.socket.write(`${JSON.stringify({ jsonrpc: '2.0', method, params, id })}\u0003`)
    })
  }

  /** Resolves when something like it was told; also when it was before. */
  async until(wanted: (told: Told) => boolean): Promise<Told> {
    for (;;) {
      const found = this.told.find(wanted)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.listeners.delete(listener)
          resolve()
        }
        this.listeners.add(listener)
      })
    }
  }

  close(): void {
    this.socket.destroy()
  }

  private hear(chunk: string): void {
    const frames = (this.text + chunk).split('\u0003')
    this.text = frames.pop() ?? ''
    for (const frame of frames) this.take(JSON.parse(frame) as Message)
  }

  private take(message: Message): void {
    const { id, method, params = [] } = message
    if (method !== undefined) {
      this.told.push({ method, params })
      for (const listener of [...this.listeners]) listener()
    } else if (id !== undefined) {
      this.waiting.get(id)?.(message)
      this.waiting.delete(id)
    }
  }
}
