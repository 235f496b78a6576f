import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Encoder } from 'cbor-x'
import { describe, expect, it } from 'vitest'
import { importReference, PatchDb, readReference } from '../src/index.ts'
import { temporaryDirectory } from './temporary.ts'

const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true })
const sequence = (...items: unknown[]) => Buffer.concat(items.map((item) => Buffer.from(cbor.encode(item))))

const DOCUMENT = { public: { name: 'box', list: ['a'] }, private: { ключ: 1 } }
const PATCHES = [
  [{ op: 'replace', path: '/public/name', value: 'attic' }],
  [
    { op: 'add', path: '/public/list/-', value: 'b' },
    { op: 'remove', path: '/private/ключ' },
  ],
]
const AFTER = { public: { name: 'attic', list: ['a', 'b'] }, private: {} }

function disk(files: Record<string, Buffer>): { directory: string; source: string; target: string } {
  const directory = temporaryDirectory()
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, name), bytes)
  return { directory, source: join(directory, 'embassy.db'), target: join(directory, 'new.db') }
}

describe('the import of a file of StartOS', () => {
  it('takes snapshot and patches, goes on with its numbers, and leaves the source as it is', async () => {
    const bytes = sequence(4095, DOCUMENT, ...PATCHES)
    const { source, target, directory } = disk({ 'embassy.db': bytes })
    const imported = await importReference(source, target)
    expect(imported).toMatchObject({ source, id: 4097, failed: [], unreadBytes: 0, failedAs: null })
    const db = await PatchDb.open(target)
    expect({ sequence: db.sequence, value: db.peek() }).toEqual({ sequence: 4097, value: AFTER })
    expect((await db.put('/public/name', 'x'))?.id).toBe(4098)
    await db.close()
    expect(readFileSync(source).equals(bytes)).toBe(true)
    expect(readdirSync(directory).sort()).toEqual(['embassy.db', 'new.db', 'new.db.lock'])
  })

  it('takes a finished backup instead of the file, as StartOS does', async () => {
    const { source, directory } = disk({
      'embassy.db': sequence(1, { old: true }, ...PATCHES),
      'embassy.bak': sequence(8, { snapshot: true }),
      'embassy.bak.tmp': Buffer.from([1]),
    })
    const found = await readReference(source)
    expect(found).toMatchObject({ source: join(directory, 'embassy.bak'), id: 8, value: { snapshot: true } })
  })

  it('reads all whole patches of a file that was cut off at any byte, and says how much is left', async () => {
    const whole = sequence(7, DOCUMENT)
    const first = Buffer.concat([whole, sequence(PATCHES[0])])
    const bytes = Buffer.concat([first, sequence(PATCHES[1])])
    for (let length = whole.length; length <= bytes.length; length++) {
      const { source } = disk({ 'embassy.db': bytes.subarray(0, length) })
      const { id, value, unreadBytes } = await readReference(source)
      const [count, end] =
        length === bytes.length ? [2, length] : length >= first.length ? [1, first.length] : [0, whole.length]
      expect({ id, unreadBytes }, `${length} bytes`).toEqual({ id: 7 + count, unreadBytes: length - end })
      const name = count === 0 ? 'box' : 'attic'
      expect(value).toMatchObject({ public: { name } })
    }
    for (let length = 1; length < whole.length; length++) {
      const { source, target } = disk({ 'embassy.db': bytes.subarray(0, length) })
      await expect(importReference(source, target)).rejects.toMatchObject({ code: 'Foreign' })
      expect(existsSync(target)).toBe(false)
    }
  })

  it('counts patches that do not apply, and writes them beside the new file', async () => {
    const misfits = [
      [{ op: 'remove', path: '/nothing' }],
      [{ op: 'move', path: '/a', from: '/b' }],
      'no patch',
      [{ op: 'add', path: '/public/name/below', value: 1 }],
      [{ op: 'add', path: '/public/big', value: 2n ** 60n }],
    ]
    const { source, target } = disk({
      'embassy.db': sequence(0, DOCUMENT, ...misfits, ...PATCHES),
      'embassy.failed': Buffer.from('[]\n'),
    })
    const imported = await importReference(source, target)
    expect(imported.id).toBe(7)
    expect(imported.value).toEqual(AFTER)
    expect(imported.failed.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5])
    expect(imported.earlierFailures).toBe(source.replace('.db', '.failed'))
    const lines = readFileSync(imported.failedAs ?? '', 'utf8')
      .trim()
      .split('\n')
    expect(lines).toHaveLength(5)
    expect(JSON.parse(lines[0] ?? '')).toEqual(misfits[0])
  })

  it('takes an empty file for a new database, as StartOS does', async () => {
    const { source } = disk({ 'embassy.db': Buffer.alloc(0) })
    expect(await readReference(source)).toMatchObject({ id: 0, value: null, failed: [] })
  })

  it.each<[string, Buffer, string]>([
    ['text', Buffer.from('hello, world'), 'Foreign'],
    ['one of our own files', Buffer.from('PATCHDB\x01'), 'Foreign'],
    ['a document with a number beyond JSON', sequence(1, { big: 2n ** 60n }), 'InvalidValue'],
    ['a document with bytes in it', sequence(1, { raw: Buffer.from('x') }), 'InvalidValue'],
    ['a negative sequence', sequence(-1, {}), 'Foreign'],
  ])('refuses %s', async (_, bytes, code) => {
    const { source, target } = disk({ 'embassy.db': bytes })
    await expect(importReference(source, target)).rejects.toMatchObject({ code })
    expect(existsSync(target)).toBe(false)
  })

  it('refuses to write over a file, and says where there is none', async () => {
    const { source, target, directory } = disk({ 'embassy.db': sequence(1, {}), 'new.db': Buffer.from('x') })
    await expect(importReference(source, target)).rejects.toMatchObject({ code: 'Exists' })
    expect(readFileSync(target, 'utf8')).toBe('x')
    await expect(readReference(join(directory, 'none'))).rejects.toMatchObject({ code: 'Io' })
  })
})
