// From the start of the process to the first answered machine.update.status, with five applications known already.
import path from 'node:path'
import { farBehindAndSeen, firstAnswer } from './machine.mjs'
import { end, freePort, launch, timed } from './processes.mjs'

export const name = 'start'
export const title = 'Start'

const rounds = 5
const target = '/machine/update/status'

/** An empty node:http server, which tells how much of it is Node's own start. */
const startBare = async () => {
  const port = await freePort()
  const script = path.join(import.meta.dirname, 'bare-start.mjs')
  const child = launch(process.execPath, [script, String(port)], { stdio: 'ignore' })
  return { child, port }
}

export const measure = async (context) => {
  const machine = await farBehindAndSeen(context)
  const [own, bare] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    let daemon
    const begin = async () => {
      daemon = await machine.start()
      await firstAnswer(daemon.port, target)
    }
    own.push(await timed(begin))
    await daemon.ready(machine.remotes.names)
    await daemon.stop()
    let server
    const beginBare = async () => {
      server = await startBare()
      await firstAnswer(server.port, target)
    }
    bare.push(await timed(beginBare))
    await end(server.child)
  }
  const beside = [{ name: 'empty node:http server', values: bare }]
  return [{ what: 'to the first answered status', unit: 'ms', values: own, beside }]
}
