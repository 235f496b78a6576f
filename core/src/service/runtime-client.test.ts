import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LineReader } from '@startd/base/lines.ts'
import { RuntimeClient } from './runtime-client.ts'

interface Request {
  id?: number
  method: string
  params: Record<string, unknown>
}

describe('the client of a service’s runtime', () => {
  let directory: string
  let server: Server
  let client: RuntimeClient
  let seen: Request[]
  let reply: (request: Request, socket: Socket) => void

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'startd-client-'))
    seen = []
    server = createServer((socket) => {
      const lines = new LineReader()
      socket.on('data', (piece: Buffer) => {
        for (const line of lines.push(piece)) {
          const request = JSON.parse(line) as Request
          seen.push(request)
          reply(request, socket)
        }
      })
      socket.on('error', () => undefined)
    })
    server.listen(join(directory, 'service.sock'))
    await once(server, 'listening')
    client = new RuntimeClient(join(directory, 'service.sock'))
  })
  afterEach(async () => {
    client.close()
    server.close()
    await rm(directory, { recursive: true, force: true })
  })

  const answer = (socket: Socket, value: Record<string, unknown>) =>
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', ...value })}\n`)

  it('carries many calls at once over one connection', async () => {
    const held: (() => void)[] = []
    reply = ({ id, method }, socket) => {
      const go = () => answer(socket, { id, result: method })
      if (method === 'start') held.push(go)
      else {
        go()
        for (const one of held) one()
      }
    }
    const start = client.call('start', {})
    expect(await client.call('stop', {})).toBe('stop')
    expect(await start).toBe('start')
  })

  it('says what the package’s code threw', async () => {
    reply = ({ id }, socket) => {
      answer(socket, {
        id,
        error: { code: 0, message: 'object', data: { details: 'Error: no disk', debug: 'at line 1' } },
      })
    }
    await expect(client.call('start', {})).rejects.toMatchObject({
      kind: 'Unknown',
      details: 'Error: no disk',
    })
  })

  it('keeps the kind of an error that it knows', async () => {
    reply = ({ id }, socket) => {
      answer(socket, { id, error: { code: -32601, message: 'Method not found', data: { details: 'start' } } })
    }
    await expect(client.call('start', {})).rejects.toMatchObject({ kind: 'NotFound' })
  })

  it('fails what is unanswered when the connection is lost, and never sends it again', async () => {
    reply = (_, socket) => {
      socket.destroy()
    }
    await expect(client.call('start', {})).rejects.toMatchObject({ kind: 'Lxc' })
    reply = ({ id }, socket) => answer(socket, { id, result: null })
    await client.call('stop', {})
    expect(seen.map(({ method }) => method)).toEqual(['start', 'stop'])
  })

  it('stops waiting when told to', async () => {
    reply = () => undefined
    const signal = AbortSignal.timeout(20)
    await expect(client.call('start', {}, { signal })).rejects.toThrow()
  })

  it('fires callbacks without waiting for an answer', async () => {
    const got = Promise.withResolvers<Request>()
    reply = got.resolve
    await client.notify(3, ['a'])
    expect(await got.promise).toMatchObject({ method: 'callback', params: { id: 3, args: ['a'] } })
    expect((await got.promise).id).toBeUndefined()
  })

  it('says so when nothing listens', async () => {
    server.close()
    await rm(directory, { recursive: true, force: true })
    await expect(client.call('start', {})).rejects.toMatchObject({ kind: 'Lxc' })
  })
})
