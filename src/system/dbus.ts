import type * as Library from '@jellybrick/dbus-next'

/** One call of a method on the bus. */
export interface DBusCall {
  /** The service's well-known name; it is started when it does not run and can be. */
  readonly service: string
  readonly path: string
  readonly interface: string
  readonly member: string
  /** D-Bus type codes of the arguments; without it there are none. 64 bit numbers are bigint. */
  readonly signature?: string
  readonly body?: readonly unknown[]
  /** Milliseconds until the answer must be there. Default 25 000, as everywhere on D-Bus. */
  readonly limit?: number
}

export interface DBusSignal {
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly body: readonly unknown[]
}

/** Where signals are listened for. */
export interface DBusSource {
  /** A well-known name: only what its owner says is heard, as everybody on the bus may send signals. */
  readonly service: string
  /** Without it: of every object. */
  readonly path?: string
}

export interface DBusListener {
  readonly signal: (signal: DBusSignal) => void
  /** The service is gone, or the connection: nothing more is heard. Called once at most. */
  readonly lost?: () => void
}

/** The system's message bus. It is connected when it is needed first, and again when the connection was lost. */
export interface DBus {
  /** @returns the values of the answer. @throws DBusFailure */
  call(call: DBusCall): Promise<readonly unknown[]>
  /** Resolves once it is heard. The service must run. @returns what ends it. @throws DBusFailure */
  listen(source: DBusSource, listener: DBusListener): Promise<() => void>
  /** For good: what is asked from then on is refused. A connection that nobody ends would keep the process alive. */
  close(): void
}

/** The bus, or a service on it, refused something or was not there. `error` is D-Bus's name of it. */
export class DBusFailure extends Error {
  constructor(
    readonly error: string,
    message: string,
  ) {
    super(message)
  }

  /** True when nobody knows whether what was asked for was done: the connection or the service ended, or was silent. */
  get unanswered(): boolean {
    return this.error === noReply || this.error === disconnected
  }
}

/** There is no bus, or it cannot be reached. */
export const noServer = 'org.freedesktop.DBus.Error.NoServer'
const disconnected = 'org.freedesktop.DBus.Error.Disconnected'
const noReply = 'org.freedesktop.DBus.Error.NoReply'

const ownService = 'org.freedesktop.DBus'
const ownPath = '/org/freedesktop/DBus'
const defaultLimit = 25_000
const connectLimit = 5_000
const usualAddress = 'unix:path=/var/run/dbus/system_bus_socket'

interface Connection {
  readonly bus: Library.MessageBus
  readonly library: typeof Library
  /** Rejects when the connection ends. */
  readonly ended: Promise<never>
}

const asFailure = (thrown: unknown): DBusFailure => {
  if (thrown instanceof DBusFailure) return thrown
  const { type, message } = thrown as { readonly type?: unknown; readonly message?: unknown }
  const text = typeof message === 'string' ? message : String(thrown)
  return new DBusFailure(typeof type === 'string' ? type : disconnected, text)
}

const open = async (address: string): Promise<Connection> => {
  const library = await import('@jellybrick/dbus-next')
  // The library does not say through the bus that its connection ended.
  const bus = library.sessionBus({ busAddress: address }) as Library.MessageBus & {
    readonly _connection: { on(event: 'end', listener: () => void): void }
  }
  let error = noServer
  const ended = new Promise<never>((_resolve, reject) => {
    bus.on('error' as never, ((thrown: Error) => reject(new DBusFailure(error, thrown.message))) as never)
    bus._connection.on('end', () => reject(new DBusFailure(disconnected, 'the connection to D-Bus ended')))
  })
  ended.catch(() => undefined)
  const connected = new Promise<void>((resolve) => bus.once('connect', () => resolve()))
  await within(connectLimit, Promise.race([connected, ended]), () => bus.disconnect())
  error = disconnected
  return { bus, library, ended }
}

const within = async <T>(limit: number, work: Promise<T>, late = (): void => undefined): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      late()
      reject(new DBusFailure(noReply, `no answer within ${limit / 1000} seconds`))
    }, limit)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

const callOn = async ({ bus, library, ended }: Connection, call: DBusCall): Promise<readonly unknown[]> => {
  const message = new library.Message({
    destination: call.service,
    path: call.path,
    interface: call.interface,
    member: call.member,
    ...(call.signature === undefined ? {} : { signature: call.signature, body: [...(call.body ?? [])] }),
  })
  try {
    const answer = await within(call.limit ?? defaultLimit, Promise.race([bus.call(message), ended]))
    return answer?.body ?? []
  } catch (thrown) {
    throw asFailure(thrown)
  }
}

const ofBus = (member: string, text: string): DBusCall => ({
  service: ownService,
  path: ownPath,
  interface: ownService,
  member,
  signature: 's',
  body: [text],
})

/** `type='signal',sender='...',path='...'`. Names and paths have no quotes: the bus refuses those that do. */
const ruleOf = (parts: Readonly<Record<string, string>>): string =>
  Object.entries({ type: 'signal', ...parts })
    .map(([key, value]) => `${key}='${value}'`)
    .join(',')

/** Hears one source until it is lost, or nobody wants to hear it any more. */
const listenOn = async (
  connection: Connection,
  { service, path }: DBusSource,
  { signal, lost }: DBusListener,
): Promise<() => void> => {
  const rules = [
    ruleOf({ sender: service, ...(path === undefined ? {} : { path }) }),
    ruleOf({ sender: ownService, member: 'NameOwnerChanged', arg0: service }),
  ]
  for (const rule of rules) await callOn(connection, ofBus('AddMatch', rule))
  const [owner] = await callOn(connection, ofBus('GetNameOwner', service))
  let over = false
  const end = (): void => {
    if (over) return
    over = true
    connection.bus.off('message', hear)
    for (const rule of rules) callOn(connection, ofBus('RemoveMatch', rule)).catch(() => undefined)
  }
  const lose = (): void => {
    if (over) return
    end()
    lost?.()
  }
  const hear = (message: Library.Message): void => {
    if (message.sender === ownService && message.member === 'NameOwnerChanged') {
      if (message.body[0] === service) lose()
      return
    }
    if (message.type !== connection.library.MessageType.SIGNAL) return
    if (message.sender !== owner || (path !== undefined && message.path !== path)) return
    signal(message)
  }
  connection.bus.on('message', hear)
  connection.ended.catch(lose)
  return end
}

/** @param address where the bus is; null: the usual place */
export const createDBus = (address: string | null): DBus => {
  let current: Promise<Connection> | null = null
  let closed = false
  const connect = async (): Promise<Connection> => {
    if (closed) throw new DBusFailure(disconnected, 'the connection to D-Bus was closed')
    const opening = (current ??= open(address ?? usualAddress))
    const forget = (): void => {
      if (current === opening) current = null
    }
    try {
      const connection = await opening
      connection.ended.catch(forget)
      return connection
    } catch (thrown) {
      forget()
      throw asFailure(thrown)
    }
  }
  return {
    call: async (call) => callOn(await connect(), call),
    listen: async (source, listener) => listenOn(await connect(), source, listener),
    close() {
      closed = true
      current?.then(({ bus }) => bus.disconnect()).catch(() => undefined)
      current = null
    },
  }
}
