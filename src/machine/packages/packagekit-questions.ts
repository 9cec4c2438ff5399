import { MoonkeeperError } from '../../contract/error.js'
import type { Clock } from '../../system/clock.js'
import { DBusFailure, type DBus, type DBusCall } from '../../system/dbus.js'
import { exits, roles, success, type Role } from './packagekit-codes.js'
import { isComplaint } from './apt-failures.js'
import { busRefusal, isHeldByAnother, refusalOf } from './packagekit-failures.js'
import { KitTransaction, type KitEnd, type KitPackage } from './packagekit-transaction.js'
import type { PackageContext } from './provider.js'

export const service = 'org.freedesktop.PackageKit'
export const manager = { service, path: '/org/freedesktop/PackageKit', interface: service } as const
const transactionInterface = `${service}.Transaction`

/** What a transaction told. */
export interface KitAnswer {
  readonly packages: readonly KitPackage[]
  /** Bytes by package id, of GetDetails. */
  readonly sizes: ReadonlyMap<string, number>
  /** True when at least one source could be had. */
  readonly reached: boolean
  /** Why it was not done; null when it was. */
  readonly failure: MoonkeeperError | null
  /** True when it was not even begun, as another program had the lock. */
  readonly held: boolean
}

/** One thing that PackageKit is asked for. */
export interface KitQuestion {
  readonly role: Role
  readonly signature: string
  readonly body: readonly unknown[]
  /** For the beginning of a sentence: what could not be done. */
  readonly what: string
  /** How many packages it is to change; left out where that is not known. */
  readonly count?: number
  /** True for what must not be ended once it began: a script that is cut off leaves its package half configured. */
  readonly unstoppable?: true
}

export interface KitSurroundings {
  readonly bus: DBus
  readonly clock: Clock
  /** Who asks, for people. */
  readonly user: string
}

/** The daemon went away in the middle: it never says that it is finished. */
export class KitLost extends MoonkeeperError {
  constructor(what: string, rest = 'Look at: journalctl -u packagekit') {
    super(
      'command_failed',
      `${what}: PackageKit ended in the middle of it (it was killed, or crashed). ${rest}`,
    )
  }
}

/** Milliseconds of silence after which a question that changes nothing is given up. */
const patience = 300_000
const poll = 1_000

const at = (path: string, member: string, signature?: string, body?: readonly unknown[]) => ({
  service,
  path,
  interface: transactionInterface,
  member,
  ...(signature === undefined ? {} : { signature, body: body ?? [] }),
})

/** Nobody is there to answer questions, and what is said is read. */
const hints = ['locale=C.UTF-8', 'background=false', 'interactive=false']

/** Ends what may be ended when nobody wants it any more, or it says nothing. */
const watch = async (
  transaction: KitTransaction,
  path: string,
  question: KitQuestion,
  { bus, clock }: KitSurroundings,
  signal: AbortSignal,
): Promise<KitEnd | null> => {
  if (question.unstoppable === true) return transaction.ended
  const over = new AbortController()
  const ended = transaction.ended.finally(() => over.abort())
  const either = AbortSignal.any([signal, over.signal])
  const silence = async (): Promise<void> => {
    while (clock.now() - transaction.heardAt < patience) await clock.wait(poll, either)
  }
  const stopped = silence().then(
    () => new MoonkeeperError('command_failed', `${question.what}: PackageKit said nothing for five minutes`),
    () => null,
  )
  const first = await Promise.race([ended, stopped])
  if (over.signal.aborted) return ended
  await bus.call(at(path, 'Cancel')).catch(() => undefined)
  signal.throwIfAborted()
  if (first instanceof MoonkeeperError) throw first
  return ended
}

const answerOf = (
  { packages, sizes, sources, error }: KitTransaction,
  { exit }: KitEnd,
  what: string,
  user: string,
): KitAnswer => {
  const text = error?.text ?? ''
  const told = { packages, sizes, reached: [...sources].some((source) => !isComplaint(text, source)) }
  if (exit === success) return { ...told, failure: null, held: false }
  return { ...told, failure: refusalOf(what, error?.code ?? null, text, user), held: isHeldByAnother(text) }
}

/** Without an answer it may have begun. @throws KitLost */
const ask = async (bus: DBus, call: DBusCall, what: string): Promise<void> => {
  try {
    await bus.call(call)
  } catch (thrown) {
    throw thrown instanceof DBusFailure && thrown.unanswered ? new KitLost(what) : thrown
  }
}

const begin = async (
  question: KitQuestion,
  outside: KitSurroundings,
  { say, signal }: PackageContext,
): Promise<KitAnswer> => {
  const { bus, clock, user } = outside
  const { role, signature, body, what, count } = question
  const [path] = (await bus.call({ ...manager, member: 'CreateTransaction' })) as [string]
  const transaction = new KitTransaction(say, () => clock.now(), count)
  const stop = await bus.listen({ service, path }, { signal: transaction.hear, lost: transaction.lost })
  try {
    await bus.call(at(path, 'SetHints', 'as', [hints]))
    signal.throwIfAborted()
    say(`Transaction ${roles[role]} started...`)
    await ask(bus, at(path, role, signature, body), what)
    const end = await watch(transaction, path, question, outside, signal)
    if (end === null) throw new KitLost(what)
    const exit = exits[end.exit] ?? String(end.exit)
    say(`Transaction ${roles[role]}: Exit ${exit}, Run time: ${end.seconds.toFixed(2)} seconds`)
    return answerOf(transaction, end, what, user)
  } finally {
    stop()
  }
}

/**
 * One transaction from beginning to end.
 * @throws needs_privileges; KitLost when the daemon went away; the signal's reason, unless it must not be ended
 */
export const askKit = async (
  question: KitQuestion,
  outside: KitSurroundings,
  context: PackageContext,
): Promise<KitAnswer> => {
  try {
    return await begin(question, outside, context)
  } catch (thrown) {
    if (thrown instanceof DBusFailure) throw busRefusal(question.what, thrown, outside.user)
    throw thrown
  }
}
