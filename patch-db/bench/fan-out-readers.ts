import { connect } from 'node:net'
import { workerData } from 'node:worker_threads'

/** The other ends of the sockets, in a thread of their own: they take what comes and throw it away. */
const { port, count } = workerData as { port: number; count: number }
const key = Buffer.alloc(16).toString('base64')
const request = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${key}`,
]
for (let i = 0; i < count; i++) {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${request.join('\r\n')}\r\n\r\n`)
  socket.on('error', () => socket.destroy()).resume()
}
