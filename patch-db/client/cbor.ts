/** Text of short strings is faster to build by hand than to hand over to the decoder. */
const SHORT = 24
const utf8 = new TextDecoder('utf-8', { fatal: true })

type Reader = { readonly bytes: Uint8Array; readonly view: DataView; at: number }

/**
 * Decodes one CBOR item (RFC 8949) as far as JSON goes: numbers, text, arrays, maps with text keys, true, false and
 * null, all of definite length. Throws `SyntaxError` for anything else.
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 }
  try {
    const value = readItem(reader)
    if (reader.at === bytes.length) return value
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause
    throw new SyntaxError('this CBOR ends too early or holds no text', { cause })
  }
  throw new SyntaxError('more follows after the CBOR item')
}

function readItem(reader: Reader): unknown {
  const initial = reader.view.getUint8(reader.at++)
  const major = initial >> 5
  const info = initial & 0x1f
  switch (major) {
    case 0:
      return readCount(reader, info)
    case 1:
      return -1 - readCount(reader, info)
    case 3:
      return readText(reader, readCount(reader, info))
    case 4:
      return readArray(reader, readCount(reader, info))
    case 5:
      return readMap(reader, readCount(reader, info))
    case 7:
      return readSimple(reader, info)
    default:
      throw new SyntaxError(`CBOR of major type ${major} is not JSON`)
  }
}

function readCount(reader: Reader, info: number): number {
  if (info < 24) return info
  const { view, at } = reader
  reader.at += 1 << (info - 24)
  switch (info) {
    case 24:
      return view.getUint8(at)
    case 25:
      return view.getUint16(at)
    case 26:
      return view.getUint32(at)
    case 27:
      return Number(view.getBigUint64(at))
    default:
      throw new SyntaxError('CBOR of indefinite length is not read here')
  }
}

function readSimple(reader: Reader, info: number): unknown {
  const { view, at } = reader
  switch (info) {
    case 20:
      return false
    case 21:
      return true
    case 22:
      return null
    case 25:
      reader.at += 2
      return view.getFloat16(at)
    case 26:
      reader.at += 4
      return view.getFloat32(at)
    case 27:
      reader.at += 8
      return view.getFloat64(at)
    default:
      throw new SyntaxError(`CBOR simple value ${info} is not JSON`)
  }
}

function readText(reader: Reader, length: number): string {
  const { bytes, at } = reader
  const end = at + length
  if (end > bytes.length) throw new RangeError()
  reader.at = end
  if (length < SHORT) {
    let text = ''
    let i = at
    while (i < end && (bytes[i] as number) < 0x80) text += String.fromCharCode(bytes[i++] as number)
    if (i === end) return text
  }
  return utf8.decode(bytes.subarray(at, end))
}

function readArray(reader: Reader, length: number): unknown[] {
  const array: unknown[] = []
  for (let i = 0; i < length; i++) array.push(readItem(reader))
  return array
}

function readMap(reader: Reader, length: number): { [key: string]: unknown } {
  const map: { [key: string]: unknown } = {}
  for (let i = 0; i < length; i++) {
    const key = readItem(reader)
    if (typeof key !== 'string' || key === '__proto__')
      throw new SyntaxError('a CBOR key that JSON cannot have')
    map[key] = readItem(reader)
  }
  return map
}
