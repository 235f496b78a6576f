import { Encoder } from 'cbor-x'
import type { Patch, Revision } from './patch.ts'

/**
 * How a revision is written for a socket. `plain` is the published protocol: a text frame with `{id, patch}`. The
 * others also say after which id this revision comes (`from`), so that a loss shows: as text, or as CBOR (RFC 8949).
 */
export type Encoding = 'plain' | 'json' | 'cbor'

const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true })

/** RFC 6455 §5.2: a whole unmasked message, text or binary. */
const FINAL = 0x80
const TEXT = 0x1
const BINARY = 0x2

/**
 * A revision as one pointer's subscribers see it. What goes to a socket is made at most once for each encoding and
 * shared by all of them, as whole WebSocket frames that only need to be written.
 */
export class ScopedRevision implements Revision {
  readonly id: number
  /** Whoever has come this far, and no further, misses nothing before this revision. */
  readonly from: number
  readonly patch: Patch
  /** JSON text of `{id, patch}`. */
  readonly encoded: string
  readonly #frames: { [E in Encoding]?: readonly [Buffer] } = {}

  /** Throws `RangeError` for a patch whose text would be longer than any text can be. */
  constructor(id: number, from: number, patch: Patch) {
    this.id = id
    this.from = from
    this.patch = patch
    this.encoded = JSON.stringify({ id, patch })
  }

  /** The WebSocket frame of this revision; the same bytes at every call, not to be changed. */
  frame(encoding: Encoding): Buffer {
    return this.alone(encoding)[0]
  }

  /** The same as a list of one, shared as well: most readers wait for nothing else. */
  alone(encoding: Encoding): readonly [Buffer] {
    return (this.#frames[encoding] ??= [this.#makeFrame(encoding)])
  }

  #makeFrame(encoding: Encoding): Buffer {
    switch (encoding) {
      case 'plain':
        return frameOf(TEXT, Buffer.from(this.encoded))
      case 'json':
        return frameOf(TEXT, Buffer.from(`{"from":${this.from},${this.encoded.slice(1)}`))
      case 'cbor':
        return frameOf(BINARY, encodeCbor({ from: this.from, id: this.id, patch: this.patch }))
      default:
        return encoding satisfies never
    }
  }
}

/** CBOR that any reader understands, without extensions of the library. */
export function encodeCbor(value: unknown): Buffer {
  return cbor.encode(value)
}

function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const header = Buffer.alloc(length < 126 ? 2 : length < 0x10000 ? 4 : 10)
  header[0] = FINAL | opcode
  if (header.length === 2) header[1] = length
  else if (header.length === 4) {
    header[1] = 126
    header.writeUInt16BE(length, 2)
  } else {
    header[1] = 127
    header.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([header, payload])
}
