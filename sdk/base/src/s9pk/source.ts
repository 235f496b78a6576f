/** Random access to the bytes of a package, wherever they lie. */
export interface ByteSource {
  /** Length in bytes, or null while it is not known. */
  readonly size: number | null
  /** The bytes from `offset` on; fewer than `length` only where the source ends. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** As `read`, into `buffer` and as much as it holds; answers the part of it that was filled. */
  readInto?(buffer: Uint8Array, offset: number): Promise<Uint8Array>
}

/** What a browser's Blob and File offer. */
export interface BlobLike {
  readonly size: number
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> }
}

export function blobSource(blob: BlobLike): ByteSource {
  return {
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  }
}

export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}
