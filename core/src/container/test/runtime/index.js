// A runtime small enough for the driver's tests: answers each line on service.sock with what it was asked.
import console from 'node:console'
import { createServer } from 'node:net'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { rmSync } from 'node:fs'

const path = '/media/startos/rpc/service.sock'
process.on('SIGTERM', () => {
  if (!process.env.STUBBORN) process.exit(0)
})
rmSync(path, { force: true })
console.log('runtime is up')
createServer((socket) => {
  socket.on('error', () => socket.destroy())
  createInterface({ input: socket }).on('line', (line) => {
    const { id, method, params } = JSON.parse(line)
    if (method === 'say') console.log(params)
    if (method === 'complain') console.error(params)
    if (method === 'die') process.exit(params)
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: params ?? null })}\n`)
  })
}).listen(path)
