// Notifications to 200 WebSockets: from the first socket that has one to the last. A rollback that has nothing to do
// triggers a small one (its line of progress) and, 200 ms later, a large one (the state of every application).
import { farBehindAndSeen, notifications, sampleTexts } from './machine.mjs'
import { startHelper, wait } from './processes.mjs'

export const name = 'fanout'
export const title = 'Fan-out of a notification to 200 sockets'

const rounds = 11
const sockets = 200
const pause = 50
const aim = 1.4

const runRound = async (load, trigger) => {
  await load.ask({ command: 'expect', methods: notifications })
  const spread = load.answer()
  await trigger()
  return spread
}

const startServer = async (port) => {
  const load = startHelper('load.mjs')
  await load.ask({ command: 'open', port, sockets })
  return load
}

const startBare = async (texts) => {
  const bare = startHelper('bare-server.mjs')
  const { port } = await bare.ask({ command: 'listen', texts })
  const load = await startServer(port)
  const trigger = async () => {
    await bare.ask({ command: 'broadcast', name: notifications[0] })
    await wait(200)
    await bare.ask({ command: 'broadcast', name: notifications[1] })
  }
  return { bare, load, trigger }
}

export const measure = async (context) => {
  const machine = await farBehindAndSeen(context)
  const daemon = await machine.startReady()
  const texts = await sampleTexts(daemon.port)
  const load = await startServer(daemon.port)
  const other = await startBare(texts)
  const [own, bare] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    own.push(await runRound(load, () => daemon.post('/machine/update/rollback?name=app1')))
    await wait(pause)
    bare.push(await runRound(other.load, other.trigger))
    await wait(pause)
  }
  await Promise.all([load.end(), other.load.end(), other.bare.end(), daemon.stop()])
  return notifications.map((method) => ({
    what: `${method}, ${(Buffer.byteLength(texts[method]) / 1000).toFixed(1)} kB`,
    unit: 'ms',
    values: own.map((spread) => spread[method]),
    beside: [{ name: 'bare ws', values: bare.map((spread) => spread[method]), aim }],
  }))
}
