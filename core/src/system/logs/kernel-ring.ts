import { constants, closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { createInterface } from 'node:readline'
import { CodedError } from '@startd/base/errors.ts'
import type { LogEntry, LogResponse } from '@startd/base/rpc/params.ts'
import { execa } from 'execa'
import { containing, type FollowedLog, limitOf, type LogQuery, type LogSource, PRIORITY } from './source.ts'

const DEVICE = '/dev/kmsg'
/** The longest record that the kernel gives at once (CONSOLE_EXT_LOG_MAX). */
const LONGEST = 8192
/** Records read before others get their turn. */
const BURST = 500

interface Message {
  /** Counts up from boot. */
  readonly number: number
  readonly priority: number
  readonly entry: LogEntry
}

/** What the kernel has said since boot and still knows: its own ring, where no journal keeps more (Documentation/ABI/testing/dev-kmsg). */
export class KernelRing implements LogSource {
  readonly #boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '')

  async read(query: LogQuery): Promise<LogResponse> {
    const wanted = this.#filter(query)
    const at = this.#numberOf(query.cursor)
    const all = (await this.#messages()).filter(
      (message) =>
        wanted(message) && (at === null || (query.before ? message.number < at : message.number > at)),
    )
    const limit = limitOf(query)
    const page =
      at !== null && !query.before ? all.slice(0, limit) : all.slice(Math.max(0, all.length - limit))
    const [first, last] = [page[0], page.at(-1)]
    return {
      entries: page.map(({ entry }) => entry),
      startCursor: first ? this.#cursorOf(first.number) : null,
      endCursor: last ? this.#cursorOf(last.number) : null,
    }
  }

  async follow(query: LogQuery, signal: AbortSignal): Promise<FollowedLog> {
    const wanted = this.#filter(query)
    const page = await this.read({ ...query, before: false })
    const last = this.#numberOf(page.endCursor) ?? this.#numberOf(query.cursor)
    const seen = last ?? (await this.#messages()).at(-1)?.number ?? -1
    const coming = (from: number) => this.#coming(from, signal)
    return {
      startCursor: page.startCursor,
      entries: (async function* () {
        yield* page.entries
        for await (const message of coming(seen)) if (wanted(message)) yield message.entry
      })(),
    }
  }

  /** Messages after a number, as they come. The kernel wakes a reader; Node knows no way to wait for that itself. */
  async *#coming(after: number, signal: AbortSignal): AsyncGenerator<Message> {
    if (signal.aborted) return
    const child = execa('cat', [DEVICE], {
      cancelSignal: signal,
      reject: false,
      buffer: false,
      stdin: 'ignore',
    })
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const message = this.#parse(line)
        if (message && message.number > after) yield message
      }
    } finally {
      child.kill()
      await child
    }
  }

  async #messages(): Promise<Message[]> {
    const file = open()
    try {
      const messages: Message[] = []
      const buffer = Buffer.allocUnsafe(LONGEST)
      for (let count = 1; ; count++) {
        const size = readRecord(file, buffer)
        if (size === 'end') return messages
        if (size === 'overtaken') continue
        const message = this.#parse(buffer.toString('utf8', 0, size).split('\n', 1)[0] ?? '')
        if (message) messages.push(message)
        if (count % BURST === 0) await breathe()
      }
    } finally {
      closeSync(file)
    }
  }

  /** `priority,number,microseconds,flags;text`; null for the lines of properties below it. */
  #parse(line: string): Message | null {
    const [, prefix, number, micros, text = ''] = /^(\d+),(\d+),(\d+),[^;]*;(.*)$/.exec(line) ?? []
    if (prefix === undefined || number === undefined) return null
    const ago = Number(process.hrtime.bigint() / 1000n) - Number(micros)
    return {
      number: Number(number),
      priority: Number(prefix) & 7,
      entry: {
        timestamp: new Date(Date.now() - ago / 1000).toISOString(),
        message: unescape(text),
        bootId: this.#boot,
      },
    }
  }

  #filter({ boot, search, level }: LogQuery): (message: Message) => boolean {
    const here = boot === null || boot === undefined || ['0', 'all', this.#boot].includes(String(boot))
    const has = containing(search)
    const least = PRIORITY[level ?? 'debug']
    return ({ priority, entry }) => here && priority <= least && has(entry.message)
  }

  #cursorOf(number: number): string {
    return `${this.#boot}.${number}`
  }

  /** Null without a cursor; one of an earlier boot stands before everything. */
  #numberOf(cursor: string | null | undefined): number | null {
    if (cursor === null || cursor === undefined) return null
    const [, boot, number] = /^([0-9a-f]{32})\.(\d{1,15})$/.exec(cursor) ?? []
    if (number === undefined) throw new CodedError('InvalidRequest', 'This is not a place in the log')
    return boot === this.#boot ? Number(number) : -1
  }
}

function open(): number {
  try {
    return openSync(DEVICE, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw new CodedError('Journald', 'The log of the kernel cannot be read on this machine', { cause: error })
  }
}

/** One record; the ring may have gone on over the one that was due. */
function readRecord(file: number, buffer: Buffer): number | 'end' | 'overtaken' {
  try {
    return readSync(file, buffer)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'EAGAIN') return 'end'
    if (code === 'EPIPE') return 'overtaken'
    throw error
  }
}

/** The kernel writes bytes that cannot be printed as `\xNN`. */
function unescape(text: string): string {
  if (!text.includes('\\x')) return text
  const bytes = text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return /[^\x00-\xff]/.test(bytes) ? text : Buffer.from(bytes, 'latin1').toString('utf8')
}
