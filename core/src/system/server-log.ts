import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import type { LogEntry, LogResponse } from '@startd/base/rpc/params.ts'
import { z } from 'zod'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** What parts of the program write to. */
export interface Logger {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export interface ServerLogQuery {
  limit?: number | null
  cursor?: string | null
  before?: boolean
  boot?: string | number | null
}

const Line = z.object({
  time: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
  boot: z.string(),
  n: z.int(),
  fields: z.record(z.string(), z.unknown()).optional(),
})
type Line = z.infer<typeof Line>

const ROTATE_AT = 4 * 1024 * 1024
const DEFAULT_LIMIT = 50

/** The server's own log: one JSON object a line in a file (and the file before it), and text to a terminal. */
export class ServerLog implements Logger, Disposable {
  readonly path: string
  /** Names this run of the program. */
  readonly boot = randomUUID().replaceAll('-', '')
  readonly #echo: (text: string) => void
  readonly #followers = new Set<(line: Line) => void>()
  /** Null once closed: the number may be another file's then. */
  #file: number | null
  #size: number
  #count = 0

  constructor(path: string, echo: (text: string) => void) {
    this.path = path
    this.#echo = echo
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    this.#file = openSync(path, 'a', 0o600)
    this.#size = fstatSync(this.#file).size
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields)
  }

  /** A page of the log, oldest first. */
  read(query: ServerLogQuery): LogResponse {
    const limit = query.limit ?? DEFAULT_LIMIT
    let lines = this.#lines()
    const boot = bootId(lines, query.boot ?? null)
    if (boot !== null) lines = lines.filter((line) => line.boot === boot)
    const at = query.cursor ? lines.findIndex((line) => cursorOf(line) === query.cursor) : -1
    const page =
      at < 0
        ? lines.slice(Math.max(0, lines.length - limit))
        : query.before
          ? lines.slice(Math.max(0, at - limit), at)
          : lines.slice(at + 1, at + 1 + limit)
    const [first, last] = [page[0], page.at(-1)]
    return {
      entries: page.map(entryOf),
      startCursor: first ? cursorOf(first) : null,
      endCursor: last ? cursorOf(last) : null,
    }
  }

  /** The page that a reader begins with, then every new line, until the signal aborts. */
  follow(
    query: ServerLogQuery,
    signal: AbortSignal,
  ): { startCursor: string | null; entries: AsyncIterable<LogEntry> } {
    const queue: Line[] = []
    let wake = Promise.withResolvers<void>()
    const push = (line: Line) => {
      queue.push(line)
      wake.resolve()
    }
    const page = this.read(query)
    this.#followers.add(push)
    signal.addEventListener('abort', () => {
      this.#followers.delete(push)
      wake.resolve()
    })
    async function* entries(): AsyncGenerator<LogEntry> {
      yield* page.entries
      for (;;) {
        for (const line of queue.splice(0)) yield entryOf(line)
        if (signal.aborted) return
        await wake.promise
        wake = Promise.withResolvers()
      }
    }
    return { startCursor: page.startCursor, entries: entries() }
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  #write(level: LogLevel, message: string, fields?: LogFields): void {
    const line: Line = { time: new Date().toISOString(), level, message, boot: this.boot, n: this.#count++ }
    if (fields) line.fields = { ...fields }
    this.#append(`${JSON.stringify(line)}\n`)
    this.#echo(`${line.time} ${entryOf(line).message}`)
    for (const follower of this.#followers) follower(line)
  }

  /** What cannot be written, on a full disk for example, must not take the server down; the terminal still shows it. */
  #append(text: string): void {
    if (this.#file === null) return
    if (this.#size + text.length > ROTATE_AT) this.#file = this.#rotated(this.#file)
    try {
      appendFileSync(this.#file, text)
      this.#size += text.length
    } catch {
      // See above.
    }
  }

  /** A new file in place of a full one; the full one itself where that is not possible. */
  #rotated(full: number): number {
    try {
      renameSync(this.path, `${this.path}.1`)
      const file = openSync(this.path, 'a', 0o600)
      closeSync(full)
      this.#size = 0
      return file
    } catch {
      return full
    }
  }

  #lines(): Line[] {
    return [`${this.path}.1`, this.path].flatMap((path) => readLines(path))
  }
}

function readLines(path: string): Line[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((row) => {
    if (row === '') return []
    try {
      return [Line.parse(JSON.parse(row))]
    } catch {
      return []
    }
  })
}

/** 0 is the newest run, -1 the one before. */
function bootId(lines: readonly Line[], boot: string | number | null): string | null {
  if (boot === null) return null
  const index = typeof boot === 'number' ? boot : /^-?\d{1,3}$/.test(boot) ? Number(boot) : null
  if (index === null) return String(boot)
  const boots = [...new Set(lines.map((line) => line.boot))]
  return boots.at(index - 1) ?? 'none'
}

function cursorOf(line: Line): string {
  return `${line.boot}.${line.n}`
}

function entryOf(line: Line): LogEntry {
  const fields = Object.entries(line.fields ?? {}).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  return {
    timestamp: line.time,
    message: `${line.level.toUpperCase()} ${line.message}${fields.join('')}`,
    bootId: line.boot,
  }
}
