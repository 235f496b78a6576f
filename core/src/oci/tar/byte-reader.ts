import { CodedError } from '@startd/base/errors.ts'

const NONE = new Uint8Array(0)

/** Takes exact amounts of bytes out of a stream of chunks, and refuses to go beyond a limit. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #limit: number
  readonly #what: string
  #chunk: Uint8Array = NONE
  #position = 0

  constructor(source: AsyncIterable<Uint8Array>, what: string, limit: number) {
    this.#chunks = source[Symbol.asyncIterator]()
    this.#what = what
    this.#limit = limit
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#position
  }

  /** At most `max` bytes, as a view that is good until the next call; null at the end. */
  async some(max: number): Promise<Uint8Array | null> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) return null
      this.#chunk = next.value
    }
    const taken = this.#chunk.subarray(0, max)
    this.#chunk = this.#chunk.subarray(taken.length)
    this.#position += taken.length
    if (this.#position > this.#limit) {
      const limit = `${Math.floor(this.#limit / 2 ** 20)} MiB`
      throw new CodedError('Pack', `${this.#what} unpacks to more than ${limit}, which is the limit`)
    }
    return taken
  }

  /** Exactly `length` bytes; null when the stream ends before the first of them. */
  async exactly(length: number): Promise<Buffer | null> {
    const first = await this.some(length)
    if (first === null) return null
    if (first.length === length) return Buffer.from(first.buffer, first.byteOffset, length)
    const whole = Buffer.allocUnsafe(length)
    whole.set(first)
    for (let at = first.length; at < length;) {
      const more = await this.some(length - at)
      if (more === null) throw this.cut()
      whole.set(more, at)
      at += more.length
    }
    return whole
  }

  /** Passes over `length` bytes. */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0;) {
      const piece = await this.some(left)
      if (piece === null) throw this.cut()
      left -= piece.length
    }
  }

  /** Passes over all that is left, so that whoever checks the stream sees its end. */
  async drain(): Promise<void> {
    while ((await this.some(Number.MAX_SAFE_INTEGER)) !== null) continue
  }

  /** Tells the stream that no more is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  cut(): CodedError {
    return new CodedError('Deserialization', `${this.#what} is cut off after ${this.#position} bytes`)
  }
}
