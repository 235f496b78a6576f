import { PatchDbError } from '../errors.ts'
import { isObject, type JsonValue } from '../json.ts'
import type { Revision } from '../patch.ts'
import {
  decodePayload,
  decodePayloads,
  findFrame,
  flawAt,
  forgetDecoded,
  payloadOf,
  readFrame,
  type Flaw,
  type Frame,
} from './frame.ts'
import { replayer, type Replay } from './replay.ts'

/** First bytes of every log file; the last one is the version of the layout. */
const LAYOUT = 1
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
  readonly id: number
  /** Not frozen yet; nobody else holds it. */
  readonly value: JsonValue
  /** Names of the migrations that the document has been through. */
  readonly migrations: readonly string[]
  /** Length of the sound part of the file. */
  readonly end: number
  readonly snapshotEnd: number
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
 */
export function readLog(file: Buffer, path: string, onRecord?: OnRecord): Recovered {
  checkHeader(file, path)
  const first = readFrame(file, FILE_HEADER.length)
  if (first === undefined) throw new Damage(path, FILE_HEADER.length, 'the snapshot is unreadable')
  const snapshot = readSnapshot(file, first, path)
  let { id, value } = snapshot
  onRecord?.({ offset: first.start, end: first.end, id })
  const replay = replayer()
  let frame = first
  let sealed = false
  const recovered = (): Recovered => ({
    id,
    value,
    migrations: snapshot.migrations,
    end: frame.end,
    snapshotEnd: first.end,
    sealed,
    tail: tailOf(file, frame.end),
  })
  for (const [next, content] of records(file, frame.end, path)) {
    const revisions = revisionsOf(content, next, path)
    for (const revision of revisions) {
      if (revision.id !== id + 1)
        throw new Damage(path, next.start, `revision ${revision.id} follows ${id}`, recovered())
      value = reapply(replay, value, revision, path, next.start)
      id = revision.id
    }
    sealed = revisions.length === 0 && next.durable === next.start
    frame = next
    onRecord?.({ offset: next.start, end: next.end, id })
  }
  forgetDecoded()
  if (frame.end < file.length && wasDurable(file, frame.end))
    throw new Damage(path, frame.end, 'a record that had been safely on disk is unreadable now', recovered())
  return recovered()
}

/** A later frame that was written when this place was already durable proves that the place was damaged since. */
function wasDurable(file: Buffer, end: number): boolean {
  for (let at = findFrame(file, end); at !== undefined; at = findFrame(file, at.end))
    if (at.durable > end) return true
  return false
}

function tailOf(file: Buffer, end: number): Tail | undefined {
  return end < file.length ? { offset: end, bytes: file.length - end, flaw: flawAt(file, end) } : undefined
}

function reapply(
  replay: Replay,
  value: JsonValue,
  revision: Revision,
  path: string,
  offset: number,
): JsonValue {
  try {
    return replay(value, revision.patch)
  } catch (error) {
    throw new Damage(path, offset, `revision ${revision.id} does not fit`, undefined, error)
  }
}

function checkHeader(file: Buffer, path: string): void {
  if (file.length === 0) throw new PatchDbError('Foreign', `${path} is empty`)
  if (!file.subarray(0, MAGIC.length).equals(MAGIC))
    throw new PatchDbError('Foreign', `${path} does not begin like one. It was left as it is`)
  const layout = file[MAGIC.length] ?? 0
  if (layout > LAYOUT)
    throw new PatchDbError(
      'Unsupported',
      `${path} has layout ${layout}, and this program reads layout ${LAYOUT}. Use the newer program again; the file was left as it is`,
    )
  if (layout !== LAYOUT) throw new Damage(path, MAGIC.length, `there is no layout ${layout}`)
}

type Snapshot = {
  readonly id: number
  readonly value: JsonValue
  readonly migrations: readonly string[]
}

function readSnapshot(file: Buffer, frame: Frame, path: string): Snapshot {
  const snapshot = decode(file, frame, path)
  if (!isObject(snapshot) || !Number.isSafeInteger(snapshot['id']) || snapshot['value'] === undefined)
    throw new Damage(path, frame.start, 'the first record is no snapshot')
  const { id, value, migrations = [] } = snapshot
  if (!Array.isArray(migrations) || !migrations.every((name) => typeof name === 'string'))
    throw new Damage(path, frame.start, 'the snapshot does not say which migrations it has been through')
  return { id: id as number, value, migrations }
}

function revisionsOf(content: unknown, frame: Frame, path: string): readonly Revision[] {
  if (!Array.isArray(content)) throw new Damage(path, frame.start, 'a record holds no revisions')
  return content as Revision[]
}

/** How much is decoded at once. */
const BATCH_BYTES = 1024 * 1024

/** The sound frames from `start` on, with their contents. */
function* records(file: Buffer, start: number, path: string): Generator<[Frame, unknown]> {
  let batch: Frame[] = []
  let bytes = 0
  for (let frame = readFrame(file, start); frame !== undefined; frame = readFrame(file, frame.end)) {
    batch.push(frame)
    bytes += frame.end - frame.start
    if (bytes < BATCH_BYTES) continue
    yield* contentsOf(file, batch, path)
    batch = []
    bytes = 0
  }
  yield* contentsOf(file, batch, path)
}

function* contentsOf(file: Buffer, frames: readonly Frame[], path: string): Generator<[Frame, unknown]> {
  const contents = decodePayloads(file, frames)
  for (const [i, frame] of frames.entries())
    yield [frame, contents === undefined ? decode(file, frame, path) : contents[i]]
}

function decode(file: Buffer, frame: Frame, path: string): JsonValue {
  try {
    return decodePayload(payloadOf(file, frame)) as JsonValue
  } catch (error) {
    throw new Damage(path, frame.start, 'a record with a good checksum cannot be decoded', undefined, error)
  }
}
