// CPU time, user and system, that the daemon takes in 10 seconds when nobody asks.
import { farBehindAndSeen, sampleTexts } from './machine.mjs'
import { startHelper, usedCpu, wait } from './processes.mjs'

export const name = 'idle'
export const title = 'CPU in 10 idle seconds'

const seconds = 10
/** What a start leaves to do (compiled code, memory to tidy) is over by then. */
const settleTime = 10_000

export const measure = async (context) => {
  const machine = await farBehindAndSeen(context)
  const daemon = await machine.startReady()
  const bare = startHelper('bare-server.mjs')
  await bare.ask({ command: 'listen', texts: await sampleTexts(daemon.port) })
  await wait(settleTime)
  const pids = [daemon.pid, bare.pid]
  const before = pids.map(usedCpu)
  await wait(seconds * 1000)
  const [own, other] = pids.map((pid, index) => usedCpu(pid) - before[index])
  await Promise.all([bare.end(), daemon.stop()])
  return [
    {
      what: 'user and system',
      unit: 'ms',
      values: [own],
      beside: [{ name: 'bare ws and node:http', values: [other] }],
    },
  ]
}
