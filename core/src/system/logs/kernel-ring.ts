import { constants, closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { createInterface } from 'node:readline'
import { CodedError } from '@startd/base/errors.ts'
import type { LogEntry, LogResponse } from '@startd/base/rpc/params.ts'
import { execa } from 'execa'
import { Feed } from './feed.ts'
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
  /** Microseconds since boot. */
  readonly at: number
  readonly text: string
}

/** What the kernel has said since boot and still knows: its own ring, where no journal keeps more (Documentation/ABI/testing/dev-kmsg). */
export class KernelRing implements LogSource {
  readonly #boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '')

  readonly #feed = new Feed((after: number, signal) => this.#listen(after, signal))

  /** The reading of the ring that is under way: it still meets what is new, so all who ask meanwhile share it. */
  #reading: Promise<Message[]> | null = null

  async read(query: LogQuery): Promise<LogResponse> {
    return this.#responseOf(this.#pageOf(await this.#messages(), query))
  }

  async follow(query: LogQuery, signal: AbortSignal): Promise<FollowedLog> {
    const wanted = this.#filter(query)
    const all = await this.#messages()
    const page = this.#pageOf(all, { ...query, before: false })
    const seen = page.at(-1)?.number ?? this.#numberOf(query.cursor) ?? all.at(-1)?.number ?? -1
    const { startCursor, entries } = this.#responseOf(page)
    const coming = this.#entriesAfter(seen, wanted, signal)
    return {
      startCursor,
      entries: (async function* () {
        yield* entries
        yield* coming
      })(),
    }
  }

  #pageOf(messages: readonly Message[], query: LogQuery): Message[] {
    const wanted = this.#filter(query)
    const at = this.#numberOf(query.cursor)
    const limit = limitOf(query)
    const all = messages.filter(
      (message) =>
        wanted(message) && (at === null || (query.before ? message.number < at : message.number > at)),
    )
    return at !== null && !query.before ? all.slice(0, limit) : all.slice(Math.max(0, all.length - limit))
  }

  #responseOf(page: readonly Message[]): LogResponse {
    const [first, last] = [page[0], page.at(-1)]
    return {
      entries: page.map((message) => this.#entryOf(message)),
      startCursor: first ? this.#cursorOf(first.number) : null,
      endCursor: last ? this.#cursorOf(last.number) : null,
    }
  }

  async *#entriesAfter(
    after: number,
    wanted: (message: Message) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<LogEntry> {
    for await (const message of this.#coming(after, signal)) if (wanted(message)) yield this.#entryOf(message)
  }

  /** Messages after a number: those that are there, then those that come. */
  async *#coming(after: number, signal: AbortSignal): AsyncGenerator<Message> {
    const coming = this.#feed.join(after, signal)
    let last = after
    for (const message of await this.#messages()) {
      if (message.number <= last) continue
      last = message.number
      yield message
    }
    for await (const message of coming) {
      if (message.number <= last) continue
      last = message.number
      yield message
    }
  }

  /** The kernel wakes a reader of its device; Node knows no way to wait for that itself. */
  async *#listen(after: number, signal: AbortSignal): AsyncGenerator<Message> {
    const options = { cancelSignal: signal, reject: false, buffer: false, stdin: 'ignore' } as const
    const child = execa('cat', [DEVICE], options)
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

  #messages(): Promise<Message[]> {
    this.#reading ??= this.#readRing().finally(() => (this.#reading = null))
    return this.#reading
  }

  async #readRing(): Promise<Message[]> {
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
    return { number: Number(number), priority: Number(prefix) & 7, at: Number(micros), text: unescape(text) }
  }

  #entryOf({ at, text }: Message): LogEntry {
    const ago = Number(process.hrtime.bigint() / 1000n) - at
    return { timestamp: new Date(Date.now() - ago / 1000).toISOString(), message: text, bootId: this.#boot }
  }

  #filter({ boot, search, level }: LogQuery): (message: Message) => boolean {
    const here = boot === null || boot === undefined || ['0', 'all', this.#boot].includes(String(boot))
    const has = containing(search)
    const least = PRIORITY[level ?? 'debug']
    return ({ priority, text }) => here && priority <= least && has(text)
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
