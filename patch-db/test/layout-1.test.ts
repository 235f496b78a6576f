import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PatchDb, type Migrated, type Migration, type Recovery } from '../src/index.ts'
import { layout1 } from './layout-1-writer.ts'
import { temporaryFile } from './temporary.ts'

const NAMED: Migration = { name: 'named', migrate: (draft: { name?: string }) => void (draft.name = 'box') }

/** A snapshot and three records, of which the last holds two revisions: every kind of operation. */
const { bytes, starts } = layout1({
  snapshot: { id: 4, value: { list: ['a', 'b'], map: { x: 1 } } },
  records: [
    [{ id: 5, patch: [{ op: 'add', path: '/list/-', value: 'c' }] }],
    [
      {
        id: 6,
        patch: [
          { op: 'remove', path: '/list/0' },
          { op: 'replace', path: '/map/x', value: { y: null } },
        ],
      },
    ],
    [
      { id: 7, patch: [{ op: 'add', path: '/map/a~1b', value: 2.5 }] },
      { id: 8, patch: [{ op: 'replace', path: '/list/0', value: 'B' }] },
    ],
  ],
})
const last = starts.at(-1) ?? 0
const BEFORE_LAST = { list: ['b', 'c'], map: { x: { y: null } } }
const WHOLE = { list: ['B', 'c'], map: { x: { y: null }, 'a/b': 2.5 } }

type Opened = { value: unknown; sequence: number; ran: Migrated[]; lost: Recovery[] }

async function open(path: string, migrations?: readonly Migration[]): Promise<Opened> {
  const ran: Migrated[] = []
  const lost: Recovery[] = []
  await using db = await PatchDb.open<unknown>(path, {
    ...(migrations === undefined ? {} : { migrations }),
    onMigrate: (migrated) => ran.push(migrated),
    onRecover: (recovery) => lost.push(recovery),
  })
  return { value: db.peek(), sequence: db.sequence, ran, lost }
}

function file(contents: Buffer): string {
  const path = temporaryFile()
  writeFileSync(path, contents)
  return path
}

const beside = (path: string) => readdirSync(dirname(path)).filter((name) => name !== basename(path))
const layoutOf = (path: string) => readFileSync(path)[7]

function flipped(at: number, mask: number): Buffer {
  const damaged = Buffer.from(bytes)
  damaged[at] = (damaged[at] ?? 0) ^ mask
  return damaged
}

describe('a file of the first layout', () => {
  it('opens with its document, is written anew once, and stays beside as it was', async () => {
    const path = file(bytes)
    const { ran, ...first } = await open(path)
    expect(first).toEqual({ value: WHOLE, sequence: 8, lost: [] })
    expect(ran).toMatchObject([{ names: [], fromLayout: 1 }])
    const backup = ran[0]?.backup ?? ''
    expect(backup).toMatch(/\.before-.*-layout-2$/)
    expect(readFileSync(backup).equals(bytes)).toBe(true)
    expect(layoutOf(path)).toBe(2)
    expect(await open(path)).toEqual({ value: WHOLE, sequence: 8, ran: [], lost: [] })
    expect((await open(backup)).value).toEqual(WHOLE)
  })

  it('goes through the migrations that are due in the same step, and remembers those that it has been through', async () => {
    const path = file(bytes)
    const { value, sequence, ran } = await open(path, [NAMED])
    expect({ value, sequence }).toEqual({ value: { ...WHOLE, name: 'box' }, sequence: 9 })
    expect(ran).toMatchObject([{ names: ['named'], fromLayout: 1 }])
    expect(beside(path).filter((name) => name.includes('.before-'))).toHaveLength(1)
    const migrated = file(layout1({ snapshot: { id: 1, value: { n: 1 }, migrations: ['named'] } }).bytes)
    expect(await open(migrated)).toMatchObject({ value: { n: 1 }, ran: [{ names: [], fromLayout: 1 }] })
    expect(await open(migrated, [NAMED])).toMatchObject({ value: { n: 1 }, ran: [] })
  })

  it('is left as it was when a migration fails, or a newer program has migrated it', async () => {
    const broken: Migration = { name: 'broken', migrate: () => expect.unreachable() }
    const path = file(bytes)
    await expect(open(path, [broken])).rejects.toMatchObject({ code: 'MigrationFailed' })
    const newer = file(layout1({ snapshot: { id: 1, value: {}, migrations: ['future'] } }).bytes)
    await expect(open(newer, [NAMED])).rejects.toMatchObject({ code: 'Unsupported' })
    expect(readFileSync(path).equals(bytes)).toBe(true)
    expect([beside(path), beside(newer)]).toEqual([['test.db.lock'], ['test.db.lock']])
  })

  it('opens when it holds nothing yet, and when it was sealed', async () => {
    const empty = file(layout1({ snapshot: { id: 0, value: null } }).bytes)
    expect(await open(empty)).toMatchObject({ value: null, sequence: 0, lost: [] })
    const sealed = file(layout1({ snapshot: { id: 1, value: 'x' }, records: [[]] }).bytes)
    expect(await open(sealed)).toMatchObject({ value: 'x', sequence: 1, lost: [] })
  })

  it('opens without its last record wherever that breaks off, and keeps its rest', async () => {
    for (let length = last + 1; length < bytes.length; length++) {
      const path = file(bytes.subarray(0, length))
      const { value, lost } = await open(path)
      expect(value, `${length} bytes`).toEqual(BEFORE_LAST)
      expect(lost).toMatchObject([{ sequence: 6, offset: last, droppedBytes: length - last, flaw: 'short' }])
      expect(readFileSync(lost[0]?.keptAs ?? '').equals(bytes.subarray(last, length))).toBe(true)
      expect((await open(path)).lost).toEqual([])
    }
  })

  it('never serves a last record with a flipped bit', async () => {
    for (let at = last; at < bytes.length; at++)
      expect(await open(file(flipped(at, 1))), `byte ${at}`).toMatchObject({
        value: BEFORE_LAST,
        sequence: 6,
      })
  })

  it('is refused and left alone with a flipped bit anywhere before that', async () => {
    const path = file(bytes)
    for (let at = 0; at < last; at++)
      for (const mask of [0x01, 0x80]) {
        writeFileSync(path, flipped(at, mask))
        const expected = at < 7 ? /^Foreign$/ : at === 7 ? /^(Corrupt|Unsupported)$/ : /^Corrupt$/
        await expect(open(path), `byte ${at}`).rejects.toMatchObject({
          code: expect.stringMatching(expected) as unknown,
        })
        expect(readFileSync(path).equals(flipped(at, mask))).toBe(true)
      }
    expect(beside(path)).toEqual(['test.db.lock'])
  })

  it.each<[string, Buffer]>([
    ['is nothing but its first bytes', bytes.subarray(0, 8)],
    ['lacks a record', Buffer.concat([bytes.subarray(0, starts[0]), bytes.subarray(starts[1])])],
    ['holds no snapshot', layout1({ snapshot: [] as never }).bytes],
    ['holds no revisions', layout1({ snapshot: { id: 0, value: 1 }, records: [[null as never]] }).bytes],
    [
      'holds a revision that does not fit',
      layout1({
        snapshot: { id: 0, value: {} },
        records: [[{ id: 1, patch: [{ op: 'remove', path: '/none' }] }]],
      }).bytes,
    ],
  ])('is refused and left alone when it %s', async (_, damaged) => {
    const path = file(damaged)
    await expect(open(path)).rejects.toMatchObject({ code: 'Corrupt' })
    expect(readFileSync(path).equals(damaged)).toBe(true)
  })

  it('stays as it was when the copy cannot be kept, or the new file not be made', async () => {
    const far = `${dirname(file(bytes))}/${'x'.repeat(240)}`
    writeFileSync(far, bytes)
    await expect(open(far)).rejects.toMatchObject({ code: 'Io' })
    expect(readFileSync(far).equals(bytes)).toBe(true)
    const path = file(bytes)
    mkdirSync(`${path}.tmp`)
    await expect(open(path)).rejects.toMatchObject({ code: 'Io' })
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('opens after an attempt that was interrupted', async () => {
    const path = file(bytes)
    writeFileSync(`${path}.before-20260101T000000.000Z-layout-2.tmp`, bytes.subarray(0, 9))
    writeFileSync(`${path}.tmp`, bytes.subarray(0, 30))
    const { value, lost, ran } = await open(path)
    expect({ value, lost }).toEqual({ value: WHOLE, lost: [] })
    expect(readFileSync(ran[0]?.backup ?? '').equals(bytes)).toBe(true)
    expect(beside(path)).not.toContain('test.db.tmp')
  })
})
