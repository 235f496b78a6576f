import { damaged } from './error.ts'

export const utf8 = new TextEncoder()
/** Strict: bad sequences throw and a byte-order mark is kept, so that names survive a round trip. */
export const fromUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads big-endian fields one after another out of a buffer that is already in memory. */
export class Cursor {
  readonly bytes: Uint8Array
  readonly #view: DataView
  position = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.bytes.length - this.position
  }

  take(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.bytes.subarray(start, start + length)
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  /** A 64-bit size or position. Values that JavaScript cannot count exactly are refused. */
  u64(): number {
    const at = this.#advance(8)
    const value = this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4)
    if (value > Number.MAX_SAFE_INTEGER)
      throw damaged('a size or position in the package is impossibly large')
    return value
  }

  #advance(length: number): number {
    if (length > this.remaining) throw damaged('a table of contents ends too early')
    const start = this.position
    this.position += length
    return start
  }
}

export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Byte-wise order, a shorter prefix first: the order of names in a package. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0
}

/** Standard base64, padded. */
export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  }
  return btoa(text)
}

/** Standard base64, padded or not. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
