import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { configure, makeFixture } from './crash-scene.js'
import { Daemon, freePort } from './daemon.js'
import { temporaryFolder } from './folder.js'
import { checkoutAt, git, type Upstream } from './repositories.js'
import { serveForge, type Forge } from './forge.js'
import { installWeb, project, releaseOf } from './release-scene.js'
import { ask, type HttpReply } from './socket.js'

export interface DialectSetup {
  /** moonkeeper.conf besides `dialects`; [moonkeeper] is open at its beginning. */
  readonly own?: string
  /** More of moonraker.conf. */
  readonly main?: string
  /** Nobody is trusted by address, unless this says so. */
  readonly authorization?: string
  readonly dialects?: string
  /** Applications besides `app`, each a checkout of the same upstream. */
  readonly more?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Before the first start. @returns more of moonraker.conf, and of moonkeeper.conf */
  readonly before?: (at: Built) => { readonly main?: string; readonly own?: string } | undefined
  /** Programs as `supervisorctl status` has them; without it nothing manages services. */
  readonly programs?: string
  /** What the daemon runs under. */
  readonly under?: (folder: string) => readonly string[]
}

/** What there is before the daemon. */
export interface Built {
  readonly folder: string
  readonly upstream: Upstream
}

export interface DialectScene {
  readonly folder: string
  readonly app: string
  readonly upstream: Upstream
  readonly port: number
  daemon: Daemon
  /** Of `page`, a web application of owner/app that is at v1.0.0. */
  readonly forge: Forge
  /** The API key. */
  readonly key: string
  /** An access token of a user that is made for it. `scopes` says what they may. */
  token(name: string): Promise<string>
  /** Operations on `app` wait until release(), then go on. */
  hold(): void
  release(): void
  json(verb: string, where: string, body?: unknown, headers?: Record<string, string>): Promise<HttpReply>
  /** Resolves when a job is in that state. */
  until(wanted: string): Promise<void>
  /** What is checked out in `app`. */
  head(): string
  /** `app` is at v1.0.0 again. */
  reset(): Promise<void>
  /** Another moonkeeper.conf, [moonkeeper] open at its beginning, and a reload. */
  configure(own: string): Promise<void>
  /** Another life of the daemon. */
  restart(): Promise<void>
}

/** A health check that takes its time. */
const healthScript = (folder: string): string => `#!/bin/sh
while [ -e ${folder}/hold ]; do sleep 0.02; done
`

/** Newest first; the last one is installed, the first one is not out yet: what can be downloaded of it is not what was published. */
export const releases = [
  releaseOf('v3.0.0', { digest: 'wrong' }),
  releaseOf('v2.0.0'),
  releaseOf('v1.2.0'),
  releaseOf('v1.1.0'),
  releaseOf('v1.0.0'),
]

/** A supervisorctl that knows these programs, and says of every order that it was carried out. */
const supervise = (folder: string, programs: string): void => {
  mkdirSync(path.join(folder, 'bin'))
  writeFileSync(path.join(folder, 'programs'), programs)
  const script = `#!/bin/sh
[ "$1" = status ] || { echo "$2: started"; exit 0; }
[ -n "$2" ] || exec cat ${folder}/programs
grep "^$2 " ${folder}/programs || exit 4
`
  writeFileSync(path.join(folder, 'bin/supervisorctl'), script, { mode: 0o755 })
  const conf = path.join(folder, 'data/config/moonraker.conf')
  writeFileSync(conf, readFileSync(conf, 'utf8').replace('provider: none', 'provider: supervisord_cli'))
}

const configureAll = (folder: string, upstream: Upstream, port: number, setup: DialectSetup): void => {
  const { own = '', main = '', authorization = '[authorization]\n', more = [], before, programs } = setup
  for (const name of more) checkoutAt(upstream, path.join(folder, name), 'v1.0.0')
  configure(folder, upstream, port, ['app', ...more])
  if (programs !== undefined) supervise(folder, programs)
  const built = before?.({ folder, upstream })
  const texts = [main, built?.main ?? '', authorization].join('\n')
  appendFileSync(path.join(folder, 'data/config/moonraker.conf'), `${texts}\n`)
  const script = path.join(folder, 'health.sh')
  writeFileSync(script, healthScript(folder), { mode: 0o755 })
  const dialects = setup.dialects ?? 'wncms installatron system_update'
  installWeb(path.join(folder, 'page'))
  const page = `[update_manager page]\ntype: web\nrepo: ${project}\npath: ${path.join(folder, 'page')}\n`
  appendFileSync(path.join(folder, 'data/config/moonraker.conf'), page)
  const application = `[moonkeeper app]\nhealth_command: ${script}\nsettle_time: 0\n`
  writeFileSync(
    path.join(folder, 'data/config/moonkeeper.conf'),
    `[moonkeeper]\ndialects: ${dialects}\n${own}\n${built?.own ?? ''}\n${application}`,
  )
}

/** The built daemon with one application at v1.0.0, three commits behind, and every dialect switched on. */
export const dialectScene = async (t: TestContext, setup: DialectSetup = {}): Promise<DialectScene> => {
  const folder = await temporaryFolder(t)
  const { upstream, app } = makeFixture(folder)
  const port = await freePort()
  configureAll(folder, upstream, port, setup)
  const forge = await serveForge(t, project, releases.slice(1))
  const PATH = `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`
  const env = { GITHUB_API_URL: forge.url, PATH, ...setup.env }
  const start = (): Daemon => new Daemon(path.join(folder, 'data'), env, [], ['-v'], setup.under?.(folder))
  const daemon = start()
  let reloads = 0
  const held = path.join(folder, 'hold')
  const release = (): void => rmSync(held, { force: true })
  t.after(async () => {
    release()
    scene.daemon.kill('SIGKILL')
    await scene.daemon.end()
  })
  await daemon.askUntil('machine.update.refresh', ({ result }) => result !== undefined)
  const { result: key } = (await daemon.ask('access.get_api_key')) ?? {}
  const scene: DialectScene = {
    folder,
    app,
    upstream,
    port,
    forge,
    daemon,
    key: String(key),
    token: async (username) => {
      const answer = await scene.daemon.ask('access.post_user', { username, password: 'password' })
      return (answer?.result as { token: string }).token
    },
    hold: () => writeFileSync(held, ''),
    release,
    json: (verb, where, body, headers = {}) =>
      ask(
        port,
        verb,
        where,
        { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
        body === undefined ? '' : JSON.stringify(body),
      ),
    until: async (state) => {
      await scene.daemon.askUntil('machine.update.jobs.list', ({ result }) =>
        (result as { jobs: { state: string }[] }).jobs.some((job) => job.state === state),
      )
    },
    head: () => git(app, 'describe', '--tags'),
    configure: async (own) => {
      reloads += 1
      const mark = `update_window: 0-${reloads}`
      writeFileSync(path.join(folder, 'data/config/moonkeeper.conf'), `[moonkeeper]\n${mark}\n${own}\n`)
      scene.daemon.kill('SIGHUP')
      await scene.daemon.askUntil('server.config', ({ result }) => {
        const { config } = result as { config: Record<string, { update_window?: unknown }> }
        return JSON.stringify(config['moonkeeper']?.update_window) === JSON.stringify([0, reloads])
      })
    },
    restart: async () => {
      scene.daemon.kill('SIGTERM')
      await scene.daemon.end()
      scene.daemon = start()
      await scene.daemon.askUntil('machine.update.refresh', ({ result }) => result !== undefined)
    },
    reset: async () => {
      git(app, 'reset', '-q', '--hard', 'v1.0.0')
      const { result } = (await scene.daemon.ask('machine.update.refresh', { name: 'app' })) ?? {}
      assert.notEqual(result, undefined)
    },
  }
  return scene
}

/** A command as the documents write it. @returns its output, and the status line's number */
export const curl = (args: readonly string[]): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    execFile('curl', ['-s', '-w', '\n%{http_code}', ...args], (error, stdout) => {
      if (error !== null) return reject(new Error('curl failed', { cause: error }))
      const cut = stdout.lastIndexOf('\n')
      resolve({ status: Number(stdout.slice(cut + 1)), body: stdout.slice(0, cut) })
    })
  })
