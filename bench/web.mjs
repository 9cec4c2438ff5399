// One upgrade of a front end whose release has 50 MB. Beside the same by hand: curl and sha256sum, unzip, and mv.
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import path from 'node:path'
import { Daemon, request } from './machine.mjs'
import { forgetPeak, freePort, launch, peakMemory, run, timed } from './processes.mjs'

export const name = 'web'
export const title = 'One upgrade of a front end, 50 MB in 200 files'

const rounds = 5
const files = 200
const size = 50 * 1024 * 1024
const version = { old: 'v1.0.0', new: 'v2.0.0' }

const info = (tag) => JSON.stringify({ project_name: 'app', project_owner: 'bench', version: tag })

/** Numbers that no packing makes smaller, the same in every run. */
const noise = (seed, length) => {
  const parts = []
  for (let at = 0; at < length; at += 64) parts.push(createHash('sha512').update(`${seed} ${at}`).digest())
  return Buffer.concat(parts).subarray(0, length)
}

const makeArchive = async (folder) => {
  const content = path.join(folder, 'content')
  mkdirSync(path.join(content, 'assets'), { recursive: true })
  writeFileSync(path.join(content, 'release_info.json'), info(version.new))
  for (let file = 0; file < files; file += 1)
    writeFileSync(path.join(content, 'assets', `${file}.bin`), noise(file, size / files))
  const archive = path.join(folder, 'app.zip')
  await run('zip', ['-q', '-r', archive, '.'], { cwd: content })
  return archive
}

/** The forge: one release, and its archive. */
const serve = async (archive) => {
  const digest = `sha256:${createHash('sha256').update(readFileSync(archive)).digest('hex')}`
  const server = createServer((question, answer) => {
    if (question.url.endsWith('.zip')) {
      answer.writeHead(200, { 'content-length': statSync(archive).size, etag: '"1"' })
      return void createReadStream(archive).pipe(answer)
    }
    const browser_download_url = `http://127.0.0.1:${server.address().port}/app.zip`
    const assets = [{ name: 'app.zip', size: statSync(archive).size, browser_download_url, digest }]
    answer.end(JSON.stringify({ tag_name: version.new, assets }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const install = (app) => {
  rmSync(path.dirname(app), { recursive: true, force: true })
  mkdirSync(app, { recursive: true })
  writeFileSync(path.join(app, 'release_info.json'), info(version.old))
}

const startReady = async ({ folder, bundle }, app, forge) => {
  const data = path.join(folder, 'web/data')
  rmSync(data, { recursive: true, force: true })
  mkdirSync(path.join(data, 'config'), { recursive: true })
  const port = await freePort()
  const lines = [
    ...['[server]', 'host: 127.0.0.1', `port: ${port}`, `klippy_uds_address: ${folder}/no-klipper`],
    ...['[machine]', 'provider: none', '[update_manager]', 'enable_system_updates: False'],
    ...['[update_manager app]', 'type: web', 'repo: bench/app', `path: ${app}`],
    ...['[moonkeeper app]', `api_url: ${forge}`],
  ]
  writeFileSync(path.join(data, 'config/moonraker.conf'), `${lines.join('\n')}\n`)
  const child = launch(process.execPath, [bundle, 'serve', '-d', data], { stdio: ['ignore', 'pipe', 'pipe'] })
  const daemon = new Daemon(child, port)
  await daemon.ready(['app'])
  return daemon
}

const check = (app) => {
  const found = JSON.parse(readFileSync(path.join(app, 'release_info.json'), 'utf8')).version
  if (found !== version.new) throw new Error('it was not upgraded')
}

const runOwn = async (context, app, forge) => {
  install(app)
  const daemon = await startReady(context, app, forge)
  // A first answer makes what is idle comparable.
  await request(daemon.port, 'GET', '/machine/update/status')
  await run('sync', ['-f', context.folder])
  const idle = forgetPeak(daemon.pid)
  const taken = await timed(() => daemon.post('/machine/update/upgrade?name=app'))
  const peak = peakMemory(daemon.pid)
  await daemon.stop()
  check(app)
  return { taken, above: peak - idle }
}

const runPlain = async (context, app, forge, synced) => {
  install(app)
  await run('sync', ['-f', context.folder])
  const taken = await timed(async () => {
    const [archive, fresh] = [`${app}.zip`, `${app}.new`]
    await run('sh', ['-ec', 'curl -sS "$1" | tee "$0" | sha256sum', archive, `${forge}/app.zip`])
    await run('unzip', ['-q', archive, '-d', fresh])
    if (synced) await run('sync', ['-f', fresh])
    await run('mv', ['-T', app, `${app}.old`])
    await run('mv', ['-T', fresh, app])
  })
  check(app)
  return taken
}

const tools = ['zip', 'unzip', 'curl', 'sha256sum']

const missingTools = async () => {
  const missing = []
  for (const tool of tools) await run('sh', ['-c', 'command -v "$0"', tool]).catch(() => missing.push(tool))
  return missing
}

export const measure = async (context) => {
  const missing = await missingTools()
  if (missing.length > 0) {
    context.say(`  NOT MEASURED: this machine has no ${missing.join(', ')}.`)
    return []
  }
  const folder = path.join(context.folder, 'web')
  mkdirSync(folder, { recursive: true })
  const server = await serve(await makeArchive(folder))
  const forge = `http://127.0.0.1:${server.address().port}`
  const app = path.join(folder, 'apps/app')
  const [own, above, plain, synced] = [[], [], [], []]
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { taken, above: memory } = await runOwn(context, app, forge)
      own.push(taken)
      above.push(memory)
      plain.push(await runPlain(context, app, forge, false))
      synced.push(await runPlain(context, app, forge, true))
    }
  } finally {
    server.close()
    server.closeAllConnections()
  }
  const beside = [
    { name: 'curl | sha256sum, unzip, mv', values: plain },
    { name: 'curl | sha256sum, unzip, sync -f, mv', values: synced },
  ]
  return [
    { what: 'from the question to the answer', unit: 'ms', values: own, beside },
    { what: 'peak memory above idle', unit: 'MiB', values: above },
  ]
}
