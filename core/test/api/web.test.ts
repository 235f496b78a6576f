import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World } from './world.ts'

let world: World
let web: string
const SCRIPT = 'x'.repeat(5000)

beforeAll(async () => {
  web = await mkdtemp(join(tmpdir(), 'startd-web-'))
  await writeFile(join(web, 'index.html'), '<!doctype html><title>Home</title><script>boot()</script>')
  await writeFile(join(web, 'main-ABCD1234.js'), SCRIPT)
  await writeFile(join(web, 'chunk-C9Lt-MbI.js'), SCRIPT)
  await writeFile(join(web, 'empty.txt'), '')
  await mkdir(join(web, 'assets'))
  await writeFile(join(web, 'assets/logo.svg'), '<svg/>')
  world = await World.create({ web })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await rm(web, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(world.daemon.url + path, { method, headers })

/** Bytes as they come, without the decoding of `fetch`, and with any `Host`. */
function raw(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; encoding: string; length: number }> {
  return new Promise((resolve, reject) => {
    request(new URL(world.daemon.url).origin, { path, headers }, (response) => {
      let length = 0
      response.on('data', (chunk: Buffer) => (length += chunk.length))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          encoding: response.headers['content-encoding'] ?? '',
          length,
        }),
      )
    })
      .on('error', reject)
      .end()
  })
}

describe('the web interface', () => {
  it('answers pages that it routes itself with its index', async () => {
    for (const path of ['/', '/services/hello-world', '/index.html']) {
      const response = await get(path)
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-control')).toBe('no-cache')
      expect(await response.text()).toContain('Home')
    }
  })

  it('does not answer a missing file with a page', async () => {
    expect((await get('/main-OLDOLD12.js')).status).toBe(404)
    expect((await get('/assets/nothing.svg')).status).toBe(404)
  })

  it.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2f..%2fetc/passwd',
    '/.git',
    '/a%00b',
    '/%ff',
    '/assets%5c..%5c',
  ])('keeps inside its directory: %s', async (path) => {
    expect([400, 404]).toContain((await raw(path, {})).status)
  })

  it('keeps named-by-content files for ever and asks again for others', async () => {
    const response = await get('/main-ABCD1234.js')
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect((await get('/chunk-C9Lt-MbI.js')).headers.get('cache-control')).toContain('immutable')
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    const etag = response.headers.get('etag') ?? ''
    expect((await get('/main-ABCD1234.js', { 'if-none-match': etag })).status).toBe(304)
    expect((await get('/main-ABCD1234.js', { 'if-none-match': '"other"' })).status).toBe(200)
  })

  it('compresses as the browser likes', async () => {
    const encodings = [
      ['br, gzip', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
      ['identity', ''],
    ] as const
    for (const [accepted, expected] of encodings) {
      const answer = await raw('/main-ABCD1234.js', { 'accept-encoding': accepted })
      expect([accepted, answer.encoding]).toEqual([accepted, expected])
      expect(answer.length).toBeLessThan(expected === '' ? SCRIPT.length + 1 : 500)
    }
    expect((await get('/main-ABCD1234.js')).headers.get('vary')).toContain('Accept-Encoding')
  })

  it('answers HEAD with the headers alone', async () => {
    const response = await get('/assets/logo.svg', {}, 'HEAD')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe('6')
    expect(await response.text()).toBe('')
  })

  it.each([
    ['bytes=0-3', 206, 4],
    ['bytes=4990-', 206, 10],
    ['bytes=-5', 206, 5],
    ['bytes=4999-9999', 206, 1],
    ['bytes=5000-', 416, 0],
    ['bytes=9-3', 200, 5000],
    ['lines=1-2', 200, 5000],
  ])('answers the range %s with %i', async (range, status, length) => {
    const answer = await raw('/main-ABCD1234.js', { range })
    expect(answer).toMatchObject({ status, length })
  })

  it('takes an empty file as it is', async () => {
    expect(await raw('/empty.txt', { range: 'bytes=0-1' })).toMatchObject({ status: 416 })
    expect(await raw('/empty.txt', {})).toMatchObject({ status: 200, length: 0 })
  })

  it('takes no other verbs', async () => {
    for (const verb of ['DELETE', 'PROPFIND']) expect((await get('/', {}, verb)).status).toBe(405)
  })

  it('sees a new build', async () => {
    await writeFile(join(web, 'note.txt'), 'one')
    expect(await (await get('/note.txt')).text()).toBe('one')
    await writeFile(join(web, 'note.txt'), 'three')
    expect(await (await get('/note.txt')).text()).toBe('three')
  })
})

describe('every answer', () => {
  it('forbids frames, foreign scripts and guessing of types', async () => {
    const { headers } = await get('/')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval' 'sha256-[\w+/]{43}='/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect((await get('/rest/rpc/x')).headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each([
    ['localhost', 200],
    ['attic', 200],
    ['attic.local:8080', 200],
    ['192.168.1.5', 200],
    ['[::1]:8080', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['evil.example#.local', 421],
    ['a@b.local', 421],
  ])('is only given under an own name: %s', async (host, status) => {
    expect((await raw('/', { host })).status).toBe(status)
  })
})
