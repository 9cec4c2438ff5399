// One upgrade of a checkout of 800 files, 300 of which change. Beside `git pull --ff-only`, and beside that and the
// `sync -f` without which a power cut may leave empty files.
import path from 'node:path'
import { Machine, syncDisk } from './machine.mjs'
import { run, timed } from './processes.mjs'
import { git, Remotes, wideHistory } from './repositories.mjs'

export const name = 'upgrade'
export const title = 'One git upgrade, 300 of 800 files change'

const rounds = 5
const aim = 1.5

/** `known`: what the daemon (or a fetch) has seen before. */
const kinds = [
  { what: 'fetched before, by the refresh', known: 'new' },
  { what: 'most of it not fetched yet', known: 'middle' },
]

const makeMachine = async ({ folder, bundle }) => {
  const remotes = new Remotes(path.join(folder, 'wide'), ['app'])
  await remotes.make(wideHistory, { old: 1, middle: 2, new: wideHistory.length })
  remotes.publish('old')
  await remotes.clone()
  return new Machine(path.join(folder, 'upgraded'), bundle, remotes)
}

const checkUpgraded = async (app) => {
  const [here, there, edits] = [
    await git(app, 'rev-parse', 'HEAD'),
    await git(app, 'rev-parse', 'refs/remotes/origin/master'),
    await git(app, 'status', '--porcelain'),
  ]
  const count = await git(app, 'rev-list', '--count', 'HEAD')
  if (here !== there || edits !== '' || Number(count) !== wideHistory.length)
    throw new Error('it was not upgraded')
}

const runOwn = async (machine, known) => {
  machine.remotes.publish(known)
  await machine.restore()
  const daemon = await machine.startReady()
  machine.remotes.publish('new')
  await syncDisk(machine)
  const taken = await timed(() => daemon.post('/machine/update/upgrade?name=app'))
  await daemon.stop()
  await checkUpgraded(path.join(machine.apps, 'app'))
  return taken
}

const runPlain = async (machine, known, synced) => {
  const app = path.join(machine.apps, 'app')
  machine.remotes.publish(known)
  await machine.restore()
  await git(app, 'fetch', '-q')
  machine.remotes.publish('new')
  await syncDisk(machine)
  return timed(async () => {
    await git(app, 'pull', '--ff-only')
    if (synced) await run('sync', ['-f', app])
  })
}

const measureKind = async (machine, { what, known }) => {
  const [own, plain, synced] = [[], [], []]
  for (let round = 0; round < rounds; round += 1) {
    own.push(await runOwn(machine, known))
    plain.push(await runPlain(machine, known, false))
    synced.push(await runPlain(machine, known, true))
  }
  const beside = [
    { name: 'git pull --ff-only', values: plain, aim },
    { name: 'git pull --ff-only; sync -f', values: synced, aim },
  ]
  return { what, unit: 'ms', values: own, beside }
}

export const measure = async (context) => {
  const machine = await makeMachine(context)
  const figures = []
  for (const kind of kinds) figures.push(await measureKind(machine, kind))
  return figures
}
