import type { RpcClient } from './rpc-client.js'
import { Refusal } from './rpc-client.js'
import type { ProgressView } from './progress.js'

/** Something that changes an application, and tells how it goes. */
export interface Operation {
  readonly method: string
  readonly params: object
  /** What its lines carry: the application, `full`, `recover_NAME` or `rollback_NAME`. */
  readonly application: string
}

export interface Outcome {
  /** Why it was refused or failed; null when it went well. */
  readonly refusal: Refusal | null
  /** True when the server told anything: nothing to do is silent. */
  readonly told: boolean
  /** What the server answered; null when it refused. */
  readonly answer: unknown
}

/** Milliseconds that the last line may come after the answer. */
const lastLinePatience = 2_000

interface Line {
  readonly message: string
  readonly application: string
  readonly complete: boolean
}

/** The line of progress that a notification is; null when it is another. */
export const progressLine = (method: string, params: unknown): Line | null => {
  if (method !== 'notify_update_response' || params === null || typeof params !== 'object') return null
  const { message, application, complete } = params as Readonly<Record<string, unknown>>
  if (typeof message !== 'string' || typeof application !== 'string') return null
  return { message, application, complete: complete === true }
}

const waitAtMost = async (milliseconds: number, ...others: readonly Promise<unknown>[]): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  try {
    await Promise.race([elapsed, ...others])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks, and shows nothing. @throws CliFailure when the connection ends before the answer */
export const answerTo = async (client: RpcClient, { method, params }: Operation): Promise<Outcome> => {
  try {
    return { refusal: null, answer: await client.call(method, params), told: false }
  } catch (thrown) {
    if (thrown instanceof Refusal) return { refusal: thrown, answer: null, told: false }
    throw thrown
  }
}

/** What answers with a job tells no last line: that is for the end of the job. */
const endsWithAnswer = (answer: unknown): boolean => answer !== null && typeof answer === 'object'

/**
 * Asks for an operation and shows its lines until the answer and the last line are there, in whichever order.
 * @param patience milliseconds that are waited for the last line after the answer
 * @throws CliFailure when the connection ends before the answer
 */
export const runOperation = async (
  client: RpcClient,
  operation: Operation,
  view: ProgressView,
  patience: number = lastLinePatience,
): Promise<Outcome> => {
  const seen = { told: false }
  let tellComplete = (): void => {}
  const complete = new Promise<void>((resolve) => {
    tellComplete = resolve
  })
  client.listen((method, params) => {
    const line = progressLine(method, params)
    if (line?.application !== operation.application) return
    seen.told = true
    view.say(line.message, line.complete)
    if (line.complete) tellComplete()
  })
  const answered = await answerTo(client, operation)
  if (endsWithAnswer(answered.answer)) return { ...answered, told: seen.told }
  // With nothing to do there is no last line to wait for. Whatever was sent before the answer to one more
  // question has arrived when that answer has.
  const settled = seen.told ? [complete] : [complete, client.call('server.info', {}).catch(() => null)]
  await waitAtMost(patience, client.closed, ...settled)
  if (seen.told) await waitAtMost(patience, client.closed, complete)
  return { ...answered, told: seen.told }
}
