import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TcpForward } from './tcp-forward.ts'

describe('a forward', () => {
  let service: Server
  let forward: TcpForward
  let port: number
  let serve: (socket: Socket) => void
  const open: Socket[] = []

  beforeEach(async () => {
    service = createServer({ allowHalfOpen: true }, (socket) => {
      open.push(socket)
      socket.on('error', () => undefined)
      serve(socket)
    })
    service.listen(0, '127.0.0.1')
    await once(service, 'listening')
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    port = (probe.address() as AddressInfo).port
    probe.close()
    await once(probe, 'close')
    forward = await TcpForward.listen('127.0.0.1', port, {
      host: '127.0.0.1',
      port: (service.address() as AddressInfo).port,
    })
  })
  afterEach(async () => {
    await forward.close()
    for (const socket of open.splice(0)) socket.destroy()
    service.close()
  })
  /** Timers of the connections at a port, as the kernel tells them. */
  const timers = async (end: string) => (await execa('ss', ['-tnoH', 'state', 'established', end])).stdout

  it('finds out when the other side has gone without a word', async () => {
    serve = (socket) => socket.write('hello')
    const socket = client()
    await once(socket, 'data')
    expect(await timers(`sport = :${port}`)).toContain('keepalive')
    expect(await timers(`dport = :${(service.address() as AddressInfo).port}`)).toContain('keepalive')
  })

  const client = () => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    open.push(socket)
    return socket
  }

  it('carries a large answer after the question has ended', async () => {
    const large = Buffer.alloc(8 << 20, 'abcdefg')
    // Reading with `for await` would close the socket at the end of the question.
    serve = (socket) =>
      socket.on('data', (question: Buffer) =>
        socket.once('end', () => socket.end(Buffer.concat([question, large]))),
      )
    const socket = client()
    socket.end('question')
    expect((await buffer(socket)).equals(Buffer.concat([Buffer.from('question'), large]))).toBe(true)
  })

  it('does not run ahead of a slow reader', async () => {
    let sent = 0
    serve = (socket) => {
      const send = () => {
        while (socket.write(Buffer.alloc(1 << 20)) && sent < 1000) sent++
      }
      socket.on('drain', send)
      send()
    }
    const socket = client()
    await once(socket, 'connect')
    await expect.poll(() => sent > 0).toBe(true)
    let before = -1
    await expect
      .poll(
        () => {
          const steady = before === sent
          before = sent
          return steady
        },
        { interval: 100 },
      )
      .toBe(true)
    expect(sent).toBeLessThan(100)
  })

  it('breaks both sides when one of them breaks', async () => {
    const arrived = Promise.withResolvers<Socket>()
    serve = arrived.resolve
    const socket = client()
    socket.write('x')
    const end = await arrived.promise
    end.resume()
    const broken = closed(end)
    socket.resetAndDestroy()
    await broken
  })

  it('hangs up on its clients when the service does not listen', async () => {
    service.close()
    await once(service, 'close')
    const socket = client()
    socket.on('error', () => undefined)
    await closed(socket)
  })

  it('says when the port is taken', async () => {
    await expect(TcpForward.listen('127.0.0.1', port, forward.target)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})

/** Unlike `once`, not disturbed by the error that comes before. */
const closed = (socket: Socket) => new Promise((resolve) => socket.on('close', resolve))
