import { readFile } from 'node:fs/promises'
import { adopt } from '../adopt.ts'
import { findFrame } from '../log/frame.ts'
import { findLayout1Frame, isLayout1 } from '../log/layout-1.ts'
import { readDatabase } from '../log/open.ts'
import { Damage, LAYOUT, type Recovered, type Tail } from '../log/recover.ts'
import { isInUse } from './in-use.ts'

const UNFINISHED = 3

/** Checks every record of a file and reports; it never changes the file. */
export async function verify(path: string): Promise<number> {
  let records = 0
  let first: number | undefined
  try {
    const found = await readDatabase(path, ({ id }) => {
      first ??= id
      records++
    })
    adopt(found.value)
    print(`${path}: ${summary(found, first ?? found.id, records)}`)
    if (found.layout < LAYOUT)
      print(
        `An older program wrote it, in layout ${found.layout}. The next one that opens it keeps a copy and writes layout ${LAYOUT}.`,
      )
    return found.tail === undefined ? 0 : reportTail(path, found.tail)
  } catch (error) {
    if (error instanceof Damage) await reportDamage(path, error)
    throw error
  }
}

function summary(found: Recovered, first: number, records: number): string {
  const behind = `${records - 1} records (${found.end - found.snapshotEnd} bytes) up to revision ${found.id}`
  const migrations = found.migrations.length === 0 ? '' : `\nMigrations: ${found.migrations.join(', ')}`
  const seal = found.sealed
    ? 'sealed: all of it had reached the disk'
    : 'not sealed: not closed yet, or not in order'
  return `snapshot of revision ${first} (${found.snapshotEnd} bytes), ${behind}; ${seal}${migrations}`
}

function reportTail(path: string, tail: Tail): number {
  if (isInUse(path)) {
    print('A program is using the file, and is writing its next record just now.')
    return 0
  }
  const why = {
    short: 'are the beginning of a record: its write was interrupted, and nobody was told that it was safe',
    checksum:
      'have the length of a record and wrong contents: an interrupted write, or a disk that has lost it',
    foreign: 'are nothing of a record',
  }[tail.flaw]
  print(`The ${tail.bytes} bytes from byte ${tail.offset} on ${why}.`)
  print('The next program that opens the file puts them aside.')
  return UNFINISHED
}

async function reportDamage(path: string, damage: Damage): Promise<void> {
  const before = damage.before
  print(`${path}: damaged at byte ${damage.offset}`)
  if (before !== undefined) print(`Before that, all is sound up to revision ${before.id}.`)
  const bytes = await readFile(path)
  const next = (isLayout1(bytes) ? findLayout1Frame : findFrame)(bytes, damage.offset + 1)
  if (next !== undefined) print(`A sound record follows at byte ${next.start}.`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
