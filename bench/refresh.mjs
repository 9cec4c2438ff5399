// machine.update.refresh of five repositories: 1,000 commits behind, and with nothing new. Beside `git fetch` in each.
import path from 'node:path'
import { farBehind, syncDisk } from './machine.mjs'
import { timed, wait } from './processes.mjs'
import { git } from './repositories.mjs'

export const name = 'refresh'
export const title = 'Refresh of 5 repositories'

const rounds = 5
const aim = 1.5

const fetchAll = async (machine, atOnce) => {
  const rest = [...machine.remotes.names]
  const worker = async () => {
    for (let app = rest.shift(); app !== undefined; app = rest.shift())
      await git(path.join(machine.apps, app), 'fetch')
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const refresh = (daemon) => daemon.post('/machine/update/refresh')

/** The daemon refuses until its first look is over. */
const firstRefresh = async (daemon) => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await refresh(daemon)
    } catch (thrown) {
      if (tries >= 200 || !thrown.message.includes('busy')) throw thrown
      await wait(50)
    }
  }
}

/** Fresh checkouts of the old version, of which the daemon (if there is one) has seen that nothing is new. */
const prepare = async (machine, daemon) => {
  machine.remotes.publish('old')
  await machine.restore()
  const started = daemon ? await machine.startReady() : null
  if (started !== null) await firstRefresh(started)
  machine.remotes.publish('new')
  await syncDisk(machine)
  return started
}

const runOwn = async (machine) => {
  const daemon = await prepare(machine, true)
  const behind = await timed(() => refresh(daemon))
  const seen = await daemon.post('/machine/update/refresh?name=app1')
  if (seen.version_info.app5.commits_behind_count !== 1000)
    throw new Error('the refresh did not see 1,000 commits')
  const nothing = await timed(() => refresh(daemon))
  await daemon.stop()
  return { behind, nothing }
}

const runPlain = async (machine, atOnce) => {
  await prepare(machine, false)
  const behind = await timed(() => fetchAll(machine, atOnce))
  return { behind, nothing: await timed(() => fetchAll(machine, atOnce)) }
}

export const measure = async (context) => {
  const machine = await farBehind(context)
  context.seen = false
  const seen = { own: [], one: [], four: [] }
  for (let round = 0; round < rounds; round += 1) {
    seen.own.push(await runOwn(machine))
    seen.one.push(await runPlain(machine, 1))
    seen.four.push(await runPlain(machine, 4))
  }
  const values = (results, key) => results.map((result) => result[key])
  const figure = (what, key) => ({
    what,
    unit: 'ms',
    values: values(seen.own, key),
    beside: [
      { name: 'git fetch, one after another', values: values(seen.one, key), aim },
      { name: 'git fetch, 4 at a time', values: values(seen.four, key), aim },
    ],
  })
  return [figure('1,000 commits behind', 'behind'), figure('nothing new', 'nothing')]
}
