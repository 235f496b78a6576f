import { buildArtefacts } from './steps/artefacts.ts'
import {
  BENCH_PACKAGES,
  BUILD_PACKAGES,
  ensureDebianPackages,
  RUNTIME_PACKAGES,
} from './steps/debian-packages.ts'
import { requireHost } from './steps/host.ts'
import { fail, say } from './steps/say.ts'

/** One measured figure: a ratio or an amount, against a named baseline of the same run. */
export interface BenchLine {
  part: string
  figure: string
  value: number
  goal: number | null
  baseline: string
  ok: boolean | null
}

const PARTS: Record<string, () => Promise<{ bench: () => Promise<BenchLine[]> }>> = {
  skeleton: () => import('./bench/skeleton.ts'),
  'patch-db': () => import('../patch-db/bench/index.ts'),
  s9pk: () => import('./bench/s9pk.ts'),
  's9pk-download': () => import('./bench/s9pk-download.ts'),
  api: () => import('../core/bench/api.ts'),
  cli: async () => ({ bench: (await import('../core/bench/cli.ts')).cliFigures }),
  service: () => import('../core/src/container/bench.ts'),
  web: () => import('../web/bench.ts'),
}

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  say(
    `Measures speed and memory, as ratios to a named baseline in the same run.\n\n  npm run bench -- [PART ...] [--json]\n\nParts: ${Object.keys(PARTS).join(', ')}. With --json: one object a line.`,
  )
  process.exit(0)
}
const json = args.includes('--json')
const wanted = args.filter((arg) => !arg.startsWith('-'))
const unknown = wanted.filter((part) => !(part in PARTS))
if (unknown.length > 0)
  fail(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`)

// Nothing but the results may stand between the lines of JSON.
const print = process.stdout.write.bind(process.stdout)
if (json) process.stdout.write = process.stderr.write.bind(process.stderr)

await requireHost()
await ensureDebianPackages({ ...RUNTIME_PACKAGES, ...BUILD_PACKAGES, ...BENCH_PACKAGES })
await buildArtefacts()

for (const [part, load] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(part)) continue
  const { bench } = await load()
  for (const line of await bench()) print(`${json ? JSON.stringify(line) : describe(line)}\n`)
}
process.exit(0)

function describe({ part, figure, value, goal, ok, baseline }: BenchLine): string {
  const amount = String(Number(value.toPrecision(4))).padStart(8)
  const verdict = goal === null ? '' : `   goal ${goal} ${ok ? '✓' : '✗ missed'}`
  return `${part.padEnd(9)} ${figure.padEnd(58)} ${amount}${verdict}   (${baseline})`
}
