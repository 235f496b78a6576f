import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EffectsServer } from '../../src/service/effects-server.ts'
import { shortSocketPath } from '../../src/service/socket-path.ts'
import { untilClosed } from './wire.ts'

describe('the socket that services call the server by', () => {
  let directory: string
  let server: EffectsServer
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'startd-unix-'))
    server = new EffectsServer(async (_method, params) => params)
    await server.listen({ rpcDir: directory, chownForContainer: (path) => chown(path, 0, 0) })
  })
  afterEach(async () => {
    await server.close(100)
    await rm(directory, { recursive: true, force: true })
  })

  const open = async (): Promise<Socket> => {
    await using address = await shortSocketPath(join(directory, 'host.sock'))
    const socket = connect(address.path)
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  const say = async (bytes: string | Uint8Array): Promise<string> => {
    const socket = await open()
    const answer = untilClosed(socket)
    socket.end(bytes)
    return answer
  }
  const works = async () =>
    expect(JSON.parse(await say('{"id":1,"method":"echo","params":{"a":1}}\n'))).toMatchObject({
      result: { a: 1 },
    })

  it('answers random bytes with coded errors or not at all, and goes on', async () => {
    for (let i = 0; i < 150; i++) {
      const bytes = Buffer.concat([randomBytes(1 + ((i * 53) % 4000)), Buffer.from('\n')])
      for (const line of (await say(bytes)).split('\n').filter(Boolean)) {
        expect(JSON.parse(line)).toMatchObject({ error: { code: expect.any(Number) as number } })
        expect(line).not.toMatch(/ {4}at |node:internal/)
      }
    }
    await works()
  })

  it.each([
    ['nested without end', `${'['.repeat(200_000)}\n`],
    ['thousands of empty lines', '\n'.repeat(100_000)],
    ['a line without end', 'x'.repeat(5 << 20)],
    ['thousands of requests in one', `[${Array(5000).fill('{}').join()}]\n`],
    ['a key of every object', '{"id":1,"method":"__proto__","params":{"__proto__":{"x":1}}}\n'],
    ['half a request', '{"id":1,"meth'],
  ])('survives %s', async (_name, text) => {
    await say(text)
    await works()
  })

  it('survives clients that go without a word', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, open))
    for (const socket of sockets)
      socket.write('{"id":1,"method":"echo","params":{}}\n', () => socket.destroy())
    await works()
  })
})
