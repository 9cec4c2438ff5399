import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { configure, makeFixture } from '../support/crash-scene.js'
import { Daemon, freePort, projectRoot } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { FakeKlippy } from '../support/klippy.js'
import { ask, Inbox, openClient } from '../support/socket.js'

/*
 * What front ends ask for when they are opened, in their order and as they send it, and the shape that each answer needs:
 * facts that were read from their sources and seen in their sockets. A new version of one is a change of its JSON here.
 */

/** When a front end asks at all. */
interface When {
  readonly component?: string
  readonly root?: string
  readonly klipper?: string
}

interface AskedFor {
  readonly method: string
  /** Left out where the front end leaves it out. */
  readonly params?: object
}

interface Asked extends AskedFor {
  /** A page stays empty, or shows a lasting message, without a good answer. */
  readonly blocks: boolean
  readonly when?: When
  readonly needs: object
}

interface Page {
  readonly verb: string
  readonly path: string
  readonly body?: object
  readonly status: number
  readonly needs: object
}

interface FrontEnd {
  readonly name: string
  readonly socket: string
  readonly firstId: number
  readonly calls: readonly Asked[]
  readonly pages: readonly Page[]
  /** What its buttons send for an application called app. */
  readonly updates: readonly AskedFor[]
}

interface Info {
  readonly components: readonly string[]
  readonly registered_directories: readonly string[]
  readonly klippy_state: string
}

interface Frame {
  readonly id?: number
  readonly method?: string
  readonly params?: readonly unknown[]
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

const folder = path.join(projectRoot, 'test/frontends')
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as unknown
const frontEnds = readdirSync(folder)
  .filter((file) => file.endsWith('.json') && file !== 'shapes.json')
  .map((file) => read(file) as FrontEnd)

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false })
ajv.addSchema(read('shapes.json') as object)
const fits = (needs: object, value: unknown, what: string): void =>
  assert.ok(
    ajv.validate(needs, value),
    `${what}: ${ajv.errorsText()}, but it is ${JSON.stringify(value).slice(0, 500)}`,
  )

/** A socket as a front end has it: answers by their id, everything else as it comes. */
class Session {
  readonly news = new Inbox<Frame>()
  private readonly waiting = new Map<number, (frame: Frame) => void>()
  private id: number

  private constructor(
    private readonly client: Awaited<ReturnType<typeof openClient>>,
    firstId: number,
  ) {
    this.id = firstId
    client.socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame
      const waiting = frame.id === undefined ? undefined : this.waiting.get(frame.id)
      if (waiting === undefined) this.news.put(frame)
      else waiting(frame)
    })
  }

  static async open(port: number, { socket, firstId }: FrontEnd): Promise<Session> {
    return new Session(await openClient(port, socket), firstId)
  }

  ask({ method, params }: AskedFor): Promise<Frame> {
    const id = this.id++
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      this.client.socket.send(JSON.stringify({ id, method, jsonrpc: '2.0', ...(params && { params }) }))
    })
  }

  /** The next of that name. */
  async hear(method: string): Promise<unknown> {
    for (;;) {
      const frame = await this.news.take()
      if (frame.method === method) return frame.params?.[0]
    }
  }

  close(): void {
    this.client.socket.terminate()
  }
}

/** A daemon with a git application that has an update, and a Klipper or none. */
const printer = async (t: TestContext, withKlipper: boolean): Promise<number> => {
  const home = await temporaryFolder(t)
  const { upstream } = makeFixture(home)
  const port = await freePort()
  configure(home, upstream, port)
  const klippy = new FakeKlippy(path.join(home, 'no-klipper'))
  klippy.odd.set('gcode/help', { result: { M112: 'Emergency stop' } })
  t.after(() => klippy.close())
  if (withKlipper) await klippy.listen()
  const daemon = new Daemon(path.join(home, 'data'))
  t.after(async () => {
    daemon.kill('SIGKILL')
    await daemon.end()
  })
  const wanted = withKlipper ? 'ready' : 'disconnected'
  await daemon.askUntil('server.info', ({ result }) => (result as Info).klippy_state === wanted)
  // Refused until the first look at the applications is over.
  await daemon.askUntil('machine.update.refresh', ({ result }) => result !== undefined)
  return port
}

const isAsked = ({ component, root, klipper }: When, info: Info): boolean =>
  (component === undefined || info.components.includes(component)) &&
  (root === undefined || info.registered_directories.includes(root)) &&
  (klipper === undefined || info.klippy_state === klipper)

/** Other errors are lasting messages in one of them, or a Klipper in error. */
const silent: readonly number[] = [-32601, -32602, 500]

const checkAnswer = (asked: Asked, { result, error }: Frame, who: string): void => {
  const what = `${who}: ${asked.method} ${JSON.stringify(asked.params)}`
  if (error !== undefined) {
    assert.ok(!asked.blocks && silent.includes(error.code), `${what}: ${error.code} ${error.message}`)
    return
  }
  fits(asked.needs, result, what)
  // Fluidd puts a property on it.
  assert.ok(['object', 'string'].includes(typeof result) && result !== null, what)
}

const boot = async (session: Session, frontEnd: FrontEnd): Promise<Info> => {
  let info: Info | null = null
  for (const asked of frontEnd.calls) {
    if (asked.when !== undefined && (info === null || !isAsked(asked.when, info))) continue
    const answer = await session.ask(asked)
    checkAnswer(asked, answer, frontEnd.name)
    if (asked.method === 'server.info') info = answer.result as Info
  }
  assert.ok(info !== null)
  return info
}

/** From the click to what the page shows afterwards. */
const update = async (session: Session, asked: AskedFor, who: string): Promise<void> => {
  const answer = session.ask(asked)
  let isComplete = false
  while (!isComplete) {
    const progress = await session.hear('notify_update_response')
    fits({ $ref: 'shapes#/$defs/progress' }, progress, `${who}: ${asked.method}`)
    isComplete = (progress as { complete: boolean }).complete
  }
  const status = await session.hear('notify_update_refreshed')
  fits({ $ref: 'shapes#/$defs/status' }, status, `${who}: after ${asked.method}`)
  assert.equal((status as { busy: boolean }).busy, false)
  const { result, error } = await answer
  assert.ok(result === 'ok', `${who}: ${asked.method}: ${error?.message}`)
}

for (const withKlipper of [true, false])
  describe(withKlipper ? 'with a Klipper that is ready' : 'without Klipper', { concurrency: true }, () => {
    for (const frontEnd of frontEnds)
      test(`${frontEnd.name} has what its pages need`, async (t) => {
        const port = await printer(t, withKlipper)
        for (const { verb, path: where, body, status, needs } of frontEnd.pages) {
          const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
          const reply = await ask(port, verb, where, type, body === undefined ? '' : JSON.stringify(body))
          assert.equal(reply.status, status, `${verb} ${where}`)
          fits(needs, reply.json, `${verb} ${where}`)
        }
        const session = await Session.open(port, frontEnd)
        t.after(() => session.close())
        const info = await boot(session, frontEnd)
        assert.equal(info.klippy_state, withKlipper ? 'ready' : 'disconnected')
        // The load is known from the second on.
        for (const beat of ['beat', 'lively'])
          fits(
            { $ref: `shapes#/$defs/${beat}` },
            await session.hear('notify_proc_stat_update'),
            frontEnd.name,
          )
        // They do not depend on Klipper: once is enough for all of them.
        const updates = withKlipper ? frontEnd.updates.slice(0, 1) : frontEnd.updates
        for (const asked of updates) await update(session, asked, frontEnd.name)
        const again = await Session.open(port, frontEnd)
        t.after(() => again.close())
        await boot(again, frontEnd)
      })
  })
