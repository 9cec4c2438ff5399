import { MoonkeeperError } from '../contract/error.js'
import { asError } from './channel.js'
import { Listeners } from './listeners.js'
import { asRecord } from './messages.js'
import type { Log } from '../system/log.js'

/** What Klipper's macros call with action_call_remote_method. @param params by name; nobody has looked at them */
export type RemoteMethod = (params: Readonly<Record<string, unknown>>) => void | Promise<void>

/** Methods that Klipper may call here. */
export class RemoteMethods {
  readonly #methods = new Map<string, RemoteMethod>()
  readonly #registered: Listeners<[name: string]>

  /** @param reserved names that mean something else on the connection */
  constructor(
    private readonly reserved: readonly string[],
    private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {
    this.#registered = new Listeners(log)
  }

  get names(): readonly string[] {
    return [...this.#methods.keys()]
  }

  /**
   * Klipper may call it from now on, or as soon as it is there.
   * @returns ends that
   * @throws refused, when the name is taken
   */
  register(name: string, method: RemoteMethod): () => void {
    if (this.#methods.has(name) || this.reserved.includes(name))
      throw new MoonkeeperError('refused', `Remote method (${name}) already registered`)
    this.#methods.set(name, method)
    this.#registered.call(name)
    return () => {
      if (this.#methods.get(name) === method) this.#methods.delete(name)
    }
  }

  /** Calls the listener with each name that is registered. @returns ends the calls */
  onRegister(listener: (name: string) => void): () => void {
    return this.#registered.add(listener)
  }

  /** Klipper calls. What goes wrong is logged: nobody waits for an answer. */
  call(name: string, params: unknown): void {
    const method = this.#methods.get(name)
    if (method === undefined) return this.log.info({ method: name }, 'Klipper called what is not there')
    const failed = (thrown: unknown): void =>
      this.log.warn({ method: name, reason: asError(thrown).message }, 'What Klipper called has failed')
    try {
      Promise.resolve(method(asRecord(params))).catch(failed)
    } catch (thrown) {
      failed(thrown)
    }
  }
}
