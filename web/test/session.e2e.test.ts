import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser, openPage } from './browser.ts'
import { TestServer } from './server.ts'
import { logIn, setUp } from './visit.ts'

describe('a browser and its server', { timeout: 60_000 }, () => {
  let server: TestServer
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    server = await TestServer.create()
    browser = await openBrowser()
    const first = await openPage(browser)
    await setUp(first.page, server.url)
    await first.page.context().close()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    ;({ page } = await openPage(browser))
  })
  afterEach(async () => {
    await page.context().close()
  })

  const connection = (text: string) => page.locator('sd-connection-dot').filter({ hasText: text }).waitFor()

  it('come to the page that was asked for, after the login', async () => {
    await page.goto(`${server.url}/settings`)
    await logIn(page)
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/settings')
  })

  it('keep nothing of the session in the browser’s storage', async () => {
    await page.goto(server.url)
    await logIn(page)
    await connection('Connected')
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toMatch(
      /password|hash|session/i,
    )
  })

  it('part when the session is ended elsewhere', async () => {
    await page.goto(`${server.url}/settings`)
    await logIn(page)
    await connection('Connected')
    const other = await openPage(browser)
    await other.page.goto(`${server.url}/settings`)
    await logIn(other.page)
    const end = other.page.locator('sd-sessions-card').getByRole('button', { name: /^Log out/ })
    await end.first().click()
    await page.locator('#password').waitFor()
    await other.page.context().close()
  })

  it('say that this device is offline, and go on by themselves', async () => {
    await page.goto(server.url.replace('127.0.0.1', 'attic-server.local'))
    await logIn(page)
    await connection('Connected')
    await page.context().setOffline(true)
    await connection('This device is offline')
    await page.context().setOffline(false)
    await connection('Connected')
  })

  it('show a new name everywhere at once', async () => {
    await page.goto(`${server.url}/settings`)
    await logIn(page)
    await page.getByLabel('Name', { exact: true }).fill('Cellar Server')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('aside .name').filter({ hasText: 'Cellar Server' }).waitFor()
    await expect.poll(() => page.title()).toBe('Settings · Cellar Server')
  })

  it('keep the colours that were chosen', async () => {
    await page.goto(`${server.url}/settings`)
    await logIn(page)
    await page.getByText('Dark', { exact: true }).click()
    await page.reload()
    await page.locator('body[tuiTheme=dark]').waitFor()
    await page.getByText('As this device').click()
    await page.locator('body:not([tuiTheme=dark])').waitFor()
  })

  it('take a new password, and no longer the old one', async () => {
    await page.goto(`${server.url}/settings`)
    await logIn(page)
    await page.locator('#old').fill('not it at all')
    await page.locator('#new').fill('another horse battery')
    await page.locator('#again').fill('another horse batter')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('This is not the same password.').waitFor()
    await page.locator('#again').fill('another horse battery')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('This is not the password.').waitFor()
    await page.locator('#old').fill('correct horse battery')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('The password was changed.').waitFor()
  })

  it('say what to do when the server cannot be reached', async () => {
    await page.goto(server.url)
    await page.locator('#password').fill('another horse battery')
    await server.kill()
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').filter({ hasText: 'The server could not be reached' }).waitFor()
    await server.start()
    // Only the attempts since the start count against a password.
    await logIn(page, 'another horse battery')
  })
})
