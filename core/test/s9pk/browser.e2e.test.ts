import { join } from 'node:path'
import { build } from 'esbuild'
import { type Browser, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as reader from '@startd/base/s9pk/index.ts'
import { type Behaviour, MirrorServer } from '../../src/s9pk/download/test/mirror-server.ts'
import { threeArches } from '../../src/s9pk/download/test/three-arches.ts'

declare const startd: typeof reader

/** What a server must say so that pages of other origins may read its answers. */
const OPEN = { 'access-control-allow-origin': '*' }
const TOLD = { ...OPEN, 'access-control-expose-headers': 'content-range, etag' }

let browser: Browser
let page: Page
let packed: Awaited<ReturnType<typeof threeArches>>
beforeAll(async () => {
  packed = await threeArches({ code: 200_000, assets: 300_000, image: 100_000 })
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../../../sdk/base/src/s9pk/index.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'startd',
    target: 'es2022',
  })
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  page = await browser.newPage()
  await page.addScriptTag({ content: outputFiles[0]!.text })
})
afterAll(() => browser.close())

const serve = (behaviour: Behaviour) => MirrorServer.serve(packed.bytes, behaviour)

describe('the reader in a browser', () => {
  it.each([
    ['whose headers it may see', TOLD],
    ['that hides them', OPEN],
  ])('opens a package on a server %s', async (_, headers) => {
    await using server = await serve({ headers: () => headers })
    const read = await page.evaluate(async (url) => {
      const s9pk = await startd.openS9pkUrl(url)
      return [s9pk.manifest.id, await s9pk.license(), (await s9pk.icon()).slice(0, 18)]
    }, server.url)
    expect(read).toEqual(['probe', 'MIT', 'data:image/svg+xml'])
    expect(server.sent).toBeLessThan(64_000)
  })

  it('opens one on a server without ranges, as a stream, and as a file', async () => {
    await using server = await serve({ noRanges: true, headers: () => OPEN })
    const read = await page.evaluate(async (url) => {
      const remote = await startd.openS9pkUrl(url)
      const { s9pk, rest } = await startd.openS9pkStream((await fetch(url)).body!)
      await rest()
      const file = await startd.openS9pk(startd.blobSource(await (await fetch(url)).blob()))
      await file.verify()
      return [remote, s9pk, file].map(({ manifest }) => manifest.id)
    }, server.url)
    expect(read).toEqual(['probe', 'probe', 'probe'])
  })

  it('refuses one with a wrong byte', async () => {
    await using server = await serve({
      headers: () => OPEN,
      change: (bytes, start) => {
        if (start === 0) bytes[60]! ^= 1
        return bytes
      },
    })
    const said = await page.evaluate(
      (url) => startd.openS9pkUrl(url).then(String, (error: unknown) => String(error)),
      server.url,
    )
    expect(said).toMatch(/signature of this package does not match/)
  })
})
