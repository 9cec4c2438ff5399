import type { Connection } from '../contract/connection.js'
import { encode, type Encoded } from '../contract/encoded.js'
import type { NotificationMap } from '../contract/generated/types.js'
import { Serialized } from '../contract/serialized.js'

/** More than this many bytes unsent: the reader is too slow and is dropped, before it holds up memory. */
export const unsentLimit = 4 * 1024 * 1024

/** The largest frame that is read, in bytes. compat: as Moonraker's web server. */
export const frameLimit = 10 * 1024 * 1024

/** What a notification carries, in the order of the wire. compat: usually a list of one object, without any no list. */
type Params<N extends keyof NotificationMap> = NotificationMap[N] extends readonly unknown[]
  ? NotificationMap[N]
  : readonly [NotificationMap[N] | Serialized<NotificationMap[N]>]

type UserNews = Extract<keyof NotificationMap, `notify_user_${string}`>

const textOf = (param: unknown): string => (param instanceof Serialized ? param.json : JSON.stringify(param))

const messageOf = (method: string, params: readonly unknown[]): Encoded => {
  const list = params.length === 0 ? '' : `,"params":[${params.map(textOf).join(',')}]`
  return encode(`{"jsonrpc":"2.0","method":"${method}"${list}}`)
}

/** Every lasting connection, and notifications to all of them. */
export class Subscribers {
  readonly #connections = new Set<Connection>()
  readonly #leaving = new Set<(connection: Connection) => void>()
  #lastId = 0

  /** An integer that no connection had before, while the process lives. */
  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  add(subscriber: Connection): void {
    this.#connections.add(subscriber)
  }

  remove(subscriber: Connection): void {
    this.#connections.delete(subscriber)
    for (const listener of [...this.#leaving]) listener(subscriber)
  }

  /** Calls the listener with each connection that is gone. @returns ends the calls */
  onLeave(listener: (connection: Connection) => void): () => void {
    this.#leaving.add(listener)
    return () => void this.#leaving.delete(listener)
  }

  /** compat: connections on the Unix socket cannot be named. @returns null when there is none */
  webSocket(id: number): Connection | null {
    for (const connection of this.#connections)
      if (connection.id === id && connection.transport === 'websocket') return connection
    return null
  }

  /** Of those that are open: a client may take its time to hang up after its goodbye. */
  count(): number {
    return [...this.#connections].filter(({ isOpen }) => isOpen).length
  }

  /** A notification to everyone, serialised and encoded once. */
  broadcast<N extends keyof NotificationMap>(method: N, ...params: Params<N>): void {
    this.#send(method, params, [...this.#connections])
  }

  /** To everyone but one. */
  broadcastBeside<N extends keyof NotificationMap>(self: Connection, method: N, ...params: Params<N>): void {
    const others = [...this.#connections].filter((connection) => connection !== self)
    this.#send(method, params, others)
  }

  /**
   * News of a user: to everyone, and to those who were that user until now. They hear it, and nothing after it.
   * compat: front ends go to their login page by it.
   */
  tellUser<N extends UserNews>(method: N, params: NotificationMap[N]): void {
    this.#send(method, [params], [...this.#connections])
    const former = [...this.#connections].filter(({ caller: { credential, requester } }) => {
      const theirs = credential?.kind === 'user' && credential.name === params.username
      return theirs && requester === null
    })
    const text = messageOf(method, [params])
    for (const connection of former) {
      connection.caller.credential = null
      connection.answer(text)
    }
  }

  /** notify_update_job, to those who asked for it. */
  tellJob(job: NotificationMap['notify_update_job']): void {
    const followers = [...this.#connections].filter((connection) => connection.followsJobs)
    this.#send('notify_update_job', [job], followers)
  }

  #send(method: string, params: readonly unknown[], connections: readonly Connection[]): void {
    if (connections.length === 0) return
    const text = messageOf(method, params)
    for (const connection of connections) connection.send(text)
  }
}
