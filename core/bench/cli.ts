import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { World } from '../test/api/world.ts'
import type { BenchLine } from './api.ts'

const run = promisify(execFile)
const CLI = resolve(import.meta.dirname, '../src/bin/start-cli.ts')
const ROUNDS = 9
/** How many times as long as an empty program may help take, and a command that asks a server. */
const HELP_GOAL = 6
const ASKING_GOAL = 10

/** How long a person waits for `start-cli`, beside a Node.js that does nothing. */
export async function cliFigures(): Promise<BenchLine[]> {
  const home = await mkdtemp(join(tmpdir(), 'startd-bench-cli-'))
  const world = await World.running()
  try {
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, STARTD_DATA: world.data }
    return [
      await share('start-cli --help', ['--help'], env, HELP_GOAL),
      await share(
        'start-cli package list, with the answer of a server',
        ['package', 'list'],
        env,
        ASKING_GOAL,
      ),
      await share(
        'Tab behind start-cli package start',
        ['__complete', '--', 'package', 'start', ''],
        env,
        ASKING_GOAL,
      ),
    ]
  } finally {
    await world[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
  }
}

async function share(
  figure: string,
  args: string[],
  env: Record<string, string>,
  goal: number,
): Promise<BenchLine> {
  // The first run keeps what it has compiled.
  await run(process.execPath, [CLI, ...args], { env })
  const shares: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await timed(() => run(process.execPath, ['-e', '0'], { env }))
    shares.push((await timed(() => run(process.execPath, [CLI, ...args], { env }))) / bare)
  }
  const value = shares.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0
  return {
    part: 'cli',
    figure: `${figure}, times`,
    value,
    goal,
    baseline: 'node -e 0, time from start to end',
    ok: value <= goal,
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
