import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { methodTable } from '../../src/contract/generated/tables.js'
import { buildRoutes, verbsAt } from '../../src/transport/routes.js'
import { projectRoot as root } from '../support/daemon.js'
import { fakeApp, fakeEngine } from '../support/rpc.js'
import { ask, fakeInside, openClient, serve, type Client, type Served } from '../support/socket.js'

/** What Moonraker serves with all its components: names, and nothing else. */
interface Moonraker {
  readonly methods: readonly string[]
  /** Verbs by path; what stands behind a slash at the end is a file's name. */
  readonly paths: Readonly<Record<string, readonly string[]>>
}

/** What docs/compatibility.md says is not served: methods, and paths that have none. */
const closedListOf = (page: string): readonly string[] => {
  const [, section = ''] = page.split('## Methods that are not served')
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.flatMap((row) =>
    [...(row.split('|')[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  )
}

/** compat: where verbs share a path, they are part of the names. */
const methodOf = (path: string, verb: string, verbs: readonly string[]): string => {
  const names = path.slice(1).split('/')
  const last = names.pop() ?? ''
  return [...names, verbs.length > 1 ? `${verb.toLowerCase()}_${last}` : last].join('.')
}

let served: Served
let client: Client
let moonraker: Moonraker
let closed: readonly string[]
const app = fakeApp(fakeEngine(), { octoprint: () => ({ version: 'v', ready: true }) })

before(async () => {
  const read = (file: string): Promise<string> => readFile(`${root}/${file}`, 'utf8')
  moonraker = JSON.parse(await read('test/compat/moonraker.json')) as Moonraker
  closed = closedListOf(await read('docs/compatibility.md'))
  served = await serve(app)
  client = await openClient(served.port)
})
after(async () => {
  client.socket.terminate()
  await served.stop()
})

const isServed = (path: string, verb: string): boolean => {
  const inside = fakeInside(app)
  return verbsAt(inside, buildRoutes(inside, 'v', '', []), path)?.has(verb) === true
}

/** Every door of Moonraker's: its verb and path, and whether the list says that it is shut. */
const doors = (): readonly { path: string; verb: string; isClosed: boolean }[] =>
  Object.entries(moonraker.paths).flatMap(([path, verbs]) =>
    verbs.map((verb) => ({
      path,
      verb,
      isClosed: closed.includes(path) || closed.includes(methodOf(path, verb, verbs)),
    })),
  )

describe('the closed list of what is not served', () => {
  test('has what Moonraker serves and Moonkeeper does not, and nothing else', () => {
    const missing = moonraker.methods.filter((name) => !Object.hasOwn(methodTable, name))
    assert.deepEqual(closed.filter((name) => !name.startsWith('/')).sort(), missing.sort())
    for (const { path, verb, isClosed } of doors())
      assert.equal(isServed(path, verb), !isClosed, `${verb} ${path}`)
    const paths = closed.filter((name) => name.startsWith('/'))
    assert.deepEqual(
      paths.filter((path) => !Object.hasOwn(moonraker.paths, path)),
      [],
    )
  })

  test('names what answers "Method not found"', async () => {
    for (const method of closed.filter((name) => !name.startsWith('/'))) {
      const answer = (await client.ask(JSON.stringify({ jsonrpc: '2.0', method, id: 1 }))) as {
        error: object
      }
      assert.deepEqual(
        answer.error,
        { code: -32601, message: 'Method not found', data: { code: 'method_not_found' } },
        method,
      )
    }
  })

  test('names what is a 404 over HTTP', async () => {
    const shut = doors().filter(({ isClosed }) => isClosed)
    assert.ok(shut.length > 40)
    for (const { path, verb } of shut) {
      const { status } = await ask(served.port, verb, path.endsWith('/') ? `${path}x` : path)
      assert.equal(status, 404, `${verb} ${path}`)
    }
  })
})
