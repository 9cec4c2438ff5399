// `npm run compat`: serves the recorded machine with this build, records the answers, and compares them with the
// recordings. MOONKEEPER_RIG names the folder of the rig; without it nothing is compared, and that is said.
// `npm run compat -- GROUP...` compares only these groups.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root, runOrExit } from './install.mjs'

const built = [
  'rpc_basics',
  'rpc_malformed',
  'update_errors',
  'update_refresh',
  'upgrade_git',
  'upgrade_web',
  'unix_socket',
  'database',
]
const chosen = process.argv.slice(2)
const groups = built.filter((group) => chosen.length === 0 || chosen.includes(group))
const releases = ['web', 'zip', 'executable']
const types = ['git_repo', ...releases]
/** Their statuses show every application at once: those of git_repo differ on purpose (README, points 8 and 11). */
const releasesOnly = ['update_errors', 'update_refresh']
const home = '/srv/rig'
const packages = ['python3-tornado', 'python3-venv', 'dpkg-dev', 'apt-utils', 'git']
const python = '/usr/bin/python3'

const rig = process.env.MOONKEEPER_RIG
if (!rig) {
  console.log('NOT RUN: set MOONKEEPER_RIG to the folder of the rig to compare with the recordings.')
  process.exit(0)
}
const golden = path.join(rig, '../compat/golden')
const noise = path.join(rig, '../compat/noise.json')

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))
const installed = (name) =>
  spawnSync('dpkg-query', ['-W', '-f', '${Status}', name])
    .stdout?.toString()
    .includes('install ok installed') ?? false

const installRig = () => {
  const missing = packages.filter((name) => !installed(name))
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  if (missing.length > 0) {
    runOrExit('apt-get', ['update', '-qq'], { env })
    runOrExit('apt-get', ['install', '-y', '-qq', ...missing], { env })
  }
  if (existsSync(path.join(home, 'stop.sh'))) spawnSync(path.join(home, 'stop.sh'), { stdio: 'ignore' })
  const made = spawnSync('bash', [path.join(rig, 'install.sh')], { env, encoding: 'utf8' })
  if (made.status !== 0) {
    console.error(made.stdout, made.stderr)
    process.exit(1)
  }
}

/** The recordings of what is built so far, in a folder of their own. */
const chooseItems = (folder) => {
  const served = path.join(folder, 'served-methods')
  const schemas = path.join(root, 'schemas/methods')
  // Where verbs share a path, its name is not that of a method.
  const methods = readdirSync(schemas).flatMap((file) => {
    const { http } = readJson(path.join(schemas, file))
    const name = file.replace(/\.json$/, '')
    return http === null ? [name] : [name, http.path.slice(1).replaceAll('/', '.')]
  })
  writeFileSync(served, JSON.stringify(methods))
  const listed = path.join(root, 'test/compat/not-built.json')
  const config = path.join(home, 'data/config/moonraker.conf')
  const script = path.join(root, 'test/compat/choose.py')
  runOrExit(python, [script, golden, folder, served, listed, config, types.join(','), ...groups])
}

/** The rig starts servers without waiting for them; the recordings were made of one that knew its Klipper. */
const waitUntilReady = async () => {
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await fetch('http://127.0.0.1:7125/server/info').catch(() => null)
    if (answer !== null && (await answer.json()).result.klippy_state === 'ready') return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  console.error('The server under test did not get ready within a minute.')
}

const record = async (folder) => {
  const env = {
    ...process.env,
    // The recorded forge has its API below a path.
    SERVER: `env GITHUB_API_URL=http://127.0.0.1:7981/api ${process.execPath} ${path.join(root, 'dist/moonkeeper.js')} serve`,
    PROFILE: 'main',
    BASE: 'http://127.0.0.1:7125',
    GOLDEN_DIR: folder,
  }
  runOrExit(path.join(home, 'start.sh'), ['hub', 'klippy', 'main'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await waitUntilReady()
  const recorded = spawnSync(python, [path.join(home, 'record.py'), ...groups], {
    env,
    stdio: 'inherit',
    timeout: 1_500_000,
  })
  spawnSync(path.join(home, 'stop.sh'), { stdio: 'ignore' })
  return recorded.status === 0
}

const compare = (expected, actual, groups, types) => {
  const deviations = path.join(root, 'test/compat/deviations.json')
  const env = {
    ...process.env,
    DEVIATIONS: `${noise}:${deviations}`,
    TYPES: types.join(','),
    SHOW: process.env.SHOW ?? '20',
  }
  return (
    spawnSync(python, [path.join(home, 'compare.py'), expected, actual, ...groups], { env, stdio: 'inherit' })
      .status === 0
  )
}

/** The rig's ports are fixed: somebody else's server there would be compared instead of this one. */
const refuseTakenPort = async (port) => {
  const server = createServer()
  await new Promise((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  ).catch(() => {
    console.error(`Port ${port} is in use: stop what listens there and try again.`)
    process.exit(1)
  })
  await new Promise((resolve) => server.close(resolve))
}

installRig()
await refuseTakenPort(7125)
rmSync(path.join(home, 'data/moonkeeper'), { recursive: true, force: true })
const work = mkdtempSync(path.join(tmpdir(), 'moonkeeper-compat-'))
const expected = path.join(work, 'expected')
const actual = process.env.COMPAT_KEEP ?? path.join(work, 'actual')
mkdirSync(expected, { recursive: true })
mkdirSync(actual, { recursive: true })
chooseItems(expected)
const recorded = await record(actual)
const rest = groups.filter((group) => !releasesOnly.includes(group))
const onlyReleases = groups.filter((group) => releasesOnly.includes(group))
const good = [
  rest.length === 0 || compare(expected, actual, rest, types),
  onlyReleases.length === 0 || compare(expected, actual, onlyReleases, releases),
]
rmSync(work, { recursive: true, force: true })
process.exit(recorded && !good.includes(false) ? 0 : 1)
