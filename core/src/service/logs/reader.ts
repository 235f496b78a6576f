import { mkdir, watch } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import type { LogLevel } from '@startd/base/rpc/params.ts'
import type { LogEntry, LogPage, LogQuery, LogStream } from '../contract.ts'
import { linesBefore, linesFrom, type LogLine, type Position } from './files.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 10_000
const BATCH = 1000

/** Reads one page of a package's log (service-runtime.md §10.1). */
export async function readLogs(directory: string, query: LogQuery): Promise<LogPage> {
  const limit = limitOf(query)
  const at = positionOf(query.cursor)
  const wanted = await filterOf(directory, query)
  const backwards = at === null || query.before === true
  const source = backwards ? linesBefore(directory, at) : after(linesFrom(directory, at), at)
  const lines = await take(source, limit, wanted)
  return pageOf(backwards ? lines.reverse() : lines)
}

/** A log from its last lines, or from a cursor, on and on until `signal` aborts. */
export async function followLogs(
  directory: string,
  query: LogQuery,
  signal: AbortSignal,
): Promise<LogStream> {
  const at = positionOf(query.cursor)
  const wanted = await filterOf(directory, query)
  await mkdir(directory, { recursive: true })
  if (at !== null) {
    return {
      startCursor: query.cursor ?? null,
      entries: goOn(directory, { at, skipFirst: true }, wanted, signal),
    }
  }
  const present = await endOf(directory)
  const recent = (await take(linesBefore(directory, present), limitOf(query), wanted)).reverse()
  const first = recent[0]
  return {
    startCursor: first ? cursorOf(first.at) : null,
    entries: (async function* () {
      for (const { entry } of recent) yield entry
      yield* goOn(directory, { at: present, skipFirst: false }, wanted, signal)
    })(),
  }
}

async function* goOn(
  directory: string,
  start: { at: Position | null; skipFirst: boolean },
  wanted: Filter,
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  let from = start.at
  let skip = start.skipFirst ? start.at : null
  for await (const _ of changes(directory, signal)) {
    // Read in batches: a consumer that stops in the middle leaves no open file.
    for (let batch = await next(); batch.length > 0; batch = await next()) {
      for (const line of batch) {
        if (skip && samePosition(line.at, skip)) skip = null
        else if (wanted(line)) yield line.entry
      }
    }
  }

  async function next(): Promise<LogLine[]> {
    const batch = await take(linesFrom(directory, from), BATCH, () => true)
    from = batch.at(-1)?.next ?? from
    return batch
  }
}

/** Says at once, and again after each change in the directory; changes that come together are one. */
async function* changes(directory: string, signal: AbortSignal): AsyncGenerator<void> {
  if (signal.aborted) return
  const watcher = watch(directory, { signal })[Symbol.asyncIterator]()
  // The watch begins with the first request; only what is read after that cannot be missed.
  const ask = () => {
    const asked = watcher.next()
    // Looked at only when the consumer comes back, which it may not do.
    asked.catch(() => undefined)
    return asked
  }
  let next = ask()
  yield
  try {
    for (;;) {
      if ((await next).done) return
      next = ask()
      yield
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await watcher.return?.()
  }
}

type Filter = (line: LogLine) => boolean

/** Most serious first. */
const LEVELS: readonly LogLevel[] = ['error', 'warning', 'info', 'debug']

/** Which lines a reader asks for. */
async function filterOf(directory: string, { boot, search, level }: LogQuery): Promise<Filter> {
  const inBoot = await bootFilter(directory, boot)
  const text = search?.toLowerCase() ?? ''
  const least = LEVELS.indexOf(level ?? 'debug')
  return (line) =>
    inBoot(line.entry.bootId) &&
    LEVELS.indexOf(line.level ?? 'info') <= least &&
    (text === '' || line.entry.message.toLowerCase().includes(text))
}

type BootFilter = (bootId: string) => boolean

/** Which starts of the container are wanted: by id, or counted back from the last (0, -1 …) or on from the first (1 …). */
async function bootFilter(directory: string, boot: LogQuery['boot']): Promise<BootFilter> {
  if (boot === null || boot === undefined || boot === 'all') return () => true
  const number = typeof boot === 'number' ? boot : /^[+-]?\d{1,4}$/.test(boot) ? Number(boot) : null
  if (number === null) return (bootId) => bootId === boot
  const source = number > 0 ? linesFrom(directory, null) : linesBefore(directory, null)
  const wanted = number > 0 ? number - 1 : -number
  const seen = new Set<string>()
  for await (const { entry } of source) {
    seen.add(entry.bootId)
    if (seen.size > wanted) return (bootId) => bootId === entry.bootId
  }
  return () => false
}

async function take(source: AsyncIterable<LogLine>, limit: number, wanted: Filter): Promise<LogLine[]> {
  const lines: LogLine[] = []
  if (limit === 0) return lines
  for await (const line of source) {
    if (!wanted(line)) continue
    lines.push(line)
    if (lines.length === limit) break
  }
  return lines
}

/** Without the line that the cursor names itself. */
async function* after(source: AsyncIterable<LogLine>, at: Position): AsyncGenerator<LogLine> {
  for await (const line of source) if (!samePosition(line.at, at)) yield line
}

async function endOf(directory: string): Promise<Position | null> {
  for await (const line of linesBefore(directory, null)) return line.next
  return null
}

function pageOf(lines: readonly LogLine[]): LogPage {
  const [first, last] = [lines[0], lines.at(-1)]
  return {
    entries: lines.map(({ entry }) => entry),
    startCursor: first ? cursorOf(first.at) : null,
    endCursor: last ? cursorOf(last.at) : null,
  }
}

const cursorOf = ({ file, offset }: Position): string => `${file}-${offset}`

function positionOf(cursor: string | null | undefined): Position | null {
  if (cursor === null || cursor === undefined) return null
  const [, file, offset] = /^(\d{1,15})-(\d{1,15})$/.exec(cursor) ?? []
  if (file === undefined || offset === undefined) {
    throw new CodedError('InvalidRequest', 'this is not a place in the log')
  }
  return { file: Number(file), offset: Number(offset) }
}

const samePosition = (a: Position, b: Position) => a.file === b.file && a.offset === b.offset

function limitOf({ limit }: LogQuery): number {
  return Math.max(0, Math.min(MAX_LIMIT, Math.floor(limit ?? DEFAULT_LIMIT)))
}
