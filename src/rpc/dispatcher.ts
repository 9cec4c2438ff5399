import { JSONRPCServer } from 'json-rpc-2.0'
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0'
import { encode, lengthOf, type Encoded } from '../contract/encoded.js'
import { MoonkeeperError, PassedOnError, asMoonkeeperError, rpcCode } from '../contract/error.js'
import { methodTable } from '../contract/generated/tables.js'
import type { MethodName } from '../contract/generated/types.js'
import { Serialized } from '../contract/serialized.js'
import type { Call } from '../methods/context.js'
import { methods } from '../methods/index.js'
import { atKlipper } from '../methods/klipper/pass-through.js'
import type { Log } from '../system/log.js'
import { admit } from './admission.js'
import { readArguments } from './arguments.js'
import { idText } from './id.js'
import { rawItems } from './raw-id.js'

/** A batch whose answers grow beyond this many bytes is cut short: small questions can have large answers. */
const largestBatchAnswer = 16 * 1024 * 1024

type Server = JSONRPCServer<Call>

type Json = Readonly<Record<string, unknown>>

export interface Dispatcher {
  /**
   * One JSON-RPC text, an object or a batch.
   * @returns the answer; null when there is nothing to answer
   * @throws internal, over HTTP only: what is JSON but no request has no JSON-RPC answer there
   */
  dispatch(text: string, call: Call): Promise<Encoded | null>
  /**
   * One method, for doors that are not JSON-RPC.
   * @throws MoonkeeperError, always; the unexpected is logged and becomes `internal` without details
   */
  invoke(method: string, params: Json, call: Call): Promise<unknown>
}

/** A result as JSON text in UTF-8. What was encoded before goes in as it is. */
export const encodeResult = (result: unknown): Buffer =>
  result instanceof Serialized ? result.bytes : Buffer.from(JSON.stringify(result ?? null))

const isMethodName = (name: string): name is MethodName => Object.hasOwn(methods, name)

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What an argument asks for may need more than the method itself. @throws forbidden */
const admitArguments = (name: MethodName, args: Json, { caller }: Call): void => {
  for (const { name: parameter, scope, default: usual } of methodTable[name]?.params ?? []) {
    const given = args[parameter] ?? usual
    if (scope !== undefined && given !== usual) admit(caller, scope, `${name} with ${parameter}`)
  }
}

/** Runs a method, or lets Klipper run it. */
const run = async (name: string, params: Json, call: Call): Promise<unknown> => {
  if (!isMethodName(name)) {
    // What is nobody's has nothing to protect; what Klipper may do is not known here.
    if (call.app.klipper.endpointOf(name) !== null) admit(call.caller, 'admin', name)
    return atKlipper(name, params, call)
  }
  const method = methods[name]
  // A method that the table does not know is nobody's.
  admit(call.caller, methodTable[name]?.scope ?? 'admin', name)
  await method.before?.(call, params)
  // readArguments has checked them against this method's own schema.
  const args = readArguments(name, params) as Json
  admitArguments(name, args, call)
  return method.handle(args as never, call)
}

/** People type their password where the name belongs, and messages repeat what was given. */
const hasSecrets = (method: string): boolean =>
  isMethodName(method) && methodTable[method]?.params.some(({ secret }) => secret === true) === true

/** The unexpected is logged here, once; its details are for the log and not for the wire. */
const refusalOf = (thrown: unknown, method: string, log: Pick<Log, 'error' | 'debug'>): MoonkeeperError => {
  if (thrown instanceof MoonkeeperError) {
    const reason = hasSecrets(method) ? 'not for the log' : thrown.message
    log.debug({ method, kind: thrown.kind, reason }, 'Request refused')
    return thrown
  }
  log.error({ method, err: thrown }, 'Request failed unexpectedly')
  return new MoonkeeperError('internal', 'Internal Server Error', thrown)
}

const errorText = (error: object, id: string): Encoded =>
  encode(`{"jsonrpc":"2.0","error":${JSON.stringify(error)},"id":${id}}`)

const errorAnswer = (code: number, message: string, id: string, kind?: string): Encoded => {
  const error = { code, message, ...(kind === undefined ? {} : { data: { code: kind } }) }
  return errorText(error, id)
}

const refusalAnswer = (refusal: MoonkeeperError, id: string): Encoded =>
  errorAnswer(rpcCode(refusal.status), refusal.message, id, refusal.kind)

/** compat: what is JSON but neither object nor batch is silence on sockets, and on HTTP a 500. */
class NotARequest extends Error {}

/** compat: what has a path, but cannot be asked for as JSON-RPC over HTTP, is the subscription. */
const notThroughHere = (method: MethodName, { transport }: Call): string =>
  methodTable[method]?.http === null
    ? `Method not found for transport ${transport.toUpperCase()}`
    : `Subscriptions not available for ${transport.toUpperCase()} transport`

/** What is refused before a method is looked for or run; null when nothing is wrong. */
const malformed = (request: Json, call: Call, id: string): Encoded | null => {
  const { method } = request
  if (typeof method !== 'string') return errorAnswer(-32600, 'Invalid Request', id)
  if (isMethodName(method) && methodTable[method]?.transports.includes(call.transport) === false)
    return refusalAnswer(new MoonkeeperError('method_not_found', notThroughHere(method, call)), id)
  const known = isMethodName(method) || call.app.klipper.endpointOf(method) !== null
  if (known && 'params' in request && !isObject(request.params))
    return errorAnswer(-32602, 'Invalid params:', id)
  return null
}

/**
 * The package's server looks methods up and runs them. What it does otherwise than Moonraker stays outside:
 * batches (parallel, a single item unwrapped), ids (only strings and numbers), notifications (errors swallowed).
 * Results leave it encoded, so that one that cannot be is refused like every other failure.
 */
const createServer = (log: Pick<Log, 'error' | 'debug'>): Server => {
  const server = new JSONRPCServer<Call>({ errorListener: () => undefined })
  const encoded = async (name: string, params: unknown, call: Call): Promise<Buffer> => {
    try {
      return encodeResult(await run(name, isObject(params) ? params : {}, call))
    } catch (thrown) {
      throw refusalOf(thrown, name, log)
    }
  }
  for (const name of Object.keys(methods))
    server.addMethod(name, (params: unknown, call) => encoded(name, params, call))
  server.handleMethodNotFound = async ({ method, params }, call) => ({
    jsonrpc: '2.0',
    id: 0,
    result: await encoded(method, params, call as Call),
  })
  server.mapErrorToJSONRPCErrorResponse = (id, thrown: unknown) => {
    const { kind, message, status } = asMoonkeeperError(thrown)
    const data = thrown instanceof PassedOnError ? thrown.data : { code: kind }
    return { jsonrpc: '2.0', id, error: { code: rpcCode(status), message, data } }
  }
  return server
}

const beforeResult = Buffer.from('{"jsonrpc":"2.0","result":')

/** compat: a missing or null id suppresses the result, but not an error. */
const answerOf = (response: JSONRPCResponse | null, id: string): Encoded | null => {
  if (response?.error !== undefined) return errorText(response.error, id)
  return id === 'null' ? null : [beforeResult, response?.result as Buffer, Buffer.from(`,"id":${id}}`)]
}

/** @param text gives the item's own JSON text */
const answerOne = async (
  server: Server,
  item: unknown,
  text: () => string,
  call: Call,
): Promise<Encoded | null> => {
  if (!isObject(item)) throw new NotARequest()
  const id = idText(item, text)
  if (item.jsonrpc !== '2.0') return errorAnswer(-32600, 'Invalid Request', id)
  // An agent's answer; or a client's, to what the server never asked.
  if (!('method' in item)) {
    if (call.connection !== null) call.app.agents.receive(call.connection, item)
    return null
  }
  const refused = malformed(item, call, id)
  if (refused !== null) return refused
  const request: JSONRPCRequest = { jsonrpc: '2.0', method: String(item.method), params: item.params, id: 0 }
  return answerOf(await server.receive(request, call), id)
}

const [listBegin, listComma, listEnd] = ['[', ',', ']'].map((mark) => Buffer.from(mark)) as [
  Buffer,
  Buffer,
  Buffer,
]

const answerBatch = async (
  server: Server,
  items: readonly unknown[],
  text: string,
  call: Call,
): Promise<Encoded | null> => {
  const answers: Buffer[] = []
  let texts: readonly string[] | null = null
  let size = 0
  for (const [index, item] of items.entries()) {
    const itemText = (): string => (texts ??= rawItems(text))[index] ?? '{}'
    const full = size > largestBatchAnswer
    const answer = full ? tooLarge(item, itemText) : await answerOne(server, item, itemText, call)
    if (answer === null) continue
    size += lengthOf(answer)
    answers.push(answers.length === 0 ? listBegin : listComma, ...answer)
  }
  return answers.length === 0 ? null : [...answers, listEnd]
}

const tooLarge = (item: unknown, text: () => string): Encoded | null => {
  const id = isObject(item) ? idText(item, text) : 'null'
  const message = 'The batch has too much to answer: ask for the rest in another one'
  return refusalAnswer(new MoonkeeperError('too_large', message), id)
}

/** undefined when the text is no JSON: no JSON value parses to that. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

export const createDispatcher = (log: Pick<Log, 'error' | 'debug'>): Dispatcher => {
  const server = createServer(log)
  return {
    dispatch: async (text, call) => {
      const parsed = parse(text)
      if (parsed === undefined) return errorAnswer(-32700, 'Parse error', 'null')
      try {
        if (Array.isArray(parsed)) return await answerBatch(server, parsed, text, call)
        return await answerOne(server, parsed, () => text, call)
      } catch (thrown) {
        if (!(thrown instanceof NotARequest)) throw thrown
        if (call.transport !== 'http') return null
        throw new MoonkeeperError('internal', 'Internal Server Error', thrown)
      }
    },
    invoke: async (method, params, call) => {
      try {
        return await run(method, params, call)
      } catch (thrown) {
        throw refusalOf(thrown, method, log)
      }
    },
  }
}
