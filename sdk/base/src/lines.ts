const NEWLINE = 0x0a

/** Cuts a byte stream into lines; empty ones are left out. A line above the limit is an error. */
export class LineReader {
  readonly #limit: number
  #parts: Buffer[] = []
  #size = 0

  constructor(limit = 64 << 20) {
    this.#limit = limit
  }

  /** The lines that this chunk completes. */
  push(chunk: Buffer): string[] {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end))
      const line = Buffer.concat(this.#parts, this.#size).toString('utf8')
      this.#parts = []
      this.#size = 0
      start = end + 1
      if (line.trim() !== '') lines.push(line)
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  #keep(part: Buffer): void {
    this.#size += part.length
    if (this.#size > this.#limit) throw new Error(`a line is longer than ${this.#limit} bytes`)
    if (part.length > 0) this.#parts.push(part)
  }
}
