import { CodedError } from '@startd/base/errors.ts'
import type { LogEntry, LogLevel, LogResponse } from '@startd/base/rpc/params.ts'

/** Which lines are asked for; see `LogsParams` for what each member means. */
export interface LogQuery {
  limit?: number | null
  cursor?: string | null
  before?: boolean
  boot?: string | number | null
  search?: string | null
  level?: LogLevel | null
}

/** A log that goes on until the signal of its call aborts. */
export interface FollowedLog {
  startCursor: string | null
  entries: AsyncIterable<LogEntry>
}

/** Somewhere that lines can be read from, oldest first (system.md §9.3). */
export interface LogSource {
  /** A page; throws InvalidRequest for a cursor or boot that is none. */
  read(query: LogQuery): Promise<LogResponse>
  /** The page that a reader begins with, then every new line without a gap between. */
  follow(query: LogQuery, signal: AbortSignal): Promise<FollowedLog>
}

/** The logs of this machine that the server shows. */
export interface Logs {
  readonly server: LogSource
  readonly kernel: LogSource
}

export const DEFAULT_LIMIT = 50
/** The most lines of one page. */
export const MAX_LIMIT = 10_000

export const limitOf = ({ limit }: LogQuery): number => Math.min(MAX_LIMIT, limit ?? DEFAULT_LIMIT)

/** Priorities of syslog (RFC 5424 §6.2.1) up to which a line is at least this serious. */
export const PRIORITY: Record<LogLevel, number> = { error: 3, warning: 4, info: 6, debug: 7 }

/** Programs that follow the journal for us at the same time, at most: some stages of the start let everybody follow. */
const MOST_FOLLOWERS = 128
let followers = 0

/** Takes one of the places for programs that follow; throws RateLimited when there is none left. */
export function followerPlace(): Disposable {
  if (followers >= MOST_FOLLOWERS) {
    throw new CodedError('RateLimited', 'Too many windows follow logs now. Close some')
  }
  followers += 1
  return { [Symbol.dispose]: () => void (followers -= 1) }
}

/** Whether a message has the text that is searched, in capitals or not. */
export function containing(search: string | null | undefined): (message: string) => boolean {
  const text = search?.toLowerCase() ?? ''
  return (message) => text === '' || message.toLowerCase().includes(text)
}
