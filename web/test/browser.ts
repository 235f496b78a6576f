import { type Browser, chromium, type Page } from 'playwright-core'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name for the server, as from another machine: what is on loopback is never offline.
  '--host-resolver-rules=MAP attic-server.local 127.0.0.1',
]

/** What a page complained about; a dropped connection is not a mistake of the page. */
export type Complaints = string[]

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS })
}

/** A fresh visitor. */
export async function openPage(
  browser: Browser,
  size: { width: number; height: number } = { width: 1440, height: 900 },
): Promise<{ page: Page; complaints: Complaints }> {
  const context = await browser.newContext({ viewport: size })
  const page = await context.newPage()
  const complaints: Complaints = []
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
  page.on('console', (message) => {
    const isLoss = /net::ERR_|WebSocket connection|Failed to fetch dynamically/.test(message.text())
    if (message.type() === 'error' && !isLoss) complaints.push(message.text())
  })
  page.setDefaultTimeout(30_000)
  return { page, complaints }
}
