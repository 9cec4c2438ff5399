import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { MoonkeeperError } from '../../src/contract/error.js'
import { Serialized } from '../../src/contract/serialized.js'
import { createDispatcher } from '../../src/rpc/dispatcher.js'
import { dispatched, fakeApp, fakeCall, fakeEngine, fakeLog } from '../support/rpc.js'

const id = '{"websocket_id":7}'
const error = (code: number, message: string, of = 'null', kind?: string): string =>
  `{"jsonrpc":"2.0","error":${JSON.stringify({ code, message, ...(kind === undefined ? {} : { data: { code: kind } }) })},"id":${of}}`
const result = (json: string, of: string): string => `{"jsonrpc":"2.0","result":${json},"id":${of}}`
const notFound = (of = 'null'): string => error(-32601, 'Method not found', of, 'method_not_found')
const missing = (name: string, of: string): string =>
  error(400, `No data for argument: ${name}`, of, 'missing_argument')
const request = (rest: string): string => `{"jsonrpc":"2.0",${rest}}`
const idOf = (of: string): string => request(`"method":"server.websocket.id","id":${of}`)

const ask = (text: string, transport: 'websocket' | 'http' | 'unix' = 'websocket'): Promise<string | null> =>
  dispatched(createDispatcher(fakeLog()), text, fakeCall(fakeApp(), transport))

/** Names as in shared/compat/golden/rpc_malformed.json. */
const table: readonly [name: string, text: string, answer: string | null][] = [
  ['invalid json', '{not json', error(-32700, 'Parse error')],
  ['empty string', '', error(-32700, 'Parse error')],
  ['json string', '"hello"', null],
  ['json number', '42', null],
  ['json null', 'null', null],
  ['json true', 'true', null],
  ['empty object', '{}', error(-32600, 'Invalid Request')],
  ['missing jsonrpc', '{"method":"server.info","id":1}', error(-32600, 'Invalid Request', '1')],
  ['jsonrpc 1.0', '{"jsonrpc":"1.0","method":"server.info","id":1}', error(-32600, 'Invalid Request', '1')],
  ['jsonrpc number', '{"jsonrpc":2.0,"method":"server.info","id":1}', error(-32600, 'Invalid Request', '1')],
  ['missing method', request('"id":3'), null],
  ['method number', request('"method":5,"id":4'), error(-32600, 'Invalid Request', '4')],
  ['method null', request('"method":null,"id":4'), error(-32600, 'Invalid Request', '4')],
  ['method object', request('"method":{},"id":4'), error(-32600, 'Invalid Request', '4')],
  ['method empty', request('"method":"","id":4'), notFound('4')],
  ['unknown method', request('"method":"no.such","id":5'), notFound('5')],
  ['unknown method, bad params', request('"method":"no.such","params":1,"id":5'), notFound('5')],
  ['unknown method no id', request('"method":"no.such"'), notFound()],
  ['a name of every object', request('"method":"toString","id":5'), notFound('5')],
  ['a name of every prototype', request('"method":"__proto__","id":5'), notFound('5')],
  [
    'params list',
    request('"method":"server.info","params":[1],"id":6'),
    error(-32602, 'Invalid params:', '6'),
  ],
  [
    'params empty list',
    request('"method":"server.info","params":[],"id":6'),
    error(-32602, 'Invalid params:', '6'),
  ],
  [
    'params null',
    request('"method":"server.info","params":null,"id":6'),
    error(-32602, 'Invalid params:', '6'),
  ],
  [
    'params string',
    request('"method":"server.info","params":"x","id":6'),
    error(-32602, 'Invalid params:', '6'),
  ],
  ['params list no id', request('"method":"server.info","params":[1]'), error(-32602, 'Invalid params:')],
  ['notification', request('"method":"server.info"'), null],
  ['id null', request('"method":"server.websocket.id","id":null'), null],
  ['notification that errors', request('"method":"machine.update.recover"'), missing('name', 'null')],
  ['id null that errors', request('"method":"machine.update.recover","id":null'), missing('name', 'null')],
  ['id string', idOf('"abc"'), result(id, '"abc"')],
  ['id float', idOf('1.5'), result(id, '1.5')],
  ['id zero', idOf('0'), result(id, '0')],
  ['id object', idOf('{"a":1}'), result(id, '{"a":1}')],
  ['id list', idOf('[1]'), result(id, '[1]')],
  ['id bool', idOf('true'), result(id, 'true')],
  ['id false', idOf('false'), result(id, 'false')],
  ['id huge', idOf('123456789012345678901234567890'), result(id, '123456789012345678901234567890')],
  [
    'id huge in a list',
    idOf('[123456789012345678901234567890]'),
    result(id, '[123456789012345678901234567890]'),
  ],
  [
    'two ids',
    `{"id":[1],"jsonrpc":"2.0","method":"server.websocket.id","\\u0069d":1e400}`,
    result(id, '1e400'),
  ],
  [
    'batch',
    `[${idOf('1')},${request('"method":"no.such","id":2')}]`,
    `[${result(id, '1')},${notFound('2')}]`,
  ],
  ['batch of one', `[${idOf('1')}]`, `[${result(id, '1')}]`],
  [
    'batch with huge ids',
    `[${idOf('11111111111111111111')} ,${idOf('[2]')}]`,
    `[${result(id, '11111111111111111111')},${result(id, '[2]')}]`,
  ],
  ['batch empty', '[]', null],
  [
    'batch with notification',
    `[${request('"method":"server.websocket.id"')},${idOf('9')}]`,
    `[${result(id, '9')}]`,
  ],
  ['batch all notifications', `[${request('"method":"server.websocket.id"')}]`, null],
  ['batch invalid items', '[1,2]', null],
  ['batch null item', '[null]', null],
  ['batch nested', `[[${idOf('1')}]]`, null],
  ['response object', request('"result":"ok","id":99'), null],
  ['error response object', request('"error":{"code":1,"message":"x"},"id":99'), null],
  ['a request with a result', request('"result":1,"method":"server.websocket.id","id":99'), result(id, '99')],
  ['duplicate keys', request('"method":"no.such","method":"server.websocket.id","id":11'), result(id, '11')],
  ['whitespace', `  ${idOf('12')} \n`, result(id, '12')],
  ['trailing garbage', `${idOf('12')} x`, error(-32700, 'Parse error')],
  ['NaN', idOf('NaN'), error(-32700, 'Parse error')],
  ['unicode method', request('"method":"sérver","id":13'), notFound('13')],
  ['case', request('"method":"Server.Info","id":14'), notFound('14')],
  ['slash style', request('"method":"server/info","id":14'), notFound('14')],
]

describe('JSON-RPC texts', () => {
  for (const [name, text, answer] of table)
    test(name, async () => {
      assert.equal(await ask(text), answer)
    })
})

describe('JSON-RPC over HTTP', () => {
  test('methods of lasting connections are not there', async () => {
    const refused = error(-32601, 'Method not found for transport HTTP', '3', 'method_not_found')
    assert.equal(await ask(idOf('3'), 'http'), refused)
  })
  test('also without an id', async () => {
    const text = await ask(request('"method":"server.websocket.id","id":null'), 'http')
    assert.equal(text, error(-32601, 'Method not found for transport HTTP', 'null', 'method_not_found'))
  })
  for (const text of ['"hello"', '42', 'null', 'true', '[1,2]', '[null]', '[[]]'])
    test(`${text} has no answer`, async () => {
      await assert.rejects(ask(text, 'http'), { kind: 'internal', message: 'Internal Server Error' })
    })
})

describe('refusals and failures', () => {
  const refusing = (
    thrown: Error,
  ): { log: ReturnType<typeof fakeLog>; ask: () => Promise<string | null> } => {
    const log = fakeLog()
    const engine = fakeEngine({ change: () => Promise.reject(thrown) })
    const text = request('"method":"machine.update.client","params":{"name":"x"},"id":1')
    return { log, ask: () => dispatched(createDispatcher(log), text, fakeCall(fakeApp(engine))) }
  }

  const codes = [
    ['refused', 400],
    ['unauthorized', -32602],
    ['unknown_application', -32601],
    ['printing', 503],
    ['internal', 500],
  ] as const
  for (const [kind, code] of codes)
    test(`${kind} is ${code}`, async () => {
      const { ask, log } = refusing(new MoonkeeperError(kind, 'Because'))
      assert.equal(await ask(), error(code, 'Because', '1', kind))
      assert.deepEqual(
        log.lines.filter(({ level }) => level === 'error'),
        [],
      )
    })

  test('the unexpected is a 500 without details, and is logged once', async () => {
    const thrown = new TypeError('x is not a function')
    const { ask, log } = refusing(thrown)
    assert.equal(await ask(), error(500, 'Internal Server Error', '1', 'internal'))
    const errors = log.lines.filter(({ level }) => level === 'error')
    assert.deepEqual(
      errors.map(({ fields }) => fields),
      [{ method: 'machine.update.client', err: thrown }],
    )
  })

  test('a result that cannot be serialised is a failure like others', async () => {
    const circle: Record<string, unknown> = {}
    circle.itself = circle
    const app = fakeApp(fakeEngine(), { config: () => ({ config: circle, orig: {}, files: [] }) })
    const text = await dispatched(
      createDispatcher(fakeLog()),
      request('"method":"server.config","id":1'),
      fakeCall(app),
    )
    assert.equal(text, error(500, 'Internal Server Error', '1', 'internal'))
  })

  test('invoke throws what was refused', async () => {
    const dispatcher = createDispatcher(fakeLog())
    await assert.rejects(dispatcher.invoke('machine.update.recover', {}, fakeCall()), {
      kind: 'missing_argument',
    })
    await assert.rejects(dispatcher.invoke('constructor', {}, fakeCall()), { kind: 'method_not_found' })
  })
})

test('a serialised result goes out as it is', async () => {
  const engine = fakeEngine({ status: () => new Serialized({} as never, '{"as":  "it is"}') })
  const text = request('"method":"machine.update.status","id":1')
  const answer = await dispatched(createDispatcher(fakeLog()), text, fakeCall(fakeApp(engine)))
  assert.equal(answer, result('{"as":  "it is"}', '1'))
})

test('a batch runs one item after the other', async () => {
  let running = 0
  const engine = fakeEngine({
    change: async () => {
      running += 1
      assert.equal(running, 1)
      await new Promise(setImmediate)
      running -= 1
      return null
    },
  })
  const item = request('"method":"machine.update.client","params":{"name":"x"},"id":1')
  const text = `[${item},${item},${item}]`
  const answer = await dispatched(createDispatcher(fakeLog()), text, fakeCall(fakeApp(engine)))
  assert.equal(answer, `[${[1, 2, 3].map(() => result('"ok"', '1')).join(',')}]`)
})

test('a small batch cannot ask for an endless answer', async () => {
  let asked = 0
  const large = new Serialized({} as never, JSON.stringify('x'.repeat(1024 * 1024)))
  const engine = fakeEngine({
    status: () => {
      asked += 1
      return large
    },
  })
  const item = request('"method":"machine.update.status","id":1')
  const text = `[${Array.from({ length: 40 }, () => item).join(',')}]`
  const answer = await dispatched(createDispatcher(fakeLog()), text, fakeCall(fakeApp(engine)))
  const answers = JSON.parse(answer ?? '') as { error?: { data: unknown } }[]
  assert.equal(answers.length, 40)
  assert.deepEqual(answers.at(-1)?.error?.data, { code: 'too_large' })
  assert.ok(asked < 20, `${asked} of 40 were run`)
})

test('an update is refused while printing before its arguments are looked at', async () => {
  const printing = (): never => {
    throw new MoonkeeperError('printing', 'Update Refused: Klippy is printing')
  }
  const engine = fakeEngine({ refuseWhilePrinting: printing })
  const text = request('"method":"machine.update.upgrade","params":{"name":"nope"},"id":1')
  const answer = await dispatched(createDispatcher(fakeLog()), text, fakeCall(fakeApp(engine)))
  assert.equal(answer, error(503, 'Update Refused: Klippy is printing', '1', 'printing'))
  assert.deepEqual(engine.calls, [])
})

describe('whatever comes', () => {
  const valid = (answer: string | null): void => {
    if (answer === null) return
    const parsed = JSON.parse(answer) as unknown
    for (const one of Array.isArray(parsed) ? (parsed as object[]) : [parsed as object]) {
      assert.equal((one as { jsonrpc: unknown }).jsonrpc, '2.0')
      assert.ok('id' in one && 'result' in one !== 'error' in one)
    }
  }
  const methodNames = fc.constantFrom(
    'server.info',
    'server.websocket.id',
    'machine.update.recover',
    'x',
    '__proto__',
  )
  const shape = fc.record(
    {
      jsonrpc: fc.constantFrom('2.0', 2),
      method: fc.oneof(methodNames, fc.jsonValue()),
      params: fc.jsonValue(),
      id: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const anything = fc.oneof(shape, fc.array(shape), fc.jsonValue())

  test('any text is answered with valid JSON or silence', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => valid(await ask(text))))
  })
  test('any request-like JSON is answered with valid JSON or silence, and an id comes back', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        const answer = await ask(JSON.stringify(value))
        valid(answer)
        if (answer === null || Array.isArray(value)) return
        const { id: sent = null } = value as { id?: unknown }
        assert.equal(JSON.stringify((JSON.parse(answer) as { id: unknown }).id), JSON.stringify(sent))
      }),
    )
  })
  test('cut and mixed texts', async () => {
    const cut = fc.tuple(anything, fc.nat(), fc.string()).map(([value, at, extra]) => {
      const text = JSON.stringify(value)
      return text.slice(0, at % (text.length + 1)) + extra
    })
    await fc.assert(fc.asyncProperty(cut, async (text) => valid(await ask(text))))
  })
})
