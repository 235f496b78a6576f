import { concat } from './bytes.ts'
import { type Answer, type HttpOptions, getRange, getWhole, hostOf } from './http-range.ts'
import type { OpenOptions } from './archive.ts'
import { type S9pk, openS9pk } from './s9pk.ts'
import type { ByteSource } from './source.ts'
import { TransferError } from './transfer-error.ts'

export interface UrlOptions extends HttpOptions {
  /** Refuses a server that ignores ranges (fault `no-ranges`) instead of reading all that lies before the wanted bytes. */
  requireRanges?: boolean
}

/** The header, the first tables and mostly the manifest come with the first answer; what is read later is small. */
const FIRST_READ = 16 * 1024
const READ_AHEAD = 4 * 1024
/** Reads from this size on are made as asked and not kept. */
const LARGE = 64 * 1024
const KEPT_BLOCKS = 8
/** How often a file may be begun anew on a server without ranges. */
const MOST_RESTARTS = 8

/**
 * Opens a package on a web server; works in Node and in a browser. Header, tables and manifest are read and
 * verified, mostly in two or three requests of a few kilobytes. Throws S9pkError, and TransferError where the server fails.
 */
export async function openS9pkUrl(url: string, options: UrlOptions & OpenOptions = {}): Promise<S9pk> {
  return openS9pk(new UrlSource(url, options), options)
}

/**
 * Reads from a web server with ranges, or from the beginning on where it knows none. In the latter case the connection
 * stays open for the next read, until `signal` aborts.
 */
export class UrlSource implements ByteSource {
  size: number | null = null
  readonly #url: string
  readonly #options: UrlOptions
  readonly #host: string
  readonly #blocks: { start: number; bytes: Uint8Array }[] = []
  #version: string | null | undefined
  #sequential: SequentialReader | null = null

  constructor(url: string, options: UrlOptions = {}) {
    this.#host = hostOf(url)
    this.#url = url
    this.#options = options
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0)
    if (this.#sequential) return this.#sequential.read(offset, length)
    for (const { start, bytes } of this.#blocks) {
      if (start <= offset && offset + length <= start + bytes.length)
        return bytes.subarray(offset - start, offset - start + length)
    }
    const ahead = this.#version === undefined ? FIRST_READ : READ_AHEAD
    const end = Math.min(offset + (length < LARGE ? Math.max(length, ahead) : length), this.size ?? Infinity)
    if (end <= offset) return new Uint8Array(0)
    const answer = await this.range(offset, end)
    if (answer.kind === 'whole') return this.#readOn(answer, offset, length)
    const bytes = await collect(answer.body)
    if (length < LARGE) this.#keep(offset, bytes)
    return bytes.subarray(0, length)
  }

  /** The bytes from `start` up to, not including, `end`, as they arrive. Throws when the file is not the same any more. */
  async range(start: number, end: number): Promise<Answer> {
    const answer = await getRange(this.#url, start, end, this.#options)
    this.#checkSame(answer)
    if (answer.kind !== 'whole' || !this.#options.requireRanges) return answer
    answer.cancel()
    throw new TransferError('no-ranges', `${this.#host} can only send the file as a whole`)
  }

  /** All answers must come from the same file. */
  #checkSame({ version, total, cancel }: Answer): void {
    const changed =
      (this.#version !== undefined && version !== this.#version) ||
      (this.size !== null && total !== null && total !== this.size)
    if (changed) {
      cancel()
      throw new TransferError('changed', `the file on ${this.#host} was changed while it was read`)
    }
    this.#version = version
    this.size ??= total
  }

  #readOn(answer: Answer, offset: number, length: number): Promise<Uint8Array> {
    this.#sequential = new SequentialReader(answer, async () => {
      const again = await getWhole(this.#url, this.#options)
      this.#checkSame(again)
      return again
    })
    return this.#sequential.read(offset, length)
  }

  #keep(start: number, bytes: Uint8Array): void {
    this.#blocks.unshift({ start, bytes })
    if (this.#blocks.length > KEPT_BLOCKS) this.#blocks.pop()
  }
}

/** Reads forward through a file that only comes as a whole, and begins anew for what has passed. */
class SequentialReader {
  #answer: Answer
  readonly #restart: () => Promise<Answer>
  #restarts = 0
  #rest: Uint8Array = new Uint8Array(0)
  #position = 0
  #queue: Promise<unknown> = Promise.resolve()

  constructor(answer: Answer, restart: () => Promise<Answer>) {
    this.#answer = answer
    this.#restart = restart
  }

  /** One after another: there is only one place in the file at a time. */
  read(offset: number, length: number): Promise<Uint8Array> {
    const result = this.#queue.then(() => this.#read(offset, length))
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < this.#position) await this.#again()
    while (this.#position < offset) {
      if ((await this.#take(offset - this.#position)).length === 0) return new Uint8Array(0)
    }
    const parts: Uint8Array[] = []
    for (let missing = length; missing > 0;) {
      const part = await this.#take(missing)
      if (part.length === 0) break
      parts.push(part)
      missing -= part.length
    }
    return concat(parts)
  }

  async #again(): Promise<void> {
    this.#answer.cancel()
    if (++this.#restarts > MOST_RESTARTS)
      throw new TransferError('no-ranges', 'this server only sends whole files; download the package first')
    this.#answer = await this.#restart()
    this.#rest = new Uint8Array(0)
    this.#position = 0
  }

  /** Up to `length` of the next bytes; none at the end. */
  async #take(length: number): Promise<Uint8Array> {
    if (this.#rest.length === 0) this.#rest = (await this.#answer.body.next()).value ?? new Uint8Array(0)
    const part = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(part.length)
    this.#position += part.length
    return part
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return concat(parts)
}
