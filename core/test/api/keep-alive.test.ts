import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { JsonSocket } from '../../src/rpc/json-socket.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] }))
afterEach(() => void vi.useRealTimers())

/** The two ends of a real connection. */
async function pair(autoPong: boolean): Promise<{ server: JsonSocket; browser: WebSocket }> {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const sockets = new WebSocketServer({ noServer: true })
  const { promise, resolve } = Promise.withResolvers<JsonSocket>()
  http.on('upgrade', (request, connection, head) =>
    sockets.handleUpgrade(request, connection, head, (socket) => resolve(new JsonSocket(socket, connection))),
  )
  const browser = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, { autoPong })
  onTestFinished(() => {
    browser.terminate()
    http.close()
  })
  await once(browser, 'open')
  return { server: await promise, browser }
}

it('pings a quiet browser with eight bytes, and keeps one that answers', async () => {
  const { server, browser } = await pair(true)
  for (let minute = 0; minute < 10; minute++) {
    const pinged = once(browser, 'ping')
    vi.advanceTimersByTime(30_000)
    const [bytes] = (await pinged) as [Buffer]
    expect(bytes).toHaveLength(8)
    // A frame of our own comes after the answer to the ping: nothing of it is still under way then.
    const heard = once(browser, 'message')
    server.sendFrames([Buffer.from([0x81, 2, 0x7b, 0x7d])])
    expect(String(((await heard) as [Buffer])[0])).toBe('{}')
    await new Promise<void>((done) => browser.send('x', () => done()))
  }
  expect(server.closed).toBe(false)
})

it('drops a browser that does not answer, without a closing handshake', async () => {
  const { server, browser } = await pair(false)
  const closed = once(browser, 'close')
  vi.advanceTimersByTime(330_000)
  const [code] = (await closed) as [number]
  expect(code).toBe(1006)
  expect(server.closed).toBe(true)
  expect(() => server.sendFrames([Buffer.alloc(2)])).toThrow('closed')
})
