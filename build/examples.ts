import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureDebianPackages, RUNTIME_PACKAGES } from './steps/debian-packages.ts'
import { buildExample, exampleNames } from './steps/example-packages.ts'
import { ROOT } from './steps/paths.ts'
import { fail, say, step } from './steps/say.ts'

const HELP = `Makes the example packages, ready to be installed.

  npm run examples [-- NAME …]

Bundles, packs and signs the packages in sdk/examples (or only those named) for this machine's
processor. The first time each one's Debian packages are fetched; after that it takes seconds.
Install one from the page of your server with "Sideload", or with
"start-cli package install <file>".`

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
})
const known = await exampleNames()
const unknown = positionals.find((name) => !known.includes(name))
if (values.help) say(HELP)
else if (unknown) fail(`There is no example "${unknown}". There are: ${known.join(', ')}`)
else {
  const { mmdebstrap, 'squashfs-tools': squashfs } = RUNTIME_PACKAGES
  await ensureDebianPackages({ mmdebstrap, 'squashfs-tools': squashfs })
  for (const name of positionals.length > 0 ? positionals : known) {
    const made = await step(`Making ${name}`, () => buildExample(name, (text) => say(`  ${text}`)))
    say(`  ${relative(ROOT, made.path)}${made.cached ? ' (unchanged)' : ''}`)
  }
}
