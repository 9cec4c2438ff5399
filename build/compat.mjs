// `npm run compat`: serves the recorded machine with this build, records the answers, and compares them with the
// recordings. MOONKEEPER_RIG names the folder of the rig; without it nothing is compared, and that is said.
// `npm run compat -- GROUP...` compares only these groups.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root, runOrExit } from './install.mjs'

/**
 * In this order: the first was recorded of a server's first start, the next two of a machine that had just started, on
 * which nothing was updated yet.
 */
const built = [
  'startup',
  'machine',
  'http_general',
  'rpc_basics',
  'rpc_malformed',
  'update_errors',
  'update_refresh',
  'upgrade_git',
  'upgrade_system_apt',
  'upgrade_python',
  'upgrade_web',
  'unix_socket',
  'database',
  'misc_endpoints',
  'auth',
  'printer',
  'server_restart',
  'server_sigterm',
  'services_systemd_cli',
  'upgrade_full_provider_none',
  'upgrade_full_services',
]
const beginnings = [['startup'], ['machine', 'http_general']]
const ends = [['upgrade_full_provider_none']]
/** The server that a group was recorded on; main where nothing is said. */
const profileOf = { auth: 'auth', services_systemd_cli: 'svc', upgrade_full_services: 'svc' }
const ports = { main: 7125, svc: 7127, auth: 7129 }
const folderOf = (profile) => path.join(home, profile === 'main' ? 'data' : `data-${profile}`)
/** What the recorder calls a group, where that is not the recording's name. */
const recorderNames = { services_systemd_cli: 'svc' }
const chosen = process.argv.slice(2)
const groups = built.filter((group) => chosen.length === 0 || chosen.includes(group))
const releases = ['web', 'zip', 'executable', 'system', 'python']
const types = ['git_repo', ...releases]
/** Their statuses show every application at once: those of git_repo differ on purpose (README, points 8 and 11). */
const releasesOnly = [
  'startup',
  'update_errors',
  'update_refresh',
  'http_general',
  'upgrade_system_apt',
  'upgrade_full_provider_none',
  'upgrade_full_services',
]
/** Paths that lead to no method. */
const otherPaths = [
  '/api/version',
  '/api/server',
  '/api/login',
  '/',
  '/websocket',
  '/server/redirect',
  '/no/such',
]
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
  const methods = readdirSync(schemas).map((file) => [file.slice(0, -5), readJson(path.join(schemas, file))])
  const paths = methods.filter(([, { http }]) => http !== null).map(([, { http }]) => http.path)
  // Where verbs share a path, its name is not that of a method.
  const named = paths.map((one) => one.slice(1).replaceAll('/', '.'))
  writeFileSync(served, JSON.stringify([...methods.map(([name]) => name), ...named, ...paths, ...otherPaths]))
  const listed = path.join(root, 'test/compat/not-built.json')
  const config = path.join(home, 'data/config/moonraker.conf')
  const script = path.join(root, 'test/compat/choose.py')
  runOrExit(python, [script, golden, folder, served, listed, config, types.join(','), ...groups])
}

/** The rig starts servers without waiting for them; the recordings were made of one that knew its Klipper and its remotes. */
const waitUntilReady = async (base) => {
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await fetch(`${base}/server/info`).catch(() => null)
    if (answer?.status === 401) return
    const state = answer === null ? null : (await answer.json()).result.klippy_state
    // Refused until the first look at the remotes is done.
    const look = { method: 'POST' }
    if (state === 'ready' && (await fetch(`${base}/machine/update/refresh?name=webui`, look)).ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  console.error('The server under test did not get ready within a minute.')
}

const recordOf = async (profile, groups, folder) => {
  const base = `http://127.0.0.1:${ports[profile]}`
  const env = {
    ...process.env,
    // The recorded forge has its API below a path.
    SERVER: `env GITHUB_API_URL=http://127.0.0.1:7981/api ${process.execPath} ${path.join(root, 'dist/moonkeeper.js')} serve`,
    PROFILE: profile,
    BASE: base,
    GOLDEN_DIR: folder,
  }
  rmSync(path.join(folderOf(profile), 'moonkeeper'), { recursive: true, force: true })
  // The first start is recorded from its beginning: the recorder does it itself.
  const isFirst = groups.includes('startup')
  runOrExit(path.join(home, 'start.sh'), ['hub', 'klippy', ...(isFirst ? [] : [profile])], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (!isFirst) await waitUntilReady(base)
  const names = groups.map((group) => recorderNames[group] ?? group)
  const recorded = spawnSync(python, [path.join(home, 'record.py'), ...names], {
    env,
    stdio: 'inherit',
    timeout: 1_500_000,
  })
  spawnSync(path.join(home, 'stop.sh'), { stdio: 'ignore' })
  return recorded.status === 0
}

/** What was recorded of a server that had done nothing else begins with one of its own. What changes most comes last. */
const partsOf = (own) => {
  const apart = [...beginnings, ...ends].flat()
  const among = (names) => own.filter((group) => names.includes(group))
  return [...beginnings.map(among), own.filter((group) => !apart.includes(group)), ...ends.map(among)]
}

/** One profile after the other. */
const record = async (folder) => {
  let good = true
  for (const profile of Object.keys(ports)) {
    const own = groups.filter((group) => (profileOf[group] ?? 'main') === profile)
    for (const part of partsOf(own))
      if (part.length > 0) good = (await recordOf(profile, part, folder)) && good
  }
  return good
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
for (const port of Object.values(ports)) await refuseTakenPort(port)
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
