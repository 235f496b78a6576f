/** Deepest nesting that is followed; documents are far flatter (json.ts). */
const MAX_DEPTH = 2000

/**
 * Splits a CBOR sequence (RFC 8742) into its items, up to the first one that is not whole. The lengths are read here,
 * because a decoder that runs into the end of its input doesn't say reliably how far it had come.
 */
export function* itemsOf(bytes: Buffer): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = 0; start < bytes.length;) {
    const end = endOfItem(bytes, start, 0)
    if (end === undefined || end > bytes.length) return
    yield { start, end }
    start = end
  }
}

/** Where the item at `at` ends (RFC 8949, section 3); undefined if it breaks off or is malformed. */
function endOfItem(bytes: Buffer, at: number, depth: number): number | undefined {
  const first = bytes[at]
  if (first === undefined || depth > MAX_DEPTH) return undefined
  const kind = first >> 5
  const info = first & 0x1f
  const head = argument(bytes, at + 1, info)
  if (head === undefined) return undefined
  const { value, end } = head
  switch (kind) {
    case 2:
    case 3:
      return end + value <= bytes.length ? end + value : undefined
    case 4:
      return endOfItems(bytes, end, value, depth)
    case 5:
      return endOfItems(bytes, end, value * 2, depth)
    case 6:
      return endOfItem(bytes, end, depth + 1)
    default:
      return end
  }
}

function endOfItems(bytes: Buffer, at: number, count: number, depth: number): number | undefined {
  let end: number | undefined = at
  for (let i = 0; i < count && end !== undefined; i++) end = endOfItem(bytes, end, depth + 1)
  return end
}

/** The number in the head of an item. Items of indefinite length are not written by StartOS. */
function argument(
  bytes: Buffer,
  at: number,
  info: number,
): { readonly value: number; readonly end: number } | undefined {
  if (info < 24) return { value: info, end: at }
  if (info > 27) return undefined
  const size = 2 ** (info - 24)
  if (at + size > bytes.length) return undefined
  const value = size === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, size)
  return { value, end: at + size }
}
