import type { Page } from 'playwright-core'

export const PASSWORD = 'correct horse battery'

/** Sets a new server up as its first visitor; ends on the home page, logged in. */
export async function setUp(page: Page, url: string, name = 'Attic Server'): Promise<void> {
  await page.goto(url)
  await page.getByLabel('What shall it be called?').fill(name)
  await page.locator('#password').fill(PASSWORD)
  await page.locator('#again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Set up my server' }).click()
  await page.getByText('Your server is ready').waitFor()
}

export async function logIn(page: Page, password = PASSWORD): Promise<void> {
  await page.locator('#password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.locator('sd-shell').waitFor()
}
