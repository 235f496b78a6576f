import { crc32 } from 'node:zlib'
import { PatchDbError } from '../errors.ts'
import { isObject, type JsonValue } from '../json.ts'
import {
  decodeFrames,
  decodePayload,
  FILLER,
  findFrame,
  flawAt,
  forgetDecoded,
  isSeal,
  payloadOf,
  readFrame,
  soundFrames,
  type Flaw,
  type Frame,
} from './frame.ts'
import { replayer } from './replay.ts'
import type { Row } from './row.ts'

/** The layout that is written. */
export const LAYOUT = 2
/** First bytes of every log file; the last one is the version of the layout. */
export const FILE_HEADER = Buffer.concat([Buffer.from('PATCHDB', 'latin1'), Buffer.from([LAYOUT])])
const MAGIC = FILE_HEADER.subarray(0, 7)

/** Bytes at the end of a file that are no sound record, though nothing proves that anybody was told of them. */
export type Tail = {
  readonly offset: number
  readonly bytes: number
  /**
   * `short`: the beginning of a record, as an interrupted write leaves it. `checksum`: a record of full length with
   * wrong bytes in it, so it may have been whole once. `foreign`: nothing of a record.
   */
  readonly flaw: Flaw
}

export type Recovered = {
  /** The layout of the file. */
  readonly layout: number
  readonly id: number
  /** Not frozen yet; nobody else holds it. */
  readonly value: JsonValue
  /** Names of the migrations that the document has been through. */
  readonly migrations: readonly string[]
  /** Length of the sound part of the file. */
  readonly end: number
  readonly snapshotEnd: number
  /** CRC-32 of the sound records behind the snapshot, taken together: what the next seal continues. */
  readonly sum: number
  /** The file ends with the statement that everything before had reached the disk. */
  readonly sealed: boolean
  readonly tail: Tail | undefined
}

/** Told of each sound record: where it lies, and the sequence after it. */
export type OnRecord = (record: {
  readonly offset: number
  readonly end: number
  readonly id: number
}) => void

/** Where a damaged file goes wrong, and what stood before that. */
export class Damage extends PatchDbError {
  readonly offset: number
  readonly before: Recovered | undefined

  constructor(path: string, offset: number, what: string, before?: Recovered, cause?: unknown) {
    super('Corrupt', `${path}, byte ${offset}: ${what}. The file was left as it is.`, cause)
    this.offset = offset
    this.before = before
  }
}

/**
 * Reads a whole log. Damage at the end, as a crash leaves it behind, is reported as `tail`; damage in front of bytes
 * that had been acknowledged throws `Corrupt`. What is no log at all throws `Foreign`, a newer layout `Unsupported`.
 * The layout before this one is for `readLayout1`.
 */
export function readLog(file: Buffer, path: string, onRecord?: OnRecord): Recovered {
  checkHeader(file, path)
  const first = readFrame(file, FILE_HEADER.length)
  if (first === undefined) throw new Damage(path, FILE_HEADER.length, 'the snapshot is unreadable')
  const bounds = soundFrames(file, first.end)
  const snapshot = snapshotOf(decodeSnapshot(file, first, path), path, first.start)
  let { id, value } = snapshot
  onRecord?.({ offset: first.start, end: first.end, id })
  const replay = replayer()
  let done = 0
  const recovered = (): Recovered => {
    const end = bounds[done] as number
    const last = done === 0 ? undefined : readFrame(file, bounds[done - 1] as number)
    return {
      layout: LAYOUT,
      id,
      value,
      migrations: snapshot.migrations,
      end,
      snapshotEnd: first.end,
      sum: crc32(file.subarray(first.end, end)),
      sealed: last !== undefined && isSeal(file, last),
      tail: tailOf(file, end),
    }
  }
  const take = (content: unknown, frame: number): void => {
    const offset = bounds[frame] as number
    const rows = rowsOf(content, path, offset)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as Row
      if (row[0] !== id + 1)
        throw new Damage(path, offset, `revision ${String(row[0])} follows ${id}`, recovered())
      try {
        value = replay(value, row)
      } catch (error) {
        throw new Damage(path, offset, `revision ${row[0]} does not fit`, undefined, error)
      }
      id++
    }
    done = frame + 1
    onRecord?.({ offset, end: bounds[done] as number, id })
  }
  try {
    decodeFrames(file, bounds, take)
  } catch (error) {
    throw error instanceof PatchDbError ? error : undecodable(path, bounds[done] as number, error)
  }
  forgetDecoded()
  const found = recovered()
  if (found.tail !== undefined && wasDurable(file, found.end))
    throw new Damage(path, found.end, 'a record that had been safely on disk is unreadable now', found)
  return found
}

/** A later frame that was written when this place was already durable proves that the place was damaged since. */
function wasDurable(file: Buffer, end: number): boolean {
  for (let at = findFrame(file, end); at !== undefined; at = findFrame(file, at.end))
    if (at.durable > end) return true
  return false
}

/** The filler ahead of the records is none. */
function tailOf(file: Buffer, end: number): Tail | undefined {
  let length = file.length
  while (length > end && file[length - 1] === FILLER) length--
  if (length === end) return undefined
  return { offset: end, bytes: length - end, flaw: flawAt(file.subarray(0, length), end) }
}

function checkHeader(file: Buffer, path: string): void {
  if (file.length === 0) throw new PatchDbError('Foreign', `${path} is empty`)
  if (!file.subarray(0, MAGIC.length).equals(MAGIC))
    throw new PatchDbError('Foreign', `${path} does not begin like one. It was left as it is`)
  const layout = file[MAGIC.length] ?? 0
  if (layout > LAYOUT)
    throw new PatchDbError(
      'Unsupported',
      `${path} has layout ${layout}, and this program reads up to layout ${LAYOUT}. Use the newer program again; the file was left as it is`,
    )
  if (layout !== LAYOUT)
    throw new Damage(path, MAGIC.length, `it has layout ${layout}, which no released program has written`)
}

type Snapshot = {
  readonly id: number
  readonly value: JsonValue
  readonly migrations: readonly string[]
}

/** The snapshot that a first record holds. */
export function snapshotOf(snapshot: unknown, path: string, offset: number): Snapshot {
  if (!isObject(snapshot) || !Number.isSafeInteger(snapshot['id']) || snapshot['value'] === undefined)
    throw new Damage(path, offset, 'the first record is no snapshot')
  const { id, value, migrations = [] } = snapshot
  if (!Array.isArray(migrations) || !migrations.every((name) => typeof name === 'string'))
    throw new Damage(path, offset, 'the snapshot does not say which migrations it has been through')
  return { id: id as number, value, migrations }
}

/** The revisions of a record; none in a seal. */
function rowsOf(content: unknown, path: string, offset: number): readonly Row[] {
  if (typeof content === 'number') return []
  if (!Array.isArray(content) || !content.every(Array.isArray))
    throw new Damage(path, offset, 'a record holds no revisions')
  return content
}

function undecodable(path: string, offset: number, cause: unknown): Damage {
  return new Damage(path, offset, 'a record with a good checksum cannot be decoded', undefined, cause)
}

function decodeSnapshot(file: Buffer, frame: Frame, path: string): JsonValue {
  try {
    return decodePayload(payloadOf(file, frame)) as JsonValue
  } catch (error) {
    throw undecodable(path, frame.start, error)
  }
}
