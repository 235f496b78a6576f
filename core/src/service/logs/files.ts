import { open, readdir, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { LogLevel } from '@startd/base/rpc/params.ts'
import { z } from 'zod'
import type { LogEntry } from '../contract.ts'

const PIECE = 64 * 1024
const NEWLINE = 0x0a

/** Where a line begins: number of its file, and byte in it. Neither ever comes back for another line. */
export interface Position {
  readonly file: number
  readonly offset: number
}

export interface LogLine {
  readonly at: Position
  /** Where the next line begins. */
  readonly next: Position
  readonly entry: LogEntry
  /** How serious it is, in the server’s own log. */
  readonly level: LogLevel | null
}

const Line = z.object({
  timestamp: z.string(),
  message: z.string(),
  bootId: z.string(),
  level: LogLevel.nullish(),
})

/** Numbers of a package's log files, oldest first; files are `<number>.ndjson` (build/native/journal.c). */
export async function logFiles(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch(() => [])
  return names
    .map((name) => /^(\d+)\.ndjson$/.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
}

const pathOf = (directory: string, file: number) =>
  join(directory, `${String(file).padStart(10, '0')}.ndjson`)

/** Complete lines from a position on, oldest first, until the present end. */
export async function* linesFrom(directory: string, from: Position | null): AsyncGenerator<LogLine> {
  for (const file of await logFiles(directory)) {
    if (from && file < from.file) continue
    await using handle = await open(pathOf(directory, file), 'r').catch(() => null)
    // The oldest file may go while it is looked for.
    if (handle) yield* linesOf(handle, file, from?.file === file ? from.offset : 0)
  }
}

async function* linesOf(handle: FileHandle, file: number, start: number): AsyncGenerator<LogLine> {
  let offset = start
  let rest = Buffer.alloc(0)
  for (;;) {
    const piece = Buffer.allocUnsafe(PIECE)
    const { bytesRead } = await handle.read(piece, 0, PIECE, offset + rest.length)
    if (bytesRead === 0) return
    const bytes = Buffer.concat([rest, piece.subarray(0, bytesRead)])
    let begin = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, begin)) {
      const next = { file, offset: offset + end + 1 }
      const line = parse(bytes.subarray(begin, end), { file, offset: offset + begin }, next)
      if (line) yield line
      begin = end + 1
    }
    offset += begin
    rest = bytes.subarray(begin)
  }
}

/** Lines before a position (the end where null), newest first. */
export async function* linesBefore(directory: string, before: Position | null): AsyncGenerator<LogLine> {
  for (const file of (await logFiles(directory)).reverse()) {
    if (before && file > before.file) continue
    await using handle = await open(pathOf(directory, file), 'r').catch(() => null)
    if (!handle) continue
    const { size } = await handle.stat()
    yield* linesBackwards(handle, file, before?.file === file ? Math.min(before.offset, size) : size)
  }
}

async function* linesBackwards(handle: FileHandle, file: number, end: number): AsyncGenerator<LogLine> {
  let start = end
  /** Bytes from `start` on that belong to lines not yet given out. */
  let rest = Buffer.alloc(0)
  while (start > 0) {
    const length = Math.min(PIECE, start)
    const piece = Buffer.allocUnsafe(length)
    const { bytesRead } = await handle.read(piece, 0, length, start - length)
    if (bytesRead < length) return
    start -= length
    rest = Buffer.concat([piece, rest])
    for (;;) {
      const last = rest.length - 1
      // Without a newline at its end this is half a line still being written, or one that goes on further back.
      const from = rest.lastIndexOf(NEWLINE, rest[last] === NEWLINE ? last - 1 : last)
      if (last < 0 || (from === -1 && start > 0)) break
      const next = { file, offset: start + rest.length }
      const bytes = rest.subarray(from + 1, rest[last] === NEWLINE ? last : undefined)
      const line = rest[last] === NEWLINE ? parse(bytes, { file, offset: start + from + 1 }, next) : null
      rest = rest.subarray(0, from + 1)
      if (line) yield line
    }
  }
}

/** Null for what is no log line. */
function parse(bytes: Buffer, at: Position, next: Position): LogLine | null {
  try {
    const { timestamp, message, bootId, level } = Line.parse(JSON.parse(bytes.toString('utf8')))
    return { at, next, entry: { timestamp, message, bootId }, level: level ?? null }
  } catch {
    return null
  }
}
