import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import archives from '../../../sdk/base/test/vectors/s9pk-archives.json' with { type: 'json' }
import { bytesSource, openS9pk } from '@startd/base/s9pk/index.ts'
import { World } from './world.ts'

const TINY = archives.vectors.find(({ name }) => name === 's9pk-tiny-pack-order')!
const bytes = Buffer.from(TINY.bytesHex, 'hex')

describe('a file of a package on the web', () => {
  let world: World
  const web = createServer((_request, response) => void response.end(bytes))
  beforeAll(async () => {
    world = await World.running()
    await once(web.listen(0, '127.0.0.1'), 'listening')
  })
  afterAll(async () => {
    web.closeAllConnections()
    web.close()
    await world[Symbol.asyncDispose]()
  })
  const address = () => `http://127.0.0.1:${(web.address() as AddressInfo).port}/tiny.s9pk`
  const get = (path: string, headers: Record<string, string> = { cookie: world.cookie }, method = 'GET') =>
    fetch(`${world.daemon.url}/s9pk/proxy/${path}`, { headers, method })

  it('is sent with its hash to somebody who has logged in', async () => {
    const path = `${encodeURIComponent(address())}/manifest.json`
    const answer = await get(path)
    expect([answer.status, answer.headers.get('repr-digest')]).toEqual([
      200,
      expect.stringMatching(/^blake3=:[\w+/]{43}:$/) as string,
    ])
    expect(await answer.json()).toHaveProperty('id')
    expect((await get(path, {}, 'HEAD')).status).toBe(401)
    expect((await get(path, { cookie: world.cookie }, 'HEAD')).status).toBe(200)
    expect((await get(path, { cookie: await world.localCookie() })).status).toBe(401)
    expect((await get(path, { cookie: world.cookie, origin: 'http://evil.example' })).status).toBe(401)
  })

  it('must be of the archive that was meant', async () => {
    const { rootSighash, rootMaxsize } = (await openS9pk(bytesSource(bytes), {})).commitment
    const pin = (hash: string) =>
      `${encodeURIComponent(address())}/manifest.json?rootSighash=${encodeURIComponent(hash)}&rootMaxsize=${rootMaxsize}`
    expect((await get(pin(rootSighash))).status).toBe(200)
    const other = await get(pin(Buffer.alloc(32).toString('base64')))
    expect(other.status).toBe(502)
    expect(await other.text()).not.toContain('manifest')
    expect((await get(pin('x'))).status).toBe(400)
    expect((await get(`${encodeURIComponent(address())}/manifest.json?rootMaxsize=1`)).status).toBe(400)
  })

  it.each([
    ['file:///etc/passwd', 400],
    ['nonsense', 400],
    ['http://127.0.0.1:1/x', 502],
  ])('cannot be of %s', async (url, status) => {
    expect((await get(`${encodeURIComponent(url)}/x`)).status).toBe(status)
  })

  it('that is not there is not found', async () => {
    expect((await get(`${encodeURIComponent(address())}/nothing.md`)).status).toBe(404)
  })
})
