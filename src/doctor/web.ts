import { isIP } from 'node:net'
import type { Commands } from '../system/commands.js'
import type { HttpClient } from '../system/http.js'

/** What came of a question to another machine. */
export type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly header: (name: string) => string | null }
  /** Its name leads to no address. */
  | { readonly kind: 'nameless' }
  /** `code` is the system's, or that of TLS. */
  | { readonly kind: 'silent'; readonly code: string; readonly why: string }

/** found; none: it leads nowhere; late: nobody told in time; unknown: it could not be asked for. */
export type Name = 'found' | 'none' | 'late' | 'unknown'

/** The network as several checks look at it: everything is asked once. Nothing takes longer than a few seconds. */
export interface Web {
  /** Never rejects. */
  ask(url: string): Promise<Reply>
  /** @param host a name or an address, as in an address of the web */
  name(host: string): Promise<Name>
}

/** Milliseconds, each. */
const nameLimit = 3_000
const answerLimit = 3_000

const remembering = <T>(ask: (key: string) => Promise<T>): ((key: string) => Promise<T>) => {
  const known = new Map<string, Promise<T>>()
  return (key) => {
    const asked = known.get(key) ?? ask(key)
    known.set(key, asked)
    return asked
  }
}

/** By a program of its own, which can be ended: a look-up of ours would block the disk for as long as it takes. */
const nameOf = async (host: string, commands: Commands): Promise<Name> => {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return 'found'
  try {
    const argv = ['getent', 'ahosts', '--', host] as const
    const { code, ended } = await commands.run(argv, {
      timeout: nameLimit,
      maxOutput: 64 * 1024,
      readsOnly: true,
    })
    if (ended === 'timeout') return 'late'
    if (code === 0) return 'found'
    return code === 2 ? 'none' : 'unknown'
  } catch {
    return 'unknown'
  }
}

const silence = (thrown: unknown): Reply => {
  const { cause, message } = thrown as {
    readonly cause?: NodeJS.ErrnoException | null
    readonly message: string
  }
  return { kind: 'silent', code: cause?.code ?? '', why: cause?.code ?? message }
}

/**
 * For one examination.
 * @param tokenFor what opens an address; null for most
 */
export const createWeb = (
  http: HttpClient,
  commands: Commands,
  tokenFor: (url: string) => string | null = () => null,
): Web => {
  const name = remembering((host) => nameOf(host, commands))
  const ask = remembering(async (url): Promise<Reply> => {
    const named = await name(new URL(url).hostname)
    if (named === 'none' || named === 'late') return { kind: 'nameless' }
    const signal = AbortSignal.timeout(answerLimit)
    try {
      const answer = await http.get(url, { signal, answerLimit, token: tokenFor(url) ?? undefined })
      answer.body.on('error', () => undefined).destroy()
      return { kind: 'answer', status: answer.status, header: (field) => answer.header(field) }
    } catch (thrown) {
      return signal.aborted
        ? { kind: 'silent', code: 'ETIMEDOUT', why: `no answer within ${answerLimit / 1000} seconds` }
        : silence(thrown)
    }
  })
  return { name, ask }
}
