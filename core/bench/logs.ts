import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ServerLog } from '../src/system/logs/index.ts'
import type { BenchLine } from './api.ts'

const SIZE = 1e9
const ROUNDS = 20
const LINES = 100

/** How long the first page of a long log takes, and a new line on its way to who follows it; goals of the API. */
export async function logFigures(): Promise<BenchLine[]> {
  const directory = mkdtempSync(join(homedir(), '.cache', 'startd-log-bench-'))
  try {
    fill(join(directory, '0000000001.ndjson'))
    using log = new ServerLog(directory, { echo: () => undefined })
    return [await firstPage(log), await latency(log)]
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** A log of 1 GB in one file, ten times what is ever kept. */
function fill(path: string): void {
  const line = (number: number) =>
    `${JSON.stringify({ timestamp: new Date(number).toISOString(), level: 'info', message: `INFO line ${number} ${'x'.repeat(100)}`, bootId: 'b' })}\n`
  const block = Array.from({ length: 5000 }, (_, number) => line(number)).join('')
  const file = openSync(path, 'w')
  for (let written = 0; written < SIZE; written += writeSync(file, block));
  closeSync(file)
}

async function firstPage(log: ServerLog): Promise<BenchLine> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now()
    const { entries } = await log.read({})
    times.push(performance.now() - begin)
    if (entries.length !== 50) throw new Error('the page is not full')
  }
  return figure('first page of a log of 1 GB, slowest of 20, ms', Math.max(...times), 150)
}

async function latency(log: ServerLog): Promise<BenchLine> {
  const ends = new AbortController()
  const { entries } = await log.follow({ limit: 0 }, ends.signal)
  const iterator = entries[Symbol.asyncIterator]()
  const times: number[] = []
  for (let round = 0; round < LINES; round++) {
    const next = iterator.next()
    // The reader waits when the line is written, as it does in a browser.
    await new Promise((resolve) => setImmediate(resolve))
    const begin = performance.now()
    log.info(`line ${round}`)
    await next
    times.push(performance.now() - begin)
  }
  ends.abort()
  return figure('a line of the log to who follows it, slowest of 100, ms', Math.max(...times), 100)
}

const figure = (name: string, value: number, goal: number): BenchLine => ({
  part: 'api',
  figure: name,
  value,
  goal,
  baseline: 'goal in ms',
  ok: value <= goal,
})
