// The least that a server on Node can do: `ws` and node:http that send bytes which are ready. Asked by messages.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

let frames = {}

const server = createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': frames.body.length })
  response.end(frames.body)
})
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
sockets.on('connection', (socket) => {
  socket.on('error', () => socket.terminate())
  socket.on('message', () => socket.send(frames.answer, { binary: false }))
})

const broadcast = (name) => {
  for (const socket of sockets.clients) socket.send(frames[name], { binary: false })
}

const commands = {
  /** @param texts body (HTTP), answer (WebSocket), and notifications by name */
  listen: async ({ texts, port = 0 }) => {
    frames = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]))
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return { port: server.address().port }
  },
  broadcast: async ({ name }) => {
    broadcast(name)
    return {}
  },
}

process.on('message', async (question) => process.send(await commands[question.command](question)))
process.on('disconnect', () => process.exit())
