// The npm package ws, to measure Holdfast against. It is the installation of tests/integration/node.
import { createRequire } from 'node:module'

const { WebSocketServer } = createRequire(new URL('../../integration/node/', import.meta.url))('ws')

const TICK_MS = 20

function option(name) {
  const at = process.argv.indexOf(name)
  return at < 0 ? 0 : Number(process.argv[at + 1])
}

const server = new WebSocketServer({ host: '127.0.0.1', port: option('--port') }, () => {
  console.log(`ws://127.0.0.1:${server.address().port}`)
})
const subscribers = new Set() // of /broadcast

server.on('connection', (socket, request) => {
  socket.on('error', () => {})
  socket.alive = true
  socket.on('pong', () => { socket.alive = true })
  if (request.url.split('?')[0] === '/broadcast') {
    subscribers.add(socket)
    socket.on('close', () => subscribers.delete(socket))
    socket.on('message', (data, binary) => {
      for (const subscriber of subscribers) subscriber.send(data, { binary })
    })
  } else {
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  }
})

// Every tick pings its share of the connections, each in its turn.
const interval = option('--ping-interval') * 1000
let due = 0
let turn = server.clients.values()
if (interval > 0) {
  setInterval(() => {
    for (due += (server.clients.size * TICK_MS) / interval; due >= 1 && server.clients.size > 0; due -= 1) {
      let next = turn.next()
      if (next.done) {
        turn = server.clients.values()
        next = turn.next()
      }
      // As its documentation has it: who did not answer the last one is gone.
      if (!next.value.alive) next.value.terminate()
      next.value.alive = false
      next.value.ping()
    }
  }, TICK_MS)
}
