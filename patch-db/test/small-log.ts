import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PatchDb, type Recovery } from '../src/index.ts'
import { readFrame } from '../src/log/frame.ts'
import { temporaryDirectory, temporaryFile } from './temporary.ts'

export type Small = { n: number; text: string }

/** A log of a snapshot and three records: its bytes, where each record begins, and a path to try copies of it. */
export type SmallLog = {
  /** The records as they are while the program runs, without the room ahead of them. */
  readonly bytes: Buffer
  /** As it is after the program has closed it: with a seal at the end. */
  readonly sealed: Buffer
  readonly starts: readonly number[]
  readonly last: number
  readonly path: string
}

export async function smallLog(): Promise<SmallLog> {
  const path = temporaryFile()
  const db = await PatchDb.open<Small>(path, { initial: { n: 0, text: '' } })
  const starts: number[] = []
  let end = readFileSync(path).length
  for (const text of ['one', 'two', 'three']) {
    starts.push(end)
    await db.mutate((draft) => {
      draft.n++
      draft.text = text
    })
    end = readFrame(readFileSync(path), end)?.end ?? 0
  }
  const bytes = readFileSync(path).subarray(0, end)
  await db.close()
  const sealed = readFileSync(path)
  return { bytes, sealed, starts, last: starts.at(-1) ?? 0, path: join(temporaryDirectory(), 'copy.db') }
}

/** The document after each of the three records. */
export const STATES: readonly Small[] = ['', 'one', 'two', 'three'].map((text, n) => ({ n, text }))

export type Reopened = { sequence: number; value: Small; lost: Recovery[] }

/** Opens a copy of a log, looks, and writes one more revision. */
export async function reopen(path: string, bytes: Buffer): Promise<Reopened> {
  writeFileSync(path, bytes)
  const lost: Recovery[] = []
  await using db = await PatchDb.open<Small>(path, { onRecover: (recovery) => lost.push(recovery) })
  const answer = { sequence: db.sequence, value: db.peek(), lost }
  await db.mutate((draft) => void draft.n++)
  return answer
}
