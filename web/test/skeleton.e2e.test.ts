import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Complaints, openBrowser, openPage } from './browser.ts'
import { TestServer } from './server.ts'
import { PASSWORD } from './visit.ts'

const PACKAGE = join(import.meta.dirname, '../../sdk/examples/hello-world/hello-world.s9pk')

/** The whole way of a newcomer, in one browser that is never reloaded. */
describe('a newcomer with a new server', { timeout: 120_000 }, () => {
  let server: TestServer
  let browser: Browser
  let page: Page
  let complaints: Complaints

  beforeAll(async () => {
    server = await TestServer.create()
    browser = await openBrowser()
    ;({ page, complaints } = await openPage(browser))
    await page.goto(server.url)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const status = () => page.locator('header sd-status')
  const openLink = () => page.locator('header .controls').getByRole('link', { name: 'Open' })
  const tab = (name: string) => page.locator('nav').getByRole('link', { name, exact: true }).click()
  const shows = (text: string | RegExp) => page.getByText(text).first().waitFor()

  it('is told what is wrong with a name and a password', async () => {
    await button('Set up my server').click()
    await shows('Give your server a name.')
    await shows('Choose a password of at least 12 characters.')
  })

  it('chooses both and is in', async () => {
    await page.getByLabel('What shall it be called?').fill('Attic Server')
    await page.locator('#password').fill(PASSWORD)
    await page.locator('#again').fill(PASSWORD)
    await button('Set up my server').click()
    await shows('Your server is ready')
    await expect.poll(() => page.title()).toBe('Services · Attic Server')
  })

  it('logs out, mistypes the password, and logs in', async () => {
    await page.getByRole('link', { name: 'Settings' }).click()
    await button('Log out').first().click()
    await page.locator('#password').fill('not it')
    await button('Log in').click()
    await shows('This is not the password.')
    await page.locator('#password').fill(PASSWORD)
    await button('Log in').click()
    await page.getByRole('link', { name: 'Services' }).click()
    await shows('Your server is ready')
    // From here on nothing may load the page again.
    await page.evaluate(() => Object.assign(globalThis, { untouched: true }))
  })

  it.each([
    ['a ZIP archive', Buffer.from('PK\u0003\u0004 and so on, for a while'), 'This is a ZIP archive'],
    [
      'a package of the old format',
      Buffer.concat([Buffer.from([0x3b, 0x3b, 1]), Buffer.alloc(200)]),
      'old system',
    ],
    ['anything else', Buffer.from('A letter to my aunt, and not a package at all.'), 'not a package'],
  ])('is told before the upload that %s is no package', async (_, buffer, words) => {
    await page.locator('nav').getByRole('link', { name: 'Add a service' }).click()
    await page.locator('input[type=file]').setInputFiles({ name: 'x.s9pk', mimeType: '', buffer })
    await page.getByRole('alert').filter({ hasText: words }).waitFor()
  })

  it('is told that a cut-off package is incomplete', async () => {
    const whole = await readFile(PACKAGE)
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'half.s9pk', mimeType: '', buffer: whole.subarray(0, whole.length / 2) })
    await page.getByRole('alert').filter({ hasText: 'incomplete' }).waitFor()
  })

  it('looks into hello-world and installs it', async () => {
    await page.locator('input[type=file]').setInputFiles(PACKAGE)
    await page.getByRole('heading', { name: 'Hello World' }).waitFor()
    await shows('What it may use')
    await button('Install').click()
    await shows('Hello World is installed')
    await page.getByRole('link', { name: 'Show the service' }).click()
    await expect.poll(() => status().innerText()).toBe('Stopped')
  })

  it('starts it and sees it run, with a green check', async () => {
    await button('Start').click()
    await expect.poll(() => status().innerText(), { timeout: 60_000, interval: 50 }).toBe('Running')
    await page.locator('sd-health [data-result=success]').first().waitFor()
  })

  it('opens its page and reads it', async () => {
    const [opened] = await Promise.all([page.waitForEvent('popup'), openLink().click()])
    await opened.getByText('Hello, World!').first().waitFor()
    await opened.close()
  })

  it('changes the greeting in a form that does not take nonsense', async () => {
    await tab('Actions')
    await button(/Set greeting/).click()
    const greeting = page.getByRole('textbox', { name: 'Greeting' })
    await greeting.fill('')
    await button('Save').click()
    await shows('This is needed.')
    await greeting.fill('Good morning, attic')
    await button('Save').click()
    await page.locator('sd-action-result').getByText('Good morning, attic').waitFor()
    await page.locator('tui-dialog footer').getByRole('button', { name: 'Close' }).click()
    const [opened] = await Promise.all([page.waitForEvent('popup'), openLink().click()])
    await opened.getByText('Good morning, attic').first().waitFor()
    await opened.close()
  })

  it('reads its log and searches in it', async () => {
    await tab('Logs')
    const lines = page.getByRole('log').locator('.line')
    await lines.first().waitFor()
    const [word = ''] = (await lines.first().locator('span').innerText()).split(/\s+/)
    await page.getByLabel('Search in logs').fill(word)
    await lines.first().waitFor()
    await page.getByLabel('Search in logs').fill('no line says this')
    await shows('No line matches.')
    await page.getByLabel('Search in logs').fill('')
  })

  it('sees the server die and come back, while the service goes on', async () => {
    await tab('Overview')
    const before = await runningSince(page)
    const url = (await openLink().getAttribute('href')) ?? ''
    await server.kill()
    await page.locator('sd-connection-dot').filter({ hasText: 'Reconnecting' }).waitFor()
    await shows('The connection to your server was lost')
    await server.start()
    await page.locator('sd-connection-dot').filter({ hasText: 'Connected' }).waitFor()
    await expect.poll(() => status().innerText(), { timeout: 30_000 }).toBe('Running')
    expect(await runningSince(page)).toBe(before)
    await expect.poll(() => textOf(url), { timeout: 20_000 }).toContain('Good morning, attic')
  })

  it('finds its way on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.locator('nav').getByRole('link', { name: 'Services' }).first().click()
    await page.getByRole('heading', { name: 'Services' }).waitFor()
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(390)
    await page.getByRole('link', { name: 'Hello World', exact: true }).click()
    await status().waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('stops it', async () => {
    await button('Stop').click()
    await expect.poll(() => status().innerText(), { timeout: 60_000 }).toBe('Stopped')
  })

  it('removes it after being asked', async () => {
    await tab('About')
    await button('Remove').click()
    await button('Remove Hello World').click()
    await shows('Your server is ready')
  })

  it('was never reloaded, and the page never complained', async () => {
    expect(await page.evaluate(() => 'untouched' in globalThis)).toBe(true)
    expect(complaints).toEqual([])
  })

  it('leaves no mount behind', async () => {
    await server.down()
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(server.data)
  })
})

/** When the service says it was started; the time would change with a restart. */
async function runningSince(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const answer = await fetch('/rpc/v1', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'db.dump',
        params: { pointer: '/public/packageData/hello-world/statusInfo/started' },
      }),
    })
    return ((await answer.json()) as { result: { value: string } }).result.value
  })
}

async function textOf(url: string): Promise<string> {
  return fetch(url).then(
    (answer) => answer.text(),
    () => '',
  )
}
