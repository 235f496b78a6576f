import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DnsRelay } from './dns-relay.ts'

/** A loopback address that nothing else on a machine uses. */
const ADDRESS = '127.89.53.1'
let relay: DnsRelay

beforeAll(async () => {
  relay = await DnsRelay.listen(ADDRESS)
})
afterAll(() => relay.close())

it('answers every question, if only that no name server was reachable', async () => {
  const resolver = new Resolver({ timeout: 8000, tries: 1 })
  resolver.setServers([ADDRESS])
  const outcome = await resolver
    .resolve4('startd-test.invalid')
    .catch((error: NodeJS.ErrnoException) => error.code)
  expect(['ENOTFOUND', 'ESERVFAIL', 'EREFUSED', 'ENODATA']).toContain(outcome)
})

it('can be closed while somebody waits for an answer', async () => {
  const other = await DnsRelay.listen('127.89.53.2')
  const socket = createSocket('udp4')
  const faults: unknown[] = []
  const note = (error: unknown) => faults.push(error)
  process.on('unhandledRejection', note)
  let answered = false
  socket.once('message', () => (answered = true))
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length
  const before = sockets()
  await new Promise((resolve) => socket.send(Buffer.alloc(20, 1), 53, '127.89.53.2', resolve))
  // The relay has asked the machine's own name server; or that one was very quick.
  await expect.poll(() => answered || sockets() > before, { interval: 1 }).toBe(true)
  await other.close()
  await new Promise(setImmediate)
  process.off('unhandledRejection', note)
  socket.close()
  expect(faults).toEqual([])
})

it('takes no harm from packets that are no question', async () => {
  const socket = createSocket('udp4')
  await new Promise((resolve) => socket.send(Buffer.from('x'), 53, ADDRESS, resolve))
  socket.close()
  const resolver = new Resolver({ timeout: 8000, tries: 1 })
  resolver.setServers([ADDRESS])
  await expect(resolver.resolve4('still-alive.invalid')).rejects.toThrow()
})
