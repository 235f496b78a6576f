import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PatchDb, type Migration } from '@startd/patch-db'
import { layout1 } from '../../../patch-db/test/layout-1-writer.ts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MIGRATIONS } from './migrations/index.ts'
import { checkModel } from './model-check.ts'
import { databasePath, openDatabase } from './open.ts'
import { firstDocument } from './seed.ts'

const ACCOUNT = { name: 'Box', hostname: 'box', passwordHash: '$x', kiosk: null, language: null }

async function dataDirectory(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'startd-db-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))
  return data
}

/** The data of a server that an older program has set up, which knew the first `known` migrations. */
async function olderData(
  known = 0,
  change?: (draft: ReturnType<typeof firstDocument>) => void,
): Promise<string> {
  const data = await dataDirectory()
  await using opened = await openDatabase(data, () => undefined, MIGRATIONS.slice(0, known))
  const document = firstDocument(ACCOUNT)
  delete document.private.packageSigners
  delete document.private.packageChecks
  change?.(document)
  await opened.seed(document)
  return data
}

async function open(
  data: string,
  migrations?: readonly Migration[],
): Promise<{ value: unknown; said: string[] }> {
  const said: string[] = []
  await using opened = await openDatabase(data, (text) => said.push(text), migrations)
  return { value: opened.db?.peek(), said }
}

describe('the database of a server', () => {
  it('is brought up to date once, with a copy of what was before', async () => {
    const data = await olderData()
    const before = await readFile(databasePath(data))
    const first = await open(data)
    expect(first.value).toMatchObject({ private: { packageSigners: {}, packageChecks: {} } })
    expect(first.said).toEqual([expect.stringMatching(/brought up to date \(2026-11-package-trust/)])
    const names = await readdir(dirname(databasePath(data)))
    const [copy = ''] = names.filter((name) => name.includes('.before-'))
    expect((await readFile(join(dirname(databasePath(data)), copy))).equals(before)).toBe(true)
    expect((await open(data)).said).toEqual([])
  })

  it('keeps what is there already', async () => {
    const signers = { hello: 'a key' }
    const data = await olderData(0, (document) => void (document.private.packageSigners = signers))
    expect((await open(data)).value).toMatchObject({ private: { packageSigners: signers } })
  })

  it('opens with its model when the first startd wrote it, whose files had another format', async () => {
    const data = await dataDirectory()
    const document = firstDocument(ACCOUNT)
    delete document.private.packageSigners
    delete document.private.packageChecks
    const { bytes } = layout1({
      snapshot: { id: 0, value: null },
      records: [
        [{ id: 1, patch: [{ op: 'replace', path: '', value: document }] }],
        [{ id: 2, patch: [{ op: 'replace', path: '/public/serverInfo/name', value: 'Attic' }] }],
      ],
    })
    await mkdir(dirname(databasePath(data)))
    await writeFile(databasePath(data), bytes)
    const { value, said } = await open(data)
    expect(checkModel(value)).toMatchObject({
      public: { serverInfo: { name: 'Attic', id: document.public.serverInfo.id } },
      private: { packageSigners: {}, developerKey: document.private.developerKey },
    })
    expect(said).toEqual([
      expect.stringMatching(/up to date \(the file is in a new format, 2026-11-package-trust.*before-/),
    ])
    expect((await open(data)).said).toEqual([])
  })

  it('needs no migration before the server was set up, nor when it is new', async () => {
    const data = await dataDirectory()
    for (const migrations of [[], MIGRATIONS]) {
      const { value, said } = await open(data, migrations)
      expect(value).toBeUndefined()
      if (migrations.length === 0) expect(said).toEqual([])
    }
    await using opened = await openDatabase(await dataDirectory(), () => expect.unreachable())
    expect((await opened.seed(firstDocument(ACCOUNT))).peek().public.packageData).toEqual({})
  })

  it.each([
    ['a newer version of the model', '0.4.1', /newer version 0\.4\.1/],
    ['an older version than any step knows', '0.3.0', /cannot migrate/],
  ])('is refused and left untouched when it is of %s', async (_, version, message) => {
    const known = version === '0.3.0' ? MIGRATIONS.length : 0
    const data = await olderData(known, (document) => void (document.public.serverInfo.version = version))
    const before = await readFile(databasePath(data))
    await expect(open(data)).rejects.toMatchObject({
      kind: 'MigrationFailed',
      details: expect.stringMatching(message) as string,
    })
    expect((await readFile(databasePath(data))).equals(before)).toBe(true)
  })

  it('is refused and left untouched when a newer program has migrated it', async () => {
    const data = await olderData()
    const newer = [...MIGRATIONS, { name: 'from-the-future', migrate: () => undefined }]
    await open(data, newer)
    const before = await readFile(databasePath(data))
    await expect(open(data)).rejects.toMatchObject({
      kind: 'MigrationFailed',
      details: expect.stringContaining('“from-the-future”') as string,
    })
    expect((await readFile(databasePath(data))).equals(before)).toBe(true)
  })

  it('says what was lost at the end of the file, and where it is now', async () => {
    const data = await olderData(MIGRATIONS.length)
    const path = databasePath(data)
    const bytes = await readFile(path)
    await writeFile(path, Buffer.concat([bytes, Buffer.from('half a record')]))
    const { said } = await open(data)
    expect(said).toEqual([expect.stringMatching(/13 bytes after revision 1; they are in .*damaged-/)])
  })

  it('is refused when it is of another program', async () => {
    const data = await dataDirectory()
    await open(data, [])
    const db = await PatchDb.open(databasePath(data))
    await db.put('', { of: 'another program' })
    await db.close()
    for (const migrations of [[], MIGRATIONS])
      await expect(open(data, migrations)).rejects.toMatchObject({
        kind: 'MigrationFailed',
        details: 'The data does not say which version wrote it',
      })
  })
})
