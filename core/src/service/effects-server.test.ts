import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CodedError } from '@startd/base/errors.ts'
import { LineReader } from '@startd/base/lines.ts'
import { EffectsServer } from './effects-server.ts'
import { shortSocketPath } from './socket-path.ts'

describe('the effects socket', () => {
  let rpcDir: string
  let server: EffectsServer
  const waiting = new Map<string, () => void>()
  const sockets: Socket[] = []

  const handle = async (method: string, params: unknown): Promise<unknown> => {
    switch (method) {
      case 'echo':
        return params
      case 'nothing':
        return undefined
      case 'wait': {
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting.set((params as { name: string }).name, resolve)
        await promise
        return 'waited'
      }
      case 'refuse':
        throw new CodedError('InvalidRequest', 'not now', { info: { why: 1 } })
      default:
        throw new TypeError('broken')
    }
  }

  /** Sends text and answers the lines that come back. */
  async function talk(...pieces: (string | Buffer)[]) {
    await using address = await shortSocketPath(join(rpcDir, 'host.sock'))
    const socket = connect(address.path)
    sockets.push(socket)
    await once(socket, 'connect')
    const lines: unknown[] = []
    const arrivals = new EventTarget()
    const reader = new LineReader()
    socket.on('data', (piece: Buffer) => {
      for (const line of reader.push(piece)) {
        lines.push(JSON.parse(line))
        arrivals.dispatchEvent(new Event('line'))
      }
    })
    for (const piece of pieces) socket.write(piece)
    const take = async (count: number) => {
      while (lines.length < count) await once(arrivals, 'line')
      return lines.splice(0, count)
    }
    return { socket, take }
  }

  const ask = async (request: unknown) => {
    const { take } = await talk(`${JSON.stringify(request)}\n`)
    return (await take(1))[0]
  }

  beforeEach(async () => {
    rpcDir = await mkdtemp(join(tmpdir(), 'startd-effects-'))
    server = new EffectsServer(handle)
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    for (const resolve of waiting.values()) resolve()
    await server.close(100)
    await rm(rpcDir, { recursive: true, force: true })
  })
  const listen = () =>
    server.listen({
      rpcDir,
      chownForContainer: (path) => chown(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0),
    })

  it('gives every id back, also none', async () => {
    await listen()
    for (const id of ['a', 7, null]) {
      expect(await ask({ id, method: 'echo', params: { a: 1 } })).toEqual({
        jsonrpc: '2.0',
        result: { a: 1 },
        id,
      })
    }
    expect(await ask({ method: 'nothing', params: {} })).toEqual({ jsonrpc: '2.0', result: null, id: null })
  })

  it('answers requests of one connection as they finish', async () => {
    await listen()
    const slow = { id: 1, method: 'wait', params: { name: 'slow' } }
    const { take } = await talk(
      `${JSON.stringify(slow)}\n\n${JSON.stringify({ id: 2, method: 'echo', params: {} })}\n`,
    )
    expect(await take(1)).toMatchObject([{ id: 2 }])
    waiting.get('slow')?.()
    expect(await take(1)).toMatchObject([{ id: 1, result: 'waited' }])
  })

  it('answers a batch in its order', async () => {
    await listen()
    const answer = await ask([
      { id: 1, method: 'echo', params: {} },
      { id: 2, method: 'refuse', params: {} },
      { id: 3 },
    ])
    expect(answer).toMatchObject([
      { id: 1, result: {} },
      { id: 2, error: { code: 38 } },
      { id: 3, error: { code: -32600 } },
    ])
  })

  it('puts a request together from any pieces', async () => {
    await listen()
    const bytes = Buffer.from(`${JSON.stringify({ id: 1, method: 'echo', params: { text: 'żółw' } })}\n`)
    const { take } = await talk(...[...bytes].map((byte) => Buffer.from([byte])))
    expect(await take(1)).toMatchObject([{ result: { text: 'żółw' } }])
  })

  it('takes a line of a megabyte', async () => {
    await listen()
    const text = 'x'.repeat(1 << 20)
    expect(await ask({ id: 1, method: 'echo', params: { text } })).toMatchObject({ result: { text } })
  })

  it('refuses what is no request, with the numbers of JSON-RPC', async () => {
    await listen()
    const { take } = await talk('not json\n')
    expect(await take(1)).toMatchObject([{ id: null, error: { code: -32700 } }])
    for (const request of [1, 'a', null, [], {}, { id: 5, method: 'echo' }, { method: 1, params: {} }]) {
      expect(await ask(request)).toMatchObject({ error: { code: -32600 } })
    }
    expect(await ask({ id: 5, method: 'echo' })).toMatchObject({ id: 5 })
  })

  it('tells what went wrong, in coded form', async () => {
    await listen()
    expect(await ask({ id: 1, method: 'refuse', params: {} })).toMatchObject({
      error: { code: 38, data: { details: 'not now', info: { why: 1 } } },
    })
    expect(await ask({ id: 1, method: 'throw', params: {} })).toMatchObject({
      error: { code: 1, data: { details: 'broken' } },
    })
  })

  it('answers a caller that has ended its own side', async () => {
    await listen()
    const { socket, take } = await talk()
    socket.end(`${JSON.stringify({ id: 1, method: 'echo', params: {} })}\n`)
    expect(await take(1)).toMatchObject([{ id: 1 }])
  })

  it('takes the place of the socket of a daemon that was killed', async () => {
    await listen()
    const next = new EffectsServer(() => Promise.resolve('the next one'))
    await next.listen({ rpcDir, chownForContainer: () => Promise.resolve() })
    expect(await ask({ id: 1, method: 'echo', params: {} })).toMatchObject({ result: 'the next one' })
    await next.close(0)
  })

  it('can be reached below a path that is too long for a socket address', async () => {
    rpcDir = join(rpcDir, 'x'.repeat(120))
    await mkdir(rpcDir)
    await listen()
    expect(await ask({ id: 1, method: 'echo', params: {} })).toMatchObject({ result: {} })
  })

  it('waits for open calls when it closes, and leaves no file', async () => {
    await listen()
    const { take } = await talk(`${JSON.stringify({ id: 1, method: 'wait', params: { name: 'last' } })}\n`)
    await expect.poll(() => waiting.has('last')).toBe(true)
    const closed = server.close(30_000)
    waiting.get('last')?.()
    await closed
    expect(await take(1)).toMatchObject([{ result: 'waited' }])
    expect(await readdir(rpcDir)).toEqual([])
  })
})
