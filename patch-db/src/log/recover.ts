import { PatchDbError } from '../errors.ts'
import { deepFreeze, isObject, type JsonValue } from '../json.ts'
import { applyPatch, type Revision } from '../patch.ts'
import { decodePayload, findFrame, readFrame, type Frame } from './frame.ts'

/** First bytes of every log file; the last one is the version of the layout. */
export const FILE_HEADER = Buffer.from('PATCHDB\x01', 'latin1')
const MAGIC = FILE_HEADER.subarray(0, 7)

/** What was lost when a file with an unfinished last write was opened: nothing that had been acknowledged. */
export type Recovery = {
  readonly path: string
  /** Sequence of the document after recovery. */
  readonly sequence: number
  /** Where the unfinished write began, and how many bytes of it were dropped. */
  readonly offset: number
  readonly droppedBytes: number
}

export type Recovered = {
  readonly id: number
  readonly value: JsonValue
  /** Length of the sound part of the file. */
  readonly end: number
  readonly snapshotBytes: number
  readonly droppedBytes: number
}

/**
 * Reads a whole log. Damage at the end, as a crash leaves it behind, is cut off; damage in front of bytes that had
 * been acknowledged throws `Corrupt`, a foreign file too, and a file of a newer layout `Unsupported`.
 */
export function readLog(file: Buffer, path: string): Recovered {
  checkHeader(file, path)
  const first = readFrame(file, FILE_HEADER.length)
  if (first === undefined) throw corrupt(path, FILE_HEADER.length, 'the snapshot is unreadable')
  const snapshot = decode(first, path)
  if (!isObject(snapshot) || typeof snapshot['id'] !== 'number' || snapshot['value'] === undefined)
    throw corrupt(path, first.start, 'the first record is no snapshot')
  let id = snapshot['id']
  let value = deepFreeze(snapshot['value'])
  let frame = first
  for (let next = readFrame(file, frame.end); next !== undefined; next = readFrame(file, frame.end)) {
    for (const revision of decodeRevisions(next, path)) {
      if (revision.id !== id + 1) throw corrupt(path, next.start, `revision ${revision.id} follows ${id}`)
      value = replay(value, revision, path, next.start)
      id = revision.id
    }
    frame = next
  }
  if (frame.end < file.length) refuseLostData(file, frame.end, path)
  const snapshotBytes = first.end - FILE_HEADER.length
  return { id, value, end: frame.end, snapshotBytes, droppedBytes: file.length - frame.end }
}

function replay(value: JsonValue, revision: Revision, path: string, offset: number): JsonValue {
  try {
    for (const op of revision.patch) if (op.op !== 'remove') deepFreeze(op.value as JsonValue)
    return applyPatch(value, revision.patch).value
  } catch (error) {
    throw corrupt(path, offset, `revision ${revision.id} does not fit`, error)
  }
}

/** A later frame that was written when this place was already durable proves that the place was damaged since. */
function refuseLostData(file: Buffer, end: number, path: string): void {
  for (let at = findFrame(file, end); at !== undefined; at = findFrame(file, at.end))
    if (at.durable > end) throw corrupt(path, end, 'unreadable, with sound records after it')
}

function checkHeader(file: Buffer, path: string): void {
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) throw corrupt(path, 0, 'this is not a Patch-DB file')
  const version = file[MAGIC.length] ?? 0
  if (version > 1)
    throw new PatchDbError('Unsupported', `${path} has layout ${version}, this program reads 1`)
}

function decode(frame: Frame, path: string): JsonValue {
  try {
    return decodePayload(frame.payload) as JsonValue
  } catch (error) {
    throw corrupt(path, frame.start, 'a record with a good checksum cannot be decoded', error)
  }
}

function decodeRevisions(frame: Frame, path: string): readonly Revision[] {
  const revisions: unknown = decode(frame, path)
  if (!Array.isArray(revisions)) throw corrupt(path, frame.start, 'a record holds no revisions')
  return revisions as Revision[]
}

function corrupt(path: string, offset: number, what: string, cause?: unknown): PatchDbError {
  return new PatchDbError('Corrupt', `${path}, byte ${offset}: ${what}. The file was left as it is.`, cause)
}
