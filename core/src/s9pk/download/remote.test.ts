import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TransferError, openS9pkUrl } from '@startd/base/s9pk/index.ts'
import { type Behaviour, MirrorServer } from './test/mirror-server.ts'
import { threeArches } from './test/three-arches.ts'

let packed: Awaited<ReturnType<typeof threeArches>>
let servers: AsyncDisposableStack
beforeAll(async () => {
  packed = await threeArches({ code: 200_000, assets: 300_000, image: 100_000 })
})
beforeEach(() => {
  servers = new AsyncDisposableStack()
})
afterEach(() => servers.disposeAsync())

const serve = async (behaviour: Behaviour = {}, file = packed.bytes) =>
  servers.use(await MirrorServer.serve(file, behaviour))
const faultOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'accepted',
    (error: unknown) => (error instanceof TransferError ? error.fault : String(error)),
  )

describe('a package on the web', () => {
  it('opens with a few small reads, wherever its tables lie', async () => {
    for (const file of [packed.bytes, packed.priority]) {
      const server = await serve({}, file)
      const s9pk = await openS9pkUrl(server.url)
      expect(s9pk.manifest.id).toBe('probe')
      expect(await s9pk.license()).toBe('MIT')
      expect(s9pk.archive.source.size).toBe(file.length)
      expect(server.sent).toBeLessThan(40_000)
      expect(server.requests.length).toBeLessThan(7)
    }
  })

  it('is verified as any other', async () => {
    const server = await serve()
    await (await openS9pkUrl(server.url)).verify()
    const bad = await serve({
      change: (bytes, start) => {
        if (start < 250_000 && start + bytes.length > 250_000) bytes[250_000 - start]! ^= 1
        return bytes
      },
    })
    await expect((await openS9pkUrl(bad.url)).verify()).rejects.toThrow(/does not match its hash/)
  })

  it('is read from the front by a server without ranges, and anew for what has passed', async () => {
    const server = await serve({ noRanges: true })
    const controller = new AbortController()
    const s9pk = await openS9pkUrl(server.url, { signal: controller.signal })
    expect(await s9pk.license()).toBe('MIT')
    expect(server.requests.length).toBeLessThan(5)
    await s9pk.verify()
    controller.abort()
    expect(await faultOf(openS9pkUrl(server.url, { requireRanges: true }))).toBe('no-ranges')
  })

  it.each<[string, string, Behaviour]>([
    ['is cut off', 'cut', { cutAfter: () => 100 }],
    ['falls silent', 'stalled', { stallAfter: () => 100 }],
    ['never answers', 'stalled', { stallAfter: () => 0 }],
    ['answers with another range', 'wrong-range', { shift: 3 }],
    ['sends more than asked for', 'wrong-range', { headers: () => ({ 'content-range': 'bytes 0-9/100' }) }],
    ['has nothing there', 'refused', { status: () => 404 }],
    ['asks for a login', 'refused', { status: () => 401 }],
    ['is out of order', 'busy', { status: () => 500 }],
    ['changes the file', 'changed', { headers: (n) => ({ etag: `"${n}"` }) }],
  ])('is given up when the server %s', async (_, fault, behaviour) => {
    const server = await serve(behaviour)
    expect(await faultOf(openS9pkUrl(server.url, { patience: 200 }))).toBe(fault)
  })

  it('is given up when the caller cancels', async () => {
    const server = await serve({ stallAfter: () => 100 })
    const controller = new AbortController()
    const opening = faultOf(openS9pkUrl(server.url, { signal: controller.signal }))
    controller.abort()
    expect(await opening).toMatch(/cancelled/)
  })

  it('must have an address of the web', async () => {
    expect(await faultOf(openS9pkUrl('file:///etc/passwd'))).toMatch(/not a web address/)
    expect(await faultOf(openS9pkUrl('nonsense'))).toMatch(/not a web address/)
  })
})
