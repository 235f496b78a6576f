import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Encoder } from 'cbor-x'
import { PatchDb } from '../src/patch-db.ts'
import { makeDocument, type Model } from './document.ts'

export type Measured = { readonly milliseconds: number; readonly bytes: number }

const REVISIONS = 4000

/** A store of 10 MB with 4,000 logged revisions, and a bare CBOR dump of the same document, until disposed of. */
export async function storeFiles(): Promise<
  AsyncDisposable & { readonly store: string; readonly dump: string }
> {
  const directory = await mkdtemp(join(process.env['PATCH_DB_BENCH_DIR'] ?? tmpdir(), 'patch-db-bench-'))
  const store = join(directory, 'store.db')
  const dump = join(directory, 'dump.cbor')
  await using db = await PatchDb.open<Model>(store, { initial: makeDocument(200, 46_000) })
  for (let i = 0; i < REVISIONS; i++)
    await db.mutate(
      (draft) => {
        const service = draft.public.packageData[`service-${i % 200}`]
        if (service !== undefined)
          service.statusInfo.health['web'] = { result: 'success', message: `check ${i}` }
        draft.private.counter++
      },
      { durable: false },
    )
  await writeFile(dump, new Encoder({ useRecords: false, variableMapSize: true }).encode(db.peek()))
  return { store, dump, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) }
}

/** Runs `store-child.ts` once. */
export async function measureAlone(what: 'decode' | 'open' | 'work', path: string): Promise<Measured> {
  const child = join(import.meta.dirname, 'store-child.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child, what, path])
  return JSON.parse(stdout) as Measured
}
