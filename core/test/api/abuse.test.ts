import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ECHOED, post, untilClosed, Wire } from './wire.ts'

let wire: Wire
beforeAll(async () => {
  wire = await Wire.open({ headersWithin: 300, bodyWithin: { anonymous: 300, known: 300 } })
})
afterAll(() => wire[Symbol.asyncDispose]())
afterEach(async () => {
  expect(await wire.echo()).toBe(ECHOED)
  expect(wire.errors).toEqual([])
})

/** What no answer may hold: an error of ours, or anything of the program behind it. */
const INNER = /HTTP\/1\.1 5|\n {4}at |node:|\.ts\b|node_modules/

/** Sends a byte at a time until the connection is closed. */
async function drip(socket: Socket, bytes: () => string): Promise<string> {
  const answer = untilClosed(socket)
  const timer = setInterval(() => socket.write(bytes()), 20)
  try {
    return await answer
  } finally {
    clearInterval(timer)
  }
}

describe('a slow client is let go', () => {
  it('that says nothing', async () => {
    expect(await untilClosed(await wire.connect())).toMatch(/^(HTTP\/1\.1 408|$)/)
  })

  it('whose headers have no end', async () => {
    const socket = await wire.connect()
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
    expect(await drip(socket, () => 'x: y\r\n')).toMatch(/^HTTP\/1\.1 408/)
  })

  it('whose body does not arrive, with a reason', async () => {
    const socket = await wire.connect()
    socket.write('POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n')
    const answer = await drip(socket, () => ' ')
    expect(answer).toMatch(/^HTTP\/1\.1 200/)
    expect(answer).toContain('"code":71')
  })

  it('whose chunks do not end', async () => {
    const socket = await wire.connect()
    socket.write('POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
    expect(await drip(socket, () => '1\r\n \r\n')).toContain('"code":71')
  })
})

describe('the memory for calls', () => {
  it('is bounded for strangers together, and given back', async () => {
    await using tight = await Wire.open({ bodyBytesAltogether: { anonymous: 100_000, known: 0 } })
    const half = post('{"method":"echo","params":{"message":"' + 'x'.repeat(60_000) + '"}}')
    const first = await tight.connect()
    first.write(half.slice(0, -1))
    const taken = once(tight.http.server, 'request')
    await taken
    const seen = new Promise<string>((resolve) => {
      const look = async () => {
        const answer = await tight.send(half.replace('\r\n', '\r\nConnection: close\r\n'))
        if (answer.includes('"code":37')) resolve(answer)
        else void look()
      }
      void look()
    })
    expect(await seen).toContain('"retryAfter":1')
    const answered = once(first, 'data')
    first.write('}')
    await answered
    first.destroy()
    expect(await tight.send(half.replace('\r\n', '\r\nConnection: close\r\n'))).toContain('"result":"xxx')
  })
})

describe('bytes that are no HTTP', () => {
  const requests = [
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.0\r\n\r\n',
    'GET /\r\n\r\n',
    'GET / HTTP/3.7\r\nHost: localhost\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\nA\0B: c\r\n\r\n',
    'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n',
    'GET / HTTP/1.1\nHost: localhost\n\n',
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: localhost\r\n${'A: b\r\n'.repeat(3000)}\r\n`,
    `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${';='.repeat(7000)}\r\n\r\n`,
    'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET //evil.example/%2e%2e HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET /%zz%00 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'TRACE / HTTP/1.1\r\nHost: localhost\r\nCookie: session=x\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n',
    'GET /ws/rpc/A HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'GET /ws/rpc/A HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 99\r\n\r\n',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nExpect: a-miracle\r\nContent-Length: 2\r\n\r\n{}',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\nA: b\r\n\r\n',
    'POST /rest/rpc/%00 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n',
    'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nX-StartOS-Auth-Sig: %\r\nContent-Length: 2\r\n\r\n{}',
  ]

  it.each(requests.map((bytes) => [JSON.stringify(bytes.slice(0, 60)), bytes]))(
    'are refused or ignored: %s',
    async (_name, bytes) => {
      const socket = await wire.connect()
      const answer = untilClosed(socket)
      socket.end(bytes)
      expect(await answer).not.toMatch(INNER)
    },
  )

  it('and are random are refused, on any path of a request', async () => {
    const starts = ['', 'GET ', 'POST /rpc/v1 HTTP/1.1\r\n', 'POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\n']
    for (let i = 0; i < 200; i++) {
      const bytes = Buffer.concat([Buffer.from(starts[i % 4]!), randomBytes(1 + ((i * 37) % 3000))])
      const socket = await wire.connect()
      const answer = untilClosed(socket)
      socket.end(bytes)
      expect({ sent: bytes.toString('base64'), answer: await answer }).toMatchObject({
        answer: expect.not.stringMatching(INNER) as string,
      })
    }
  }, 30_000)
})

describe('requests without a pause', () => {
  it('are all answered, in their order', async () => {
    const count = 3000
    const calls = Array.from({ length: count }, (_, id) => post(`{"id":${id},"method":"state","params":{}}`))
    const last = post('{"method":"state","params":{}}', 'Connection: close\r\n')
    const answer = await wire.send(calls.join('') + last)
    const ids = [...answer.matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id))
    expect(ids).toEqual(calls.map((_, id) => id))
  })

  it('end with the first that cannot be read', async () => {
    const answer = await wire.send(post('{"method":"state","params":{}}') + 'nonsense\r\n\r\n' + post('{}'))
    expect(answer.match(/HTTP\/1\.1 \d+/g)?.at(-1)).toBe('HTTP/1.1 400')
    expect(answer).not.toMatch(INNER)
  })
})

describe('a body that means harm', () => {
  const big = 250_000
  const call = async (body: string | Uint8Array) => {
    const head = `POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
    return wire.send(Buffer.concat([Buffer.from(head), Buffer.from(body)]))
  }
  const echo = (message: string) => `{"id":1,"method":"echo","params":{"message":${message}}}`

  it.each([
    ['nested arrays', '['.repeat(big), -32700],
    ['nested objects', '{"a":'.repeat(big / 5), -32700],
    ['a million empty calls', `[${'{},'.repeat(80_000)}{}]`, -32600],
    ['thousands of calls', `[${Array(6000).fill('{"method":"state","params":{}}').join()}]`, -32600],
    ['a number without end', echo('1'.repeat(big)), -32602],
    ['a number too large', echo('1e999'), -32602],
    ['thousands of wrong members', echo(`[${'0,'.repeat(100_000)}0]`), -32602],
    ['a key of every object', '{"method":"__proto__","params":{}}', -32601],
    ['no text', new Uint8Array([0xff, 0xfe, 0x7b, 0x00]), -32700],
    ['text that is cut inside a letter', Buffer.from('{"method":"ä').subarray(0, 13), -32700],
    ['an id that is an object', '{"id":{},"method":"state","params":{}}', -32700],
    ['a name of a megabyte', `{"method":"${'x'.repeat(big)}","params":{}}`, -32601],
  ])('is answered with its error: %s', async (_name, body, code) => {
    const answer = await call(body)
    expect(answer).toMatch(/^HTTP\/1\.1 200/)
    expect(answer).toContain(`"code":${code},`)
    expect(answer).not.toMatch(INNER)
    expect(answer.length).toBeLessThan(6000)
  })

  it('names a key twice: the last one counts', async () => {
    const answer = await call('{"id":1,"id":2,"method":"echo","params":{"message":"a","message":"b"}}')
    expect(answer).toContain('"result":"b","id":2}')
  })

  it('names a prototype: it is a key like others', async () => {
    const answer = await call(
      '{"id":1,"method":"echo","params":{"__proto__":{"message":"x"},"constructor":1}}',
    )
    expect(answer).toContain('-32602')
    expect(({} as { message?: string }).message).toBeUndefined()
  })

  it('has a thousand calls: each is answered', async () => {
    const answer = await call(`[${Array(1000).fill(echo('"a"')).join()}]`)
    expect(answer.match(/"result":"a"/g)).toHaveLength(1000)
  })
})

describe('a WebSocket', () => {
  const open = async (handler: (signal: AbortSignal) => Promise<void>) => {
    const guid = wire.http.continuations.socket((_socket, signal) => handler(signal), { session: null })
    const socket = await wire.connect()
    socket.write(
      `GET /ws/rpc/${guid} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 101/)
    return socket
  }
  const frames: [string, number[]][] = [
    ['without a mask', [0x81, 0x01, 0x61]],
    ['of an unknown kind', [0x83, 0x80, 0, 0, 0, 0]],
    ['with reserved bits', [0xf1, 0x80, 0, 0, 0, 0]],
    ['of 2^63 bytes', [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['of a megabyte', [0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]],
    ['that controls and is long', [0x89, 0xfe, 0x01, 0, 0, 0, 0, 0]],
    ['that goes on with nothing', [0x80, 0x80, 0, 0, 0, 0]],
    ['that is no text', [0x81, 0x81, 0, 0, 0, 0, 0xff]],
    ['that closes with no reason', [0x88, 0x81, 0, 0, 0, 0, 0]],
  ]

  it.each(frames)('that gets a frame %s is closed, and its stream ends', async (_name, frame) => {
    const ended = Promise.withResolvers<void>()
    const socket = await open(async (signal) => {
      if (!signal.aborted) await once(signal, 'abort')
      ended.resolve()
    })
    const closed = untilClosed(socket)
    socket.write(Buffer.from(frame))
    await Promise.all([closed, ended.promise])
  })

  it('that gets random bytes is closed', async () => {
    for (let i = 0; i < 50; i++) {
      const socket = await open(async (signal) => void (signal.aborted || (await once(signal, 'abort'))))
      socket.end(randomBytes(500))
      await untilClosed(socket)
    }
  })
})

describe('promised streams', () => {
  it('are bounded for each caller: the oldest unused one goes', () => {
    const { continuations } = wire.http
    const refused: string[] = []
    const promise = (session: string | null) =>
      continuations.socket(async () => {}, { session, onUnused: ({ kind }) => refused.push(kind) })
    const owned = promise('me')
    const first = promise(null)
    for (let i = 0; i < 600; i++) promise(null)
    expect(refused).toContain('RateLimited')
    expect(continuations.takeSocket(first)).toBeNull()
    expect(continuations.takeSocket(owned)).not.toBeNull()
  })
})
