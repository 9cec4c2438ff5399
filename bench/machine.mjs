// A machine with applications, and the built daemon on it.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import WebSocket from 'ws'
import { end, freePort, launch, run, wait } from './processes.mjs'
import { gitEnvironment, longHistory, moveAside, Remotes } from './repositories.mjs'

export const applications = ['app1', 'app2', 'app3', 'app4', 'app5']

const section = (folder, remotes, name) => [
  `[update_manager ${name}]`,
  'type: git_repo',
  `path: ${path.join(folder, 'apps', name)}`,
  `origin: ${remotes.url(name)}`,
  'primary_branch: master',
  'is_system_service: False',
]

const configure = (folder, remotes, port) => {
  const lines = [
    '[server]',
    'host: 127.0.0.1',
    `port: ${port}`,
    `klippy_uds_address: ${path.join(folder, 'no-klipper')}`,
    'max_websocket_connections: 1000',
    '[machine]',
    'provider: none',
    '[update_manager]',
    'enable_system_updates: False',
    ...remotes.names.flatMap((name) => section(folder, remotes, name)),
  ]
  mkdirSync(path.join(folder, 'data/config'), { recursive: true })
  writeFileSync(path.join(folder, 'data/config/moonraker.conf'), `${lines.join('\n')}\n`)
}

const patience = 30_000

export const request = async (port, verb, target) => {
  const answer = await fetch(`http://127.0.0.1:${port}${target}`, { method: verb })
  return { status: answer.status, text: await answer.text() }
}

/** The first answer of a server that is starting. */
export const firstAnswer = async (port, target) => {
  const end = performance.now() + patience
  while (performance.now() < end) {
    const answer = await request(port, 'GET', target).catch(() => null)
    if (answer?.status === 200) return answer
    await wait(2)
  }
  throw new Error('the server did not answer')
}

/** The daemon, when its process began. */
export class Daemon {
  constructor(child, port) {
    this.child = child
    this.port = port
    this.pid = child.pid
    this.output = ''
    child.stdout.on('data', (chunk) => (this.output += chunk))
    child.stderr.on('data', (chunk) => (this.output += chunk))
  }

  /** Resolves when every application was looked at. The banner comes then, or after 2 seconds. */
  async ready(names) {
    const end = performance.now() + patience
    while (performance.now() < end && this.child.exitCode === null) {
      if (this.output !== '' && (await this.knows(names).catch(() => false))) return
      await wait(10)
    }
    throw new Error(`the daemon did not get ready: ${this.output}`)
  }

  async knows(names) {
    const { text } = await request(this.port, 'GET', '/machine/update/status')
    const { version_info: known } = JSON.parse(text).result
    return names.every((name) => known[name] !== undefined)
  }

  /** @throws when the answer is a refusal */
  async post(target) {
    const { status, text } = await request(this.port, 'POST', target)
    if (status !== 200) throw new Error(`${target}: ${status} ${text}`)
    return JSON.parse(text).result
  }

  stop() {
    return end(this.child)
  }
}

export class Machine {
  constructor(folder, bundle, remotes) {
    this.folder = folder
    this.bundle = bundle
    this.remotes = remotes
  }

  get apps() {
    return path.join(this.folder, 'apps')
  }

  /** Fresh checkouts, and a daemon that knows nothing yet. */
  async restore() {
    mkdirSync(this.folder, { recursive: true })
    moveAside(path.join(this.folder, 'data'))
    await this.remotes.checkOut(this.apps)
  }

  /** @param nodeOptions for a profile: MOONKEEPER_BENCH_NODE_OPTIONS has some too */
  async start() {
    const port = await freePort()
    configure(this.folder, this.remotes, port)
    const nodeOptions = (process.env.MOONKEEPER_BENCH_NODE_OPTIONS ?? '')
      .split(' ')
      .filter((text) => text !== '')
    const args = [...nodeOptions, this.bundle, 'serve', '-d', path.join(this.folder, 'data')]
    const env = gitEnvironment(this.folder)
    return new Daemon(launch(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }), port)
  }

  async startReady() {
    const daemon = await this.start()
    await daemon.ready(this.remotes.names)
    return daemon
  }
}

/** Five applications, each 1,000 commits behind what its remote has at the age `new`. */
const makeFarBehind = async ({ folder, bundle }) => {
  const remotes = new Remotes(path.join(folder, 'long'), applications)
  await remotes.make(longHistory, { old: 100, new: 1100 })
  remotes.publish('old')
  await remotes.clone()
  return new Machine(path.join(folder, 'machine'), bundle, remotes)
}

/** The machine of most benchmarks, made once a run. */
export const farBehind = (context) => (context.farBehind ??= makeFarBehind(context))

/** The same with everything looked at: what is served then is what a front end gets. */
export const farBehindAndSeen = async (context) => {
  const machine = await farBehind(context)
  machine.remotes.publish('new')
  if (context.seen) return machine
  await machine.restore()
  const daemon = await machine.startReady()
  await daemon.stop()
  context.seen = true
  return machine
}

/** Asks over a WebSocket and collects texts until there are as many as wanted. */
const collect = (port, text, wanted) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`)
    const texts = {}
    const late = setTimeout(() => reject(new Error(`no ${wanted.join(', ')} came`)), patience)
    socket.on('error', reject)
    socket.on('close', () => clearTimeout(late))
    socket.on('open', () => socket.send(text))
    socket.on('message', (data) => {
      const message = data.toString()
      texts[/^.{17}"method":"(\w+)"/.exec(message)?.[1] ?? 'answer'] = message
      if (!wanted.every((name) => name in texts)) return
      socket.close()
      resolve(texts)
    })
  })

export const notifications = ['notify_update_response', 'notify_update_refreshed']

/** What the daemon sends, for the bare server to send the same. */
export const sampleTexts = async (port) => {
  const question = (method, params) => JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 })
  const { answer } = await collect(port, question('machine.update.status', {}), ['answer'])
  const told = await collect(port, question('machine.update.rollback', { name: 'app1' }), notifications)
  const { text: body } = await request(port, 'GET', '/machine/update/status')
  return { ...told, answer, body }
}

export const syncDisk = (machine) => run('sync', ['-f', machine.folder])
