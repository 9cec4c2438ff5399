// CPU time, user and system, that the daemon takes in 10 seconds when nobody asks: alone, and with 20 open WebSockets.
import { farBehindAndSeen, sampleTexts } from './machine.mjs'
import { startHelper, usedCpu, wait } from './processes.mjs'

export const name = 'idle'
export const title = 'CPU in 10 idle seconds'

const seconds = 10
const settleTime = 3000

const used = async (pids) => {
  const before = pids.map(usedCpu)
  await wait(seconds * 1000)
  return pids.map((pid, index) => usedCpu(pid) - before[index])
}

export const measure = async (context) => {
  const machine = await farBehindAndSeen(context)
  const daemon = await machine.startReady()
  const bare = startHelper('bare-server.mjs')
  await bare.ask({ command: 'listen', texts: await sampleTexts(daemon.port) })
  await wait(settleTime)
  const [own, other] = await used([daemon.pid, bare.pid])
  const load = startHelper('load.mjs')
  await load.ask({ command: 'open', port: daemon.port, sockets: 20 })
  const [held] = await used([daemon.pid])
  await Promise.all([load.end(), bare.end(), daemon.stop()])
  const beside = [{ name: 'bare ws and node:http', values: [other] }]
  return [
    { what: 'alone', unit: 'ms', values: [own], beside },
    { what: 'with 20 sockets', unit: 'ms', values: [held], beside: [] },
  ]
}
