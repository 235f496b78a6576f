/**
 * Frees the memory of a chunk now. The garbage collector sees a small object there and not the 64 KiB behind it,
 * and would run every few hundred chunks over all that the process holds.
 */
export function giveBack({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0)
}
