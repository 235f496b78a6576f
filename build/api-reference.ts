import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { MethodName } from '@startd/base/rpc/contract.ts'
import { format } from 'prettier'
import { alike } from './api/normalise.ts'
import { pages } from './api/pages.ts'
import { type Answers, record } from './api/record.ts'
import { ROOT } from './steps/paths.ts'
import { fail, say } from './steps/say.ts'

const HELP = `Writes the API reference in docs from the contract.

  sh build/run.sh build/api-reference.ts [--record]

  --record     ask a real server for the examples first (root, a minute; it is made and taken away)
  -h, --help   this text`

/** What a real server answered to the examples. */
const ANSWERS = join(ROOT, 'build/api/answers.json')

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { record: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) return say(HELP)
  if (values.record) {
    const before = await readAnswers()
    const found = Object.entries(await record(say)).map(([name, answer]) => {
      const old = before[name as MethodName]
      return [name, old && alike(old, answer) ? old : answer]
    })
    const text = JSON.stringify(Object.fromEntries(found))
    await writeFile(ANSWERS, await format(text, { parser: 'json', printWidth: 110 }))
  }
  await rm(join(ROOT, 'docs/api'), { recursive: true, force: true })
  for (const [path, text] of pages(await readAnswers())) {
    await mkdir(dirname(join(ROOT, 'docs', path)), { recursive: true })
    await writeFile(join(ROOT, 'docs', path), text)
  }
  say('wrote docs/api.md and docs/api')
}

async function readAnswers(): Promise<Answers> {
  return JSON.parse(await readFile(ANSWERS, 'utf8')) as Answers
}

await main().catch((error: unknown) =>
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error)),
)
