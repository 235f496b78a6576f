import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PatchDb } from '../src/patch-db.ts'
import type { Figure } from './index.ts'
import { median } from './measure.ts'

type Counter = { counter: number; note: string }
const MILLISECONDS = 700
const ROUNDS = 3

/** Durable commits a second beside the least that a file can do: append the same number of bytes and sync. */
export async function benchCommits(): Promise<Figure[]> {
  const directory = await mkdtemp(join(process.env['PATCH_DB_BENCH_DIR'] ?? tmpdir(), 'patch-db-bench-'))
  try {
    const ones: number[] = []
    const manys: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const bare = await bareAppends(join(directory, `bare-${round}`))
      ones.push((await commits(join(directory, `one-${round}.db`), 1)) / bare)
      manys.push((await commits(join(directory, `many-${round}.db`), 64)) / bare)
    }
    const baseline = 'one writer that appends and syncs as many bytes'
    return [
      { figure: 'durable commits, one writer', value: median(ones), goal: 0.8, baseline, better: 'higher' },
      { figure: 'durable commits, 64 writers', value: median(manys), goal: 15, baseline, better: 'higher' },
    ]
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function bareAppends(path: string): Promise<number> {
  const file = await open(path, 'w')
  const bytes = Buffer.alloc(80, 1)
  let done = 0
  const start = performance.now()
  while (performance.now() - start < MILLISECONDS) {
    await file.write(bytes)
    await file.datasync()
    done++
  }
  await file.close()
  return done / (performance.now() - start)
}

async function commits(path: string, writers: number): Promise<number> {
  const initial: Counter = { counter: 0, note: '' }
  await using db = await PatchDb.open<Counter>(path, { initial })
  const start = performance.now()
  const write = async () => {
    while (performance.now() - start < MILLISECONDS)
      await db.mutate((draft) => {
        draft.counter++
      })
  }
  await Promise.all(Array.from({ length: writers }, write))
  return db.sequence / (performance.now() - start)
}
