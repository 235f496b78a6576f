import {
  appendFileSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
} from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { LogLevel, LogResponse } from '@startd/base/rpc/params.ts'
import { followLogs, readLogs } from '../../service/logs/reader.ts'
import type { FollowedLog, LogQuery, LogSource } from './source.ts'

export type LogFields = Readonly<Record<string, unknown>>

/** What parts of the program write to. */
export interface Logger {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export interface ServerLogOptions {
  /** Told of each line as it is written; a terminal, or the journal of the system. */
  readonly echo: (line: { time: string; level: LogLevel; message: string }) => void
  /** Bytes after which a new file begins, and how many files are kept (system.md §9.3). */
  readonly fileSize?: number
  readonly files?: number
}

const NEWLINE = 0x0a
const WORDS: Record<LogLevel, string> = { error: 'ERROR', warning: 'WARN', info: 'INFO', debug: 'DEBUG' }

/** The server's own log: one JSON object a line in numbered files, as services have theirs. */
export class ServerLog implements Logger, LogSource, Disposable {
  readonly directory: string
  /** Names this run of the program. */
  readonly boot = randomUUID().replaceAll('-', '')
  readonly #echo: ServerLogOptions['echo']
  readonly #fileSize: number
  readonly #files: number
  /** Null once closed: the number may be another file's then. */
  #file: number | null
  #number: number
  #size: number

  constructor(directory: string, { echo, fileSize = 10 * 1024 * 1024, files = 10 }: ServerLogOptions) {
    this.directory = directory
    this.#echo = echo
    this.#fileSize = fileSize
    this.#files = files
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    this.#number = numbersIn(directory).at(-1) ?? 1
    this.#file = openSync(this.#path(this.#number), 'a+', 0o600)
    this.#size = fstatSync(this.#file).size
    // What a crash has left of its last line must not become a part of ours.
    if (!endsLine(this.#file, this.#size)) this.#append('\n')
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warning', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields)
  }

  read(query: LogQuery): Promise<LogResponse> {
    return readLogs(this.directory, query)
  }

  follow(query: LogQuery, signal: AbortSignal): Promise<FollowedLog> {
    return followLogs(this.directory, query, signal)
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  #write(level: LogLevel, text: string, fields: LogFields = {}): void {
    const more = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
    const message = `${WORDS[level]} ${text}${more.join('')}`
    const time = new Date().toISOString()
    this.#append(`${JSON.stringify({ timestamp: time, level, message, bootId: this.boot })}\n`)
    this.#echo({ time, level, message })
  }

  /** What cannot be written, on a full disk for example, must not take the server down; the terminal still shows it. */
  #append(text: string): void {
    if (this.#file === null) return
    if (this.#size > 0 && this.#size + Buffer.byteLength(text) > this.#fileSize) this.#rotate(this.#file)
    try {
      appendFileSync(this.#file, text)
      this.#size += Buffer.byteLength(text)
    } catch {
      // See above.
    }
  }

  /** Goes on in a new file; in the full one where that is not possible. */
  #rotate(full: number): void {
    try {
      this.#file = openSync(this.#path(this.#number + 1), 'a', 0o600)
      closeSync(full)
      this.#number += 1
      this.#size = 0
      for (const old of numbersIn(this.directory).slice(0, -this.#files)) rmSync(this.#path(old))
    } catch {
      // See above.
    }
  }

  #path(number: number): string {
    return join(this.directory, `${String(number).padStart(10, '0')}.ndjson`)
  }
}

function numbersIn(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => /^(\d+)\.ndjson$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

function endsLine(file: number, size: number): boolean {
  const last = Buffer.alloc(1)
  return size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === NEWLINE)
}
