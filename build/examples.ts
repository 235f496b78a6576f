import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureDebianPackages, RUNTIME_PACKAGES } from './steps/debian-packages.ts'
import { type ExamplePackage, buildExample, exampleNames } from './steps/example-packages.ts'
import { ROOT } from './steps/paths.ts'
import { fail, say, step } from './steps/say.ts'

const HELP = `Makes the example packages, ready to be installed.

  npm run examples [-- NAME …]

Bundles, packs and signs the packages in sdk/examples (or only those named) for this machine's
processor. The first time each one's Debian packages are fetched; after that it takes seconds.
Install one from the page of your server with "Add a service", or with
"npx start-cli package install <file>".`

/** Makes the example packages: all, or those named. */
export async function buildExamples(names?: readonly string[]): Promise<ExamplePackage[]> {
  const { mmdebstrap, 'squashfs-tools': squashfs } = RUNTIME_PACKAGES
  await ensureDebianPackages({ mmdebstrap, 'squashfs-tools': squashfs })
  const made: ExamplePackage[] = []
  for (const name of names ?? (await exampleNames())) {
    const example = await step(`Making ${name}`, () => buildExample(name, (text) => say(`  ${text}`)))
    say(`  ${relative(ROOT, example.path)}${example.cached ? ' (unchanged)' : ''}`)
    made.push(example)
  }
  return made
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  })
  if (values.help) return say(HELP)
  const known = await exampleNames()
  const unknown = positionals.find((name) => !known.includes(name))
  if (unknown) fail(`There is no example "${unknown}". There are: ${known.join(', ')}`)
  await buildExamples(positionals.length > 0 ? positionals : known)
}

if (import.meta.main) {
  await main().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)))
}
