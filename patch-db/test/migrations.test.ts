import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PatchDb, type Migrated, type Migration } from '../src/index.ts'
import { temporaryFile } from './temporary.ts'

type Doc = { steps: string[] }
const initial: Doc = { steps: [] }
const step = (name: string): Migration => ({ name, migrate: (draft: Doc) => void draft.steps.push(name) })
const [A, B, C] = ['a', 'b', 'c'].map(step) as [Migration, Migration, Migration]

async function open(
  path: string,
  migrations?: Migration[],
): Promise<{ steps: string[]; sequence: number; ran: Migrated[] }> {
  const ran: Migrated[] = []
  const options = migrations === undefined ? {} : { migrations }
  await using db = await PatchDb.open<Doc>(path, {
    initial,
    ...options,
    onMigrate: (migrated) => ran.push(migrated),
  })
  return { steps: [...db.peek().steps], sequence: db.sequence, ran }
}

const copiesBeside = (path: string) => readdirSync(dirname(path)).filter((name) => name.includes('.before-'))

describe('migrations', () => {
  it('run once each, in their order, as one revision', async () => {
    const path = temporaryFile()
    await open(path)
    expect(await open(path, [A, B])).toMatchObject({
      steps: ['a', 'b'],
      sequence: 1,
      ran: [{ names: ['a', 'b'] }],
    })
    expect(await open(path, [A, B])).toMatchObject({ steps: ['a', 'b'], sequence: 1, ran: [] })
    expect(await open(path, [A, B, C])).toMatchObject({
      steps: ['a', 'b', 'c'],
      sequence: 2,
      ran: [{ names: ['c'] }],
    })
  })

  it('are not needed by a new file, nor by one that holds nothing yet', async () => {
    const path = temporaryFile()
    expect(await open(path, [A])).toMatchObject({ steps: [], sequence: 0, ran: [] })
    expect(await open(path, [A, B])).toMatchObject({ steps: ['b'] })
    const empty = temporaryFile()
    await (await PatchDb.open(empty)).close()
    await using db = await PatchDb.open<Doc | null>(empty, { migrations: [A] })
    expect(db.peek()).toBeNull()
  })

  it('are remembered through commits, compaction and programs that bring none', async () => {
    const path = temporaryFile()
    await open(path, [A])
    await open(path, [A, B])
    const db = await PatchDb.open<Doc>(path)
    await db.mutate((draft) => void draft.steps.push('x'))
    await db.compact()
    await db.close()
    expect(await open(path, [A, B])).toMatchObject({ steps: ['b', 'x'], ran: [] })
  })

  it('keep a copy of the file from before, those of the last five times', async () => {
    const path = temporaryFile()
    await open(path)
    const list: Migration[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      const before = readFileSync(path)
      list.push(step(name))
      const { ran } = await open(path, list)
      const backup = ran[0]?.backup ?? ''
      expect(backup).toMatch(new RegExp(`\\.before-.*-${name}$`))
      expect(readFileSync(backup).equals(before)).toBe(true)
      expect(statSync(backup).mode & 0o777).toBe(0o600)
    }
    expect(copiesBeside(path)).toHaveLength(5)
  })

  it.each<[string, Migration]>([
    ['throws', { name: 'b', migrate: () => expect.unreachable() }],
    [
      'writes what JSON cannot say',
      { name: 'b', migrate: (draft: Doc) => void draft.steps.push(NaN as never) },
    ],
    ['is asynchronous', { name: 'b', migrate: (async () => undefined) as never }],
  ])('change nothing if one of them %s', async (_, broken) => {
    const path = temporaryFile()
    await open(path)
    const before = readFileSync(path)
    await expect(open(path, [A, broken, C])).rejects.toMatchObject({ code: 'MigrationFailed' })
    await expect(open(path, [A, broken, C])).rejects.toThrow(/“b”/)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(copiesBeside(path)).toEqual([])
  })

  it('refuse a file that a newer program has migrated, and leave it untouched', async () => {
    const path = temporaryFile()
    await open(path, [A, B])
    const before = readFileSync(path)
    await expect(open(path, [A])).rejects.toMatchObject({ code: 'Unsupported' })
    await expect(open(path, [A])).rejects.toThrow(/“b”.*Use the newer program again, or a copy/)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('refuse lists that cannot be right', async () => {
    const path = temporaryFile()
    await open(path, [A, C])
    const lists = [
      [A, B, C],
      [C, A],
      [A, C, A],
      [A, C, step('../x')],
    ]
    for (const list of lists)
      await expect(open(path, list)).rejects.toMatchObject({ code: 'MigrationFailed' })
  })
})
