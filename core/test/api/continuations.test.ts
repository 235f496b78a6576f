import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Continuations } from '../../src/rpc/continuations.ts'
import { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.running()
})
afterAll(() => world[Symbol.asyncDispose]())

interface Slot {
  upload: string
  progress: string
}
const open = async () => (await world.ok('package.sideload', {})) as Slot
const put = (guid: string, body: Uint8Array<ArrayBuffer>) =>
  fetch(`${world.daemon.url}/rest/rpc/${guid}`, { method: 'POST', body })

describe('a one-shot id', () => {
  it('has 32 characters and works once', async () => {
    const { guid } = (await world.ok('db.subscribe', {})) as { guid: string }
    expect(guid).toMatch(/^[A-Z2-7]{32}$/)
    const socket = world.socket(guid)
    await new Promise((resolve) => socket.once('open', resolve))
    await expect(world.frames(guid)).rejects.toThrow('404')
    socket.terminate()
  })

  it('of a socket is not used up by a request for an upload', async () => {
    const { guid } = (await world.ok('db.subscribe', {})) as { guid: string }
    expect((await put(guid, new Uint8Array(1))).status).toBe(404)
    expect((await fetch(`${world.daemon.url}/ws/rpc/${guid}`)).status).toBe(426)
    expect((await put('A'.repeat(300), new Uint8Array(1))).status).toBe(404)
    const socket = world.socket(guid)
    await new Promise((resolve) => socket.once('open', resolve))
    socket.terminate()
  })

  it('expires, and says so to its maker', async () => {
    const continuations = new Continuations()
    const { promise, resolve } = Promise.withResolvers<string>()
    const guid = continuations.socket(async () => {}, {
      session: null,
      lifetime: 1,
      onUnused: ({ kind }) => resolve(kind),
    })
    expect(await promise).toBe('Timeout')
    expect(continuations.takeSocket(guid)).toBeNull()
  })
})

describe('an upload', () => {
  it('arrives whole and its progress ends well', async () => {
    const bytes = randomBytes(3_000_000)
    const slot = await open()
    const [sent, told] = await Promise.all([put(slot.upload, bytes), world.frames(slot.progress)])
    expect(sent.status).toBe(204)
    expect(world.services.installed).toContain(createHash('sha256').update(bytes).digest('hex'))
    expect(told).toMatchObject({ code: 1000, reason: 'complete' })
    expect(told.frames.at(-1)).toMatchObject({ overall: true })
    expect((await put(slot.upload, bytes)).status).toBe(404)
  })

  it('of an unannounced size is whatever arrives', async () => {
    const slot = await open()
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('abc'))
        controller.close()
      },
    })
    const sent = await fetch(`${world.daemon.url}/rest/rpc/${slot.upload}`, {
      method: 'PUT',
      body,
      duplex: 'half',
    })
    expect(sent.status).toBe(204)
    expect(await world.frames(slot.progress)).toMatchObject({ code: 1000 })
  })

  it('that breaks off fails with the reason on the progress socket', async () => {
    const slot = await open()
    const progress = world.frames(slot.progress)
    const url = new URL(`/rest/rpc/${slot.upload}`, world.daemon.url)
    const sending = request(url, { method: 'POST', headers: { 'content-length': 1000 } })
    sending.on('error', () => {})
    sending.write('half', () => sending.destroy())
    const { code, reason } = await progress
    expect(code).toBe(1011)
    expect(reason).toMatch(/^(Network error|Cancelled): /)
  })

  it('that is refused is answered with the reason, however much is still to come', async () => {
    const slot = await open()
    const sent = await put(slot.upload, Buffer.alloc(20_000_000))
    expect(sent.status).toBe(400)
    expect(await sent.text()).toContain('not a package')
    expect(await world.frames(slot.progress)).toMatchObject({ code: 1011 })
  })

  it('is given up when the sender has gone without a word', async () => {
    const { upload } = await open()
    const sent = request(`${world.daemon.url}/rest/rpc/${upload}`, { method: 'POST' })
    sent.write('some of it')
    const [socket] = (await once(sent, 'socket')) as [Socket]
    if (socket.connecting) await once(socket, 'connect')
    await expect
      .poll(async () => (await execa('ss', ['-tnoH', `dport = :${socket.localPort}`])).stdout)
      .toContain('keepalive')
    sent.on('error', () => undefined).destroy()
    await new Promise((resolve) => sent.once('close', resolve))
  })

  it('from another origin is refused', async () => {
    const slot = await open()
    const sent = await fetch(`${world.daemon.url}/rest/rpc/${slot.upload}`, {
      method: 'POST',
      body: 'x',
      headers: { origin: 'http://evil.example' },
    })
    expect(sent.status).toBe(403)
  })
})

describe('db.subscribe', () => {
  interface Subscribed {
    dump: { id: number; value: { ui: { snakeHighScore: number } } }
    guid: string
  }

  it('brings each change after the dump, and a fence for what it cannot see', async () => {
    const { dump, guid } = (await world.ok('db.subscribe', {})) as Subscribed
    await world.ok('db.put.ui', { pointer: '/snakeHighScore', value: dump.value.ui.snakeHighScore + 1 })
    const socket = world.socket(guid)
    const frames: { id: number; patch: unknown[] }[] = []
    const next = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => frames.length >= count && resolve()
        socket.on('message', look)
        look()
      })
    socket.on('message', (data: Buffer, binary) => {
      expect(binary).toBe(false)
      frames.push(JSON.parse(data.toString()) as (typeof frames)[number])
    })
    await next(1)
    expect(frames[0]).toEqual({
      id: dump.id + 1,
      patch: [{ op: 'replace', path: '/ui/snakeHighScore', value: dump.value.ui.snakeHighScore + 1 }],
    })
    await world.logIn()
    const answer = await world.call('package.stop', { id: 'none' })
    await next(2)
    expect(frames[1]).toEqual({ id: Number(answer.headers.get('x-patch-sequence')), patch: [] })
    socket.terminate()
  })

  it('refuses what is no pointer', async () => {
    expect((await world.call('db.subscribe', { pointer: 'public' })).body.error?.code).toBe(-32602)
    expect((await world.call('db.put.ui', { pointer: '/a/b/c', value: 1 })).body.error?.code).toBe(29)
  })

  it('ends without closing handshake when the server stops', async () => {
    const own = await World.running()
    const { guid } = (await own.ok('db.subscribe', {})) as Subscribed
    const socket = own.socket(guid)
    await new Promise((resolve) => socket.once('open', resolve))
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    await own[Symbol.asyncDispose]()
    expect(await closed).toBe(1006)
  })
})
