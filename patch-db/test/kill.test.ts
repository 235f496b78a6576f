import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PatchDb } from '../src/index.ts'
import { readDatabase } from '../src/log/open.ts'
import { temporaryDirectory, temporaryFile } from './temporary.ts'

const CHILD = join(import.meta.dirname, 'crash-child.ts')
const KILLS = 500
/** Files that are written at the same time, each by one program after the other. */
const FILES = 3

type Child = ChildProcessByStdio<Writable, Readable, null>

/** Programs that have started and wait for their turn: the start of Node is most of the time of a round. */
function childPool(): { next(): Promise<Child> } {
  const cache = temporaryDirectory()
  const all = new Set<Child>()
  onTestFinished(() => all.forEach((child) => child.kill('SIGKILL')))
  const start = async () => {
    const env = { ...process.env, NODE_COMPILE_CACHE: cache }
    const child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'pipe', 'inherit'], env })
    all.add(child)
    child.once('close', () => all.delete(child))
    await once(child.stdout.setEncoding('utf8'), 'data')
    return child
  }
  const waiting = Array.from({ length: FILES }, start)
  return {
    next: () => {
      waiting.push(start())
      return waiting.shift() as Promise<Child>
    },
  }
}

/** Lets a program write to `path` until it has printed `lines`, kills it and answers all that it printed. */
async function writeUntilKilled(child: Child, path: string, lines: number): Promise<string[]> {
  let output = ''
  let seen = 0
  child.stdout.on('data', (text: string) => {
    output += text
    seen += text.split('\n').length - 1
    if (seen >= lines) child.kill('SIGKILL')
  })
  child.stdin.on('error', () => undefined).write(`${path}\n`)
  await once(child, 'close')
  return output.split('\n').slice(0, -1)
}

/** Answers how many revisions the file holds in the end. */
async function killAgainAndAgain(kills: number, pool: { next(): Promise<Child> }): Promise<number> {
  const path = temporaryFile()
  const acknowledged = new Map<string, number>()
  let highest = 0
  for (let kill = 0; kill < kills; kill++) {
    const printed = await writeUntilKilled(await pool.next(), path, 1 + ((kill * 29) % 23))
    expect(printed[0]).toBe(`open ${highest}`)
    for (const line of printed.slice(1)) {
      const [id, writer, count] = line.split(' ').map(Number) as [number, number, number]
      highest = Math.max(highest, id)
      acknowledged.set(`w${writer}`, count)
    }
    const found = await readDatabase(path)
    expect(found.id).toBeGreaterThanOrEqual(highest)
    const { counters } = found.value as { counters: { [id: string]: number } }
    const total = Object.values(counters).reduce((sum, count) => sum + count, 0)
    expect(total).toBe(found.id)
    for (const id of [0, 1, 2, 3].map((writer) => `w${writer}`)) {
      const atLeast = acknowledged.get(id) ?? 0
      // Each writer has one write under way: it may have arrived without anybody having been told.
      expect([atLeast, atLeast + 1]).toContain(counters[id] ?? 0)
      acknowledged.set(id, counters[id] ?? 0)
    }
    highest = found.id
  }
  await using db = await PatchDb.open(path)
  expect((await db.put('/noise', 'still'))?.id).toBe(highest + 1)
  return highest
}

describe('kill -9', () => {
  it(`loses no acknowledged revision and invents none, ${KILLS} times`, { timeout: 400_000 }, async () => {
    const pool = childPool()
    const lanes = Array.from({ length: FILES }, () => killAgainAndAgain(Math.ceil(KILLS / FILES), pool))
    const revisions = (await Promise.all(lanes)).reduce((sum, count) => sum + count, 0)
    expect(revisions).toBeGreaterThan(KILLS * 3)
  })
})
