import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import path from 'node:path'
import type { Connection, Identity } from '../contract/connection.js'
import type { Encoded } from '../contract/encoded.js'
import { MoonkeeperError } from '../contract/error.js'
import type { Caller } from '../contract/requester.js'
import { answerFrame, closingTime } from './door.js'
import type { Door, Inside } from './door.js'
import { frameLimit, unsentLimit } from './subscribers.js'

/** compat: frames end with this byte, which JSON text cannot contain. */
const frameEnd = 0x03
const frameEndBytes = Buffer.from([frameEnd])

/** More than any machine's programs need; a program that forgets to close its sockets must not eat every file handle. */
const mostConnections = 256

class UnixConnection implements Connection {
  readonly transport = 'unix'
  identity: Identity | null = null
  followsJobs = false
  #parts: Buffer[] = []
  #length = 0
  #pending = 0
  #readAll = false

  constructor(
    readonly id: number,
    readonly caller: Caller,
    private readonly socket: Socket,
    private readonly inside: Inside,
  ) {}

  get isOpen(): boolean {
    return this.socket.writable
  }

  send(text: Encoded): void {
    this.answer(text)
  }

  answer(text: Encoded): void {
    if (!this.isOpen) return
    if (this.socket.writableLength > unsentLimit) return this.drop()
    this.socket.cork()
    for (const part of text) this.socket.write(part)
    this.socket.write(frameEndBytes)
    this.socket.uncork()
  }

  close(): void {
    this.socket.end()
  }

  drop(): void {
    this.socket.destroy()
  }

  /** Cuts what arrives into frames. */
  receive(chunk: Buffer): void {
    if (this.#readAll) return
    let rest = chunk
    for (let end = rest.indexOf(frameEnd); end >= 0; end = rest.indexOf(frameEnd)) {
      this.#keep(rest.subarray(0, end))
      if (this.#length > frameLimit) return this.drop()
      void this.#answer(Buffer.concat(this.#parts))
      this.#parts = []
      this.#length = 0
      rest = rest.subarray(end + 1)
    }
    this.#keep(rest)
    if (this.#length > frameLimit) this.drop()
  }

  /** Nothing is read any more, because the peer is done or the door closes; answers that are due still go out. */
  finish(): void {
    this.#readAll = true
    if (this.#pending === 0) this.close()
  }

  #keep(part: Buffer): void {
    if (part.length > 0) this.#parts.push(part)
    this.#length += part.length
  }

  async #answer(frame: Buffer): Promise<void> {
    this.#pending += 1
    await answerFrame(this.inside, this, frame)
    this.#pending -= 1
    if (this.#readAll && this.#pending === 0) this.close()
  }
}

/** sun_path holds 108 bytes with its end; Node cuts longer ones silently. */
const longestPath = 107

/** True when a server answers on the socket. */
const isAnswered = (file: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(file)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })

/** Removes the socket of a server that died. What is no socket, or is answered, belongs to someone. */
const removeStale = async (file: string): Promise<void> => {
  const found = await lstat(file).catch(() => null)
  if (found === null) return
  if (!found.isSocket())
    throw new MoonkeeperError(
      'refused',
      `${file} is not a socket: move it away, Moonkeeper's socket belongs there`,
    )
  if (await isAnswered(file))
    throw new MoonkeeperError(
      'refused',
      `Another server answers on ${file}: stop it, or give this one its own data path`,
    )
  await rm(file, { force: true })
}

const advice: Readonly<Record<string, string>> = {
  EACCES: 'let this user write there',
  EPERM: 'let this user write there',
  EROFS: 'the file system is read-only, make it writable',
  ENOTDIR: 'a file is where a folder should be, move it away',
  EEXIST: 'a file is where a folder should be, move it away',
}

const socketError = (file: string, cause: NodeJS.ErrnoException): MoonkeeperError => {
  const next = advice[cause.code ?? ''] ?? 'see whether its folder can be written to'
  return new MoonkeeperError(
    'refused',
    `The socket ${file} could not be created (${cause.code ?? cause.message}): ${next}, or name another with -u`,
    cause,
  )
}

const listen = (server: Server, file: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(file, () => {
      server.off('error', reject)
      resolve()
    })
  })

/** Makes the socket, for its user and group. @throws refused, with what to do about it */
const create = async (server: Server, file: string): Promise<void> => {
  if (Buffer.byteLength(file) > longestPath)
    throw new MoonkeeperError(
      'refused',
      `The path of the socket ${file} is too long: choose a shorter data path, or name another with -u`,
    )
  try {
    await mkdir(path.dirname(file), { recursive: true })
    await removeStale(file)
    await listen(server, file)
    await chmod(file, 0o660)
  } catch (thrown) {
    server.close()
    throw thrown instanceof MoonkeeperError ? thrown : socketError(file, thrown as NodeJS.ErrnoException)
  }
}

/**
 * Serves JSON-RPC on a Unix socket: for the user and the group of the daemon, who are trusted.
 * @param file its folder is created when it is missing
 * @throws refused, when the socket cannot be had
 */
export const openUnixSocket = async (file: string, inside: Inside): Promise<Door> => {
  const open = new Set<UnixConnection>()
  const { gate } = inside.app.access
  // Half-open: a script may send its requests, end its side, and read the answers then.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = new UnixConnection(inside.subscribers.nextId(), gate.local(), socket, inside)
    open.add(connection)
    inside.subscribers.add(connection)
    socket.on('data', (chunk: Buffer) => connection.receive(chunk))
    socket.on('end', () => connection.finish())
    socket.on('error', (err) => inside.log.debug({ err, connection: connection.id }, 'Unix socket error'))
    socket.on('close', () => {
      open.delete(connection)
      inside.subscribers.remove(connection)
    })
  })
  server.maxConnections = mostConnections
  server.on('drop', () =>
    inside.log.warn({ most: mostConnections }, 'too many connections on the Unix socket'),
  )
  await create(server, file)
  server.on('error', (err) => inside.log.warn({ err }, 'a connection could not be accepted'))

  const closed = new Promise<void>((resolve) => server.once('close', resolve))
  const stopAccepting = (): void => {
    if (server.listening) server.close()
  }
  return {
    stopAccepting,
    stop: async () => {
      stopAccepting()
      for (const connection of open) connection.finish()
      const cut = setTimeout(() => open.forEach((connection) => connection.drop()), closingTime)
      await closed
      clearTimeout(cut)
      await rm(file, { force: true })
    },
  }
}
