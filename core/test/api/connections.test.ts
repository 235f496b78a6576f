import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { HTTP_LIMITS } from '../../src/rpc/limits.ts'
import { ECHOED, post, Wire } from './wire.ts'

const closed = (socket: Socket) => (socket.closed ? Promise.resolve() : once(socket, 'close'))
/** Fulfils when the server has taken and looked at a connection. */
const greet = async (socket: Socket) => {
  socket.write(post('{"method":"state","params":{}}'))
  await once(socket, 'data')
}

/** Fulfils when the server has read the headers of so many requests. */
const requests = (wire: Wire, count: number) =>
  new Promise<void>((resolve) => {
    wire.http.server.on('request', () => --count === 0 && resolve())
  })

it('are shared: who opens too many loses those that it used least', async () => {
  await using wire = await Wire.open({ connections: { altogether: 100, perClient: 3, fromHere: 3 } })
  const mine = [await wire.connect(), await wire.connect(), await wire.connect()]
  for (const socket of mine) await greet(socket)
  await greet(mine[0]!)
  const fourth = await wire.connect()
  await greet(fourth)
  await closed(mine[1]!)
  expect(mine.map((socket) => socket.closed)).toEqual([false, true, false])
  for (const socket of [...mine, fourth]) socket.destroy()
})

it('are not taken from requests that are under way', async () => {
  await using wire = await Wire.open({ connections: { altogether: 100, perClient: 2, fromHere: 2 } })
  const busy = [await wire.connect(), await wire.connect()]
  const begun = requests(wire, 2)
  for (const socket of busy) socket.write(post('{"method":"state","params":{}}').slice(0, -1))
  await begun
  await closed(await wire.connect())
  expect(await wire.echo('127.0.0.2')).toBe(ECHOED)
  const answers = busy.map((socket) => once(socket, 'data'))
  for (const socket of busy) socket.write('}')
  await Promise.all(answers)
  for (const socket of busy) socket.destroy()
})

it('of the client with the most make room when the server is full', async () => {
  await using wire = await Wire.open({ connections: { altogether: 20, perClient: 10, fromHere: 10 } })
  const few = await wire.connect('127.0.0.3')
  await greet(few)
  const flood: Socket[] = []
  for (let i = 0; i < 40; i++) flood.push(await wire.connect(`127.0.1.${i % 4}`))
  for (let i = 0; i < 20; i++) expect(await wire.echo(`127.0.2.${i}`)).toBe(ECHOED)
  await greet(few)
  expect(few.closed).toBe(false)
  for (const socket of [few, ...flood]) socket.destroy()
})

it('are ten thousand from one address, and others are still answered', async () => {
  await using wire = await Wire.open()
  const child = spawn(process.execPath, ['-e', FLOOD, String(wire.port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const flooded = lines.next()
  let over = false
  void flooded.then(() => (over = true))
  while (!over) expect(await wire.echo()).toBe(ECHOED)
  expect(JSON.parse((await flooded).value ?? '')).toEqual({ opened: 10_000 })
  expect(await connectionsOf(wire)).toBeLessThanOrEqual(HTTP_LIMITS.connections.fromHere)
  for (let i = 0; i < 50; i++) expect(await wire.echo()).toBe(ECHOED)
  child.stdin.end()
  await once(child, 'close')
  expect(wire.errors).toEqual([])
}, 60_000)

const connectionsOf = (wire: Wire) =>
  new Promise<number>((resolve) => wire.http.server.getConnections((_error, count) => resolve(count)))

/** Opens ten thousand connections, a few hundred at a time, and holds what it is left until its input ends. */
const FLOOD = `
const { connect } = require('node:net')
let opened = 0, started = 0
const next = () => {
  if (started === 10000) return
  started++
  const socket = connect({ port: Number(process.argv[1]), host: '127.0.0.1', localAddress: '127.0.0.2' })
  socket.on('error', () => undefined)
  socket.once('connect', () => { socket.write('GET / HTTP/1.1\\r\\n'); opened++; next(); if (opened === 10000) console.log(JSON.stringify({ opened })) })
}
for (let i = 0; i < 200; i++) next()
process.stdin.resume().on('end', () => process.exit())
`
