// The load generator: a process of its own, so that it does not share the server's event loop. Asked by messages.
import { once } from 'node:events'
import { connect } from 'node:net'
import { createAnswerReader, createFrameReader, pongFrame, textFrame } from './frames.mjs'
import { median } from './statistics.mjs'

const question = textFrame('{"jsonrpc":"2.0","method":"machine.update.status","id":1}')
const httpQuestion = 'GET /machine/update/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
const handshake = [
  'GET /websocket HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]
const patience = 20_000

const openSocket = async (port) => {
  const socket = connect(port, '127.0.0.1').setNoDelay()
  await once(socket, 'connect')
  return socket
}

/** @returns a client whose `got` is called with the beginning of each text frame */
const openWebSocket = async (port) => {
  const socket = await openSocket(port)
  socket.write(`${handshake.join('\r\n')}\r\n\r\n`)
  const [first] = await once(socket, 'data')
  if (!first.latin1Slice(0, 12).endsWith(' 101')) throw new Error(`no WebSocket: ${first.latin1Slice(0, 80)}`)
  const client = { got: () => undefined, ask: () => socket.write(question), end: () => socket.destroy() }
  const read = createFrameReader((opcode, head) => {
    if (opcode === 9) socket.write(pongFrame)
    else if (opcode === 1) client.got(head)
  })
  read(first.subarray(first.indexOf('\r\n\r\n') + 4))
  socket.on('data', read)
  return client
}

const openHttp = async (port) => {
  const socket = await openSocket(port)
  const client = { got: () => undefined, ask: () => socket.write(httpQuestion), end: () => socket.destroy() }
  socket.on(
    'data',
    createAnswerReader((_, head) => client.got(head)),
  )
  return client
}

const openers = { websocket: openWebSocket, http: openHttp }

const openAll = async (open, port, count) => {
  const clients = []
  while (clients.length < count) {
    const some = Math.min(20, count - clients.length)
    clients.push(...(await Promise.all(Array.from({ length: some }, () => open(port)))))
  }
  return clients
}

const withinPatience = (promise, what) => {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took too long`)), patience)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Asks again as soon as the answer is there, until the time is over. */
const askOnAndOn = (client, until, latencies) =>
  new Promise((resolve) => {
    let asked = performance.now()
    client.got = (head) => {
      if (head.startsWith('{"jsonrpc":"2.0","method"')) return
      const now = performance.now()
      latencies.push(now - asked)
      if (now >= until) return resolve()
      asked = now
      client.ask()
    }
    client.ask()
  })

let held = []

const commands = {
  loop: async ({ transport, port, clients, milliseconds }) => {
    const open = await openAll(openers[transport], port, clients)
    const latencies = []
    const begin = performance.now()
    const loops = open.map((client) => askOnAndOn(client, begin + milliseconds, latencies))
    await withinPatience(Promise.all(loops), 'a round of questions')
    const seconds = (performance.now() - begin) / 1000
    open.forEach((client) => client.end())
    return { rate: latencies.length / seconds, answers: latencies.length, roundTrip: median(latencies) }
  },
  open: async ({ port, sockets }) => {
    held = await openAll(openWebSocket, port, sockets)
    return {}
  },
  close: async () => {
    held.forEach((client) => client.end())
    held = []
    return {}
  },
  /** Answers at once, and again when every socket has each of the named notifications: milliseconds first to last. */
  expect: async ({ methods }) => {
    const arrivals = Object.fromEntries(methods.map((method) => [method, []]))
    const all = new Promise((resolve) => {
      for (const client of held)
        client.got = (head) => {
          const method = methods.find((name) => head.includes(`"${name}"`))
          if (method === undefined) return
          arrivals[method].push(performance.now())
          if (methods.every((name) => arrivals[name].length === held.length)) resolve()
        }
    })
    process.send({})
    await withinPatience(all, 'a notification to every socket')
    return Object.fromEntries(methods.map((name) => [name, arrivals[name].at(-1) - arrivals[name][0]]))
  },
}

process.on('message', async (message) => {
  try {
    process.send(await commands[message.command](message))
  } catch (thrown) {
    process.send({ error: `load: ${thrown.message}` })
  }
})
process.on('disconnect', () => process.exit())
