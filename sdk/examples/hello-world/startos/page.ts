import { FileHelper, type T } from '@startd/sdk'
import { sdk } from './sdk.ts'
import type { Colour, Settings } from './settings.ts'

const TINTS: Record<Colour, [background: string, text: string]> = {
  sky: ['#dbeafe', '#1e3a8a'],
  leaf: ['#dcfce7', '#14532d'],
  plum: ['#f3e8ff', '#581c87'],
  sand: ['#fef3c7', '#78350f'],
}

/** The page that the web server gives out. */
const page = FileHelper.string({ base: sdk.volumes.main, subpath: 'www/index.html' })

/** Makes the page anew from the settings. */
export async function writePage(effects: T.Effects, settings: Settings): Promise<void> {
  await page.write(effects, render(settings, new Date()))
}

function render({ greeting, colour, showDate }: Settings, now: Date): string {
  const [background, text] = TINTS[colour]
  const date = showDate ? `\n      <p>Last changed on ${now.toISOString().slice(0, 10)}</p>` : ''
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${escape(greeting)}</title>
    <style>
      body { margin: 0; min-height: 100vh; display: grid; place-items: center; text-align: center;
             font-family: system-ui, sans-serif; background: ${background}; color: ${text}; }
      h1 { font-size: clamp(2rem, 8vw, 5rem); margin: 1rem; overflow-wrap: anywhere; }
    </style>
  </head>
  <body>
    <main>
      <h1>${escape(greeting)}</h1>${date}
    </main>
  </body>
</html>
`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
