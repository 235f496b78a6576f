import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { CodedError } from '@startd/base/errors.ts'
import type { LogEntry, LogResponse } from '@startd/base/rpc/params.ts'
import { execa } from 'execa'
import { z } from 'zod'
import {
  containing,
  type FollowedLog,
  followerPlace,
  limitOf,
  type LogQuery,
  type LogSource,
  PRIORITY,
} from './source.ts'

/** Where the service that keeps it listens. */
const SERVICE = '/run/systemd/journal/socket'
/** How long a page may take to come, in ms. */
const PATIENCE = 30_000
/** All that a cursor and a start can be; nothing that the program could take for an option. */
const SAFE = /^[A-Za-z0-9=;_-]+$/
const BOOT = /^([0-9a-f]{32}|-?\d{1,6})$/

const Line = z.object({
  __CURSOR: z.string(),
  __REALTIME_TIMESTAMP: z.string(),
  _BOOT_ID: z.string().default(''),
  MESSAGE: z.union([z.string(), z.array(z.number()), z.null()]).default(null),
})

interface Found {
  readonly cursor: string
  readonly entry: LogEntry
}

/** Lines that the journal of the system keeps. */
export class Journal implements LogSource {
  readonly #selection: readonly string[]

  /** `selection`: options of journalctl(1), such as `-k`, or `-u startd.service`. */
  constructor(selection: readonly string[]) {
    this.#selection = selection
  }

  /** Whether a journal is kept here and we may read it. */
  static async isKept(): Promise<boolean> {
    if (!existsSync(SERVICE)) return false
    const { exitCode, stderr } = await execa('journalctl', ['-k', '-n', '1', '--quiet', '--output=cat'], {
      reject: false,
      stdin: 'ignore',
      timeout: PATIENCE,
    })
    return exitCode === 0 && !/No journal files/.test(stderr)
  }

  async read(query: LogQuery): Promise<LogResponse> {
    const limit = limitOf(query)
    const backwards = !query.cursor || query.before === true
    const found: Found[] = []
    if (limit > 0) {
      const place = query.cursor ? [`--after-cursor=${checked(query.cursor)}`] : []
      const enough = new AbortController()
      const timeout = AbortSignal.timeout(PATIENCE)
      const args = [...this.#arguments(query), ...place, ...(backwards ? ['--reverse'] : [])]
      for await (const line of lines(args, query, AbortSignal.any([enough.signal, timeout]))) {
        found.push(line)
        if (found.length === limit) break
      }
      timeout.throwIfAborted()
      enough.abort()
    }
    if (backwards) found.reverse()
    return {
      entries: found.map(({ entry }) => entry),
      startCursor: found[0]?.cursor ?? null,
      endCursor: found.at(-1)?.cursor ?? null,
    }
  }

  async follow(query: LogQuery, signal: AbortSignal): Promise<FollowedLog> {
    const page = await this.read({ ...query, before: false })
    const last = page.endCursor ?? query.cursor ?? (await this.read({ limit: 1 })).endCursor
    const from = last === null ? ['--lines=all'] : [`--after-cursor=${checked(last)}`, '--lines=all']
    const args = [...this.#arguments(query), '--follow', ...from]
    return {
      startCursor: page.startCursor,
      entries: (async function* () {
        yield* page.entries
        using _place = followerPlace()
        for await (const { entry } of lines(args, query, signal)) yield entry
      })(),
    }
  }

  #arguments({ boot, level }: LogQuery): string[] {
    const which = boot === null || boot === undefined ? 'all' : String(boot)
    if (which !== 'all' && !BOOT.test(which)) {
      throw new CodedError(
        'InvalidRequest',
        'Give a start as its id, as 0 for this one, or -1 for the one before',
      )
    }
    return [
      '--output=json',
      '--output-fields=MESSAGE',
      '--all',
      '--quiet',
      '--no-pager',
      ...this.#selection,
      `--boot=${which}`,
      ...(level ? [`--priority=0..${PRIORITY[level]}`] : []),
    ]
  }
}

/** Lines as journalctl gives them, until it or the signal ends. */
async function* lines(
  args: readonly string[],
  { search }: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  if (signal.aborted) return
  const has = containing(search)
  const child = execa('journalctl', args, {
    cancelSignal: signal,
    reject: false,
    buffer: { stdout: false },
    stdin: 'ignore',
  })
  let done = false
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = parse(text)
      if (line && has(line.entry.message)) yield line
    }
    done = true
  } finally {
    child.kill()
    const { exitCode, stderr } = await child
    if (done && exitCode !== undefined && exitCode > 0) refuse(String(stderr))
  }
}

function refuse(text: string): void {
  // A start that the journal does not know has no lines.
  if (/boot|No journal files/i.test(text)) return
  throw new CodedError('Journald', 'The journal of this machine could not be read', {
    cause: new Error(text),
  })
}

/** Null for what is no line, or no text. */
function parse(text: string): Found | null {
  try {
    const {
      __CURSOR: cursor,
      __REALTIME_TIMESTAMP: micros,
      _BOOT_ID: bootId,
      MESSAGE,
    } = Line.parse(JSON.parse(text))
    const message =
      typeof MESSAGE === 'string'
        ? MESSAGE
        : new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(MESSAGE ?? []))
    return { cursor, entry: { timestamp: new Date(Number(micros) / 1000).toISOString(), message, bootId } }
  } catch {
    return null
  }
}

function checked(cursor: string): string {
  if (SAFE.test(cursor)) return cursor
  throw new CodedError('InvalidRequest', 'This is not a place in the log')
}
