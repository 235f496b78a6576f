const NEWLINE = 0x0a

/** Longest line that either side of a service's sockets may send, in bytes. */
export const MAX_LINE = 32 * 1024 * 1024

/**
 * Cuts a byte stream into lines. The function that it answers takes the next piece and calls
 * `onLine` for each line that ends in it, without blank ones. Throws RangeError when a line grows past `max` bytes.
 */
export function lineSplitter(onLine: (line: string) => void, max = MAX_LINE): (piece: Buffer) => void {
  let pending: Buffer[] = []
  let pendingSize = 0
  return (piece) => {
    let start = 0
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      const rest = piece.subarray(start, end)
      const line = pendingSize === 0 ? rest : Buffer.concat([...pending, rest])
      pending = []
      pendingSize = 0
      start = end + 1
      const text = line.toString('utf8').trim()
      if (text !== '') onLine(text)
    }
    if (start === piece.length) return
    pending.push(piece.subarray(start))
    pendingSize += piece.length - start
    if (pendingSize > max) throw new RangeError(`a line is longer than ${max} bytes`)
  }
}
