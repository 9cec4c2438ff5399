// Resident memory of the daemon: idle after its first look, and with 500 WebSockets that do nothing.
import { farBehindAndSeen, sampleTexts } from './machine.mjs'
import { residentMemory, startHelper, wait } from './processes.mjs'

export const name = 'memory'
export const title = 'Resident memory'

const rounds = 3
const sockets = 500
const settleTime = 2000

const measureServer = async (pid, port, into) => {
  await wait(settleTime)
  into.idle.push(residentMemory(pid))
  const load = startHelper('load.mjs')
  await load.ask({ command: 'open', port, sockets })
  await wait(settleTime)
  into.busy.push(residentMemory(pid))
  await load.end()
}

const startBare = async (texts) => {
  const bare = startHelper('bare-server.mjs')
  const { port } = await bare.ask({ command: 'listen', texts })
  return { bare, port }
}

export const measure = async (context) => {
  const machine = await farBehindAndSeen(context)
  const own = { idle: [], busy: [] }
  const other = { idle: [], busy: [] }
  for (let round = 0; round < rounds; round += 1) {
    const daemon = await machine.startReady()
    const { bare, port } = await startBare(await sampleTexts(daemon.port))
    await Promise.all([measureServer(daemon.pid, daemon.port, own), measureServer(bare.pid, port, other)])
    await Promise.all([daemon.stop(), bare.end()])
  }
  const beside = (values) => [{ name: 'bare ws and node:http', values }]
  return [
    { what: 'idle', unit: 'MiB', values: own.idle, beside: beside(other.idle) },
    { what: `with ${sockets} sockets`, unit: 'MiB', values: own.busy, beside: beside(other.busy) },
  ]
}
