import { open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openS9pkFile, treeOfArchive, writeArchive } from '../../core/src/s9pk/index.ts'
import { type Complaints, openBrowser, openPage } from './browser.ts'
import { TestServer } from './server.ts'
import { setUp } from './visit.ts'

const PACKAGE = join(import.meta.dirname, '../../sdk/examples/hello-world/hello-world.s9pk')

describe('an owner of hello-world', { timeout: 120_000 }, () => {
  const forged = join(tmpdir(), `startd-forged-${process.pid}.s9pk`)
  let server: TestServer
  let browser: Browser
  let page: Page
  let complaints: Complaints

  beforeAll(async () => {
    await sign(PACKAGE, forged)
    server = await TestServer.create()
    browser = await openBrowser()
    ;({ page, complaints } = await openPage(browser))
    await setUp(page, server.url)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await rm(forged, { force: true })
  })

  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const choose = async (file: string) => {
    await page.locator('nav').getByRole('link', { name: 'Services' }).click()
    await page.locator('nav').getByRole('link', { name: 'Add a service' }).click()
    await page.locator('input[type=file]').setInputFiles(file)
    await page.getByRole('heading', { name: 'Hello World' }).waitFor()
  }
  const install = async (name: string) => {
    await button(name).click()
    await page.getByText('Hello World is installed').waitFor()
  }

  it('installs it without a question', async () => {
    await choose(PACKAGE)
    expect(await page.getByText('Somebody else has signed').count()).toBe(0)
    await install('Install')
  })

  it('is warned of a package that somebody else has signed, and must say that the key is known', async () => {
    await choose(forged)
    await page.getByRole('alert').filter({ hasText: 'Somebody else has signed this package' }).waitFor()
    await page.locator('dd').filter({ hasText: 'SHA256:' }).nth(1).waitFor()
    expect(await button('Install again').isDisabled()).toBe(true)
    await page.getByLabel('The maker has told me of this new key').check()
    await install('Install again')
  })

  it('learns that the stored file is damaged, and how to repair it', async () => {
    await damage(join(server.data, 'package-data/archive/installed'))
    // As the server does by itself from time to time.
    const check = await page.evaluate(async () => {
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'package.verify',
        params: { id: 'hello-world' },
      })
      const answer = await fetch('/rpc/v1', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      return (await answer.json()) as unknown
    })
    expect(check).toMatchObject({ result: { damage: expect.stringContaining('does not match') } })
    await page.locator('nav').getByRole('link', { name: 'Notifications' }).click()
    await page.getByRole('heading', { name: 'The package file of Hello World is damaged' }).waitFor()
    await page.getByRole('link', { name: 'Add the file again' }).click()
    await page.locator('input[type=file]').setInputFiles(forged)
    await install('Install again')
    expect(complaints).toEqual([])
  })
})

/** Changes one byte of the image in the only package file there. */
async function damage(directory: string): Promise<void> {
  const [name = ''] = await readdir(directory)
  await using file = await open(join(directory, name), 'r+')
  const { size } = await file.stat()
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, size - 3000)
  await file.write(Buffer.of(byte[0]! ^ 1), 0, 1, size - 3000)
}

/** The same package, signed by another key. */
async function sign(path: string, output: string): Promise<void> {
  await using file = await openS9pkFile(path)
  await writeArchive(treeOfArchive(file.s9pk.archive), output, {
    signer: { seed: new Uint8Array(32).fill(9) },
  })
}
