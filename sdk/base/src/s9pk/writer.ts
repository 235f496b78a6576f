import { utf8 } from './bytes.ts'

/** Writes fields one after another into memory that grows; tables have up to a hundred thousand entries. */
export class Writer {
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)
  #position = 0

  u8(value: number): void {
    this.#room(1)
    this.#bytes[this.#position++] = value
  }

  u64(value: number): void {
    this.#room(8)
    this.#view.setUint32(this.#position, Math.floor(value / 2 ** 32))
    this.#view.setUint32(this.#position + 4, value % 2 ** 32)
    this.#position += 8
  }

  /** Unsigned LEB128 in its shortest form. */
  varint(value: number): void {
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.u8((rest % 128) | 128)
    this.u8(rest)
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length)
    this.#bytes.set(value, this.#position)
    this.#position += value.length
  }

  /** A text after its length in bytes. */
  varstring(text: string): void {
    this.varint(utf8Length(text))
    this.#room(text.length * 3)
    this.#position += utf8.encodeInto(text, this.#bytes.subarray(this.#position)).written
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#position)
  }

  #room(length: number): void {
    if (this.#position + length <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#position + length))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Bytes of a text in UTF-8, without making them; a lone surrogate is encoded as U+FFFD, in three bytes. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    length += code < 0x800 ? 1 : 2
    const isPair = (code & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00
    // Two units, four bytes.
    if (isPair) i++
  }
  return length
}

/** Length of unsigned LEB128 in its shortest form. */
export function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++
  return length
}
