import { writeFile } from 'node:fs/promises'
import { parse, join } from 'node:path'
import { adopt } from './adopt.ts'
import { itemsOf } from './cbor-sequence.ts'
import { PatchDbError } from './errors.ts'
import type { JsonValue } from './json.ts'
import { asIo, readIfPresent } from './log/files.ts'
import { decodePayload } from './log/frame.ts'
import { createDatabase } from './log/open.ts'
import { parsePatch } from './parse-patch.ts'
import { applyPatch, type PatchOp } from './patch.ts'

/** A patch of the source that could not be applied: it counts as a revision and changes nothing. */
export type FailedPatch = { readonly id: number; readonly patch: unknown; readonly reason: string }

/** What a database file of StartOS holds. */
export type ReferenceFile = {
  /** The file that was read: a finished `.bak` beside the database counts instead of it. */
  readonly source: string
  readonly id: number
  readonly value: JsonValue
  readonly failed: readonly FailedPatch[]
  /** Bytes at the end that are no whole patch, as an interrupted write leaves them; zero as a rule. */
  readonly unreadBytes: number
  /** The file in which StartOS itself has put patches that it could not apply; null if there is none. */
  readonly earlierFailures: string | null
}

/** A file that was taken over, and where the copy of what did not fit is. */
export type Imported = ReferenceFile & {
  /** Where the failed patches were written, one a line as JSON; null if there were none. */
  readonly failedAs: string | null
}

/**
 * Reads a database file of StartOS: a CBOR sequence (RFC 8742) of sequence number, document, and one array of
 * operations for each revision since. Nothing is written. Throws `Foreign` if number or document are unreadable,
 * `InvalidValue` if the document holds what JSON cannot say, `Io`.
 */
export async function readReference(path: string): Promise<ReferenceFile> {
  const backup = sibling(path, '.bak')
  const finished = path === backup ? undefined : await read(backup)
  const bytes = finished ?? (await read(path))
  const source = finished === undefined ? path : backup
  if (bytes === undefined) throw new PatchDbError('Io', `there is no file ${path}`)
  const { items, end } = decodeSequence(bytes)
  const [id = 0, document = null, ...revisions] = items
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0)
    throw new PatchDbError(
      'Foreign',
      `${source} does not begin with a sequence number, as a file of StartOS does`,
    )
  if (items.length < 2 && bytes.length > 0)
    throw new PatchDbError('Foreign', `${source} holds no whole document`)
  const failed: FailedPatch[] = []
  let value = adopt(document)
  let sequence = id
  for (const item of revisions) {
    sequence++
    try {
      value = applyPatch(value, parsePatch(item).map(ownOp)).value
    } catch (error) {
      if (!(error instanceof PatchDbError)) throw error
      failed.push({ id: sequence, patch: item, reason: error.message })
    }
  }
  const failures = sibling(path, '.failed')
  const earlierFailures = (await read(failures)) === undefined ? null : failures
  return { source, id: sequence, value, failed, unreadBytes: bytes.length - end, earlierFailures }
}

/**
 * Makes a new database file of what a file of StartOS holds; sequence numbers go on. The source stays as it is.
 * Throws what `readReference` throws, and `Exists` if there is something at `target`.
 */
export async function importReference(path: string, target: string): Promise<Imported> {
  const found = await readReference(path)
  await createDatabase(target, { id: found.id, value: found.value, migrations: [] })
  if (found.failed.length === 0) return { ...found, failedAs: null }
  const failedAs = `${target}.failed`
  const lines = found.failed.map(({ patch }) => `${JSON.stringify(patch, textOf)}\n`)
  await writeFile(failedAs, lines.join(''), { mode: 0o600 }).catch((error: unknown) => {
    throw asIo(error, failedAs)
  })
  return { ...found, failedAs }
}

/** Items up to the first one that cannot be read, which begins at `end`. */
function decodeSequence(bytes: Buffer): { items: unknown[]; end: number } {
  const items: unknown[] = []
  let end = 0
  for (const item of itemsOf(bytes)) {
    try {
      items.push(decodePayload(bytes.subarray(item.start, item.end)))
    } catch {
      // StartOS stops here too: what follows something unreadable is unknown.
      break
    }
    end = item.end
  }
  return { items, end }
}

function ownOp(op: PatchOp): PatchOp {
  return op.op === 'remove' ? op : { ...op, value: adopt(op.value) }
}

/** What JSON cannot say, for a person to read. */
function textOf(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function sibling(path: string, extension: string): string {
  const { dir, name } = parse(path)
  return join(dir, name + extension)
}

async function read(path: string): Promise<Buffer | undefined> {
  return await readIfPresent(path).catch((error: unknown) => {
    throw asIo(error, path)
  })
}
