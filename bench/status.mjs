// machine.update.status, asked again as soon as it is answered, beside servers that send the same bytes.
import { farBehindAndSeen, sampleTexts } from './machine.mjs'
import { startHelper, usedCpu } from './processes.mjs'

export const name = 'status'
export const title = 'machine.update.status'

const rounds = 5
const milliseconds = 400
const doors = [
  { transport: 'websocket', shown: 'WebSocket', bare: 'bare ws' },
  { transport: 'http', shown: 'HTTP', bare: 'bare node:http' },
]
const counts = [1, 10, 50]
const aim = 1.4

/** One round of one server: what the clients saw, and the CPU that an answer cost the server. */
const runRound = async (load, server, transport, clients) => {
  const before = usedCpu(server.pid)
  const seen = await load.ask({ command: 'loop', transport, port: server.port, clients, milliseconds })
  return { ...seen, cpu: ((usedCpu(server.pid) - before) / seen.answers) * 1000 }
}

/** Rounds in turns, so that whatever else the machine does hits both. The first is to warm up. */
const runRounds = async (load, servers, transport, clients) => {
  const seen = servers.map(() => [])
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, server] of servers.entries()) {
      const result = await runRound(load, server, transport, clients)
      if (round > 0) seen[index].push(result)
    }
  }
  return seen
}

const figure = (what, unit, key, [own, bare], bareName, rest = {}) => ({
  what,
  unit,
  values: own.map((result) => result[key]),
  beside: [{ name: bareName, values: bare.map((result) => result[key]), aim }],
  ...rest,
})

const measureDoor = async (load, servers, { transport, shown, bare }) => {
  const figures = []
  for (const clients of counts) {
    const seen = await runRounds(load, servers, transport, clients)
    const who = `${shown}, ${clients} ${clients === 1 ? 'client' : 'clients'}`
    if (clients === 1) figures.push(figure(`${who}: round trip`, 'ms', 'roundTrip', seen, bare))
    figures.push(figure(`${who}: answers`, '/s', 'rate', seen, bare, { rate: true }))
    if (clients === 50) figures.push(figure(`${who}: server CPU an answer`, 'µs', 'cpu', seen, bare))
  }
  return figures
}

export const measure = async (context) => {
  const machine = await farBehindAndSeen(context)
  const daemon = await machine.startReady()
  const texts = await sampleTexts(daemon.port)
  const bare = startHelper('bare-server.mjs')
  const { port } = await bare.ask({ command: 'listen', texts })
  const servers = [daemon, { pid: bare.pid, port }]
  const load = startHelper('load.mjs')
  context.say(`  an answer has ${(Buffer.byteLength(texts.answer) / 1000).toFixed(1)} kB`)
  const figures = []
  for (const door of doors) figures.push(...(await measureDoor(load, servers, door)))
  await Promise.all([load.end(), bare.end(), daemon.stop()])
  return figures
}
