import { type FileHandle, open } from 'node:fs/promises'
import type { S9pk } from '@startd/base/s9pk/index.ts'
import { type ByteSource, type OpenOptions, openS9pk } from '@startd/base/s9pk/index.ts'
import { nativeHash } from './blake3.ts'
import { fileError } from './file-error.ts'

/** An opened package file; closes with `await using` or `close()`. */
export interface S9pkFile extends AsyncDisposable {
  path: string
  size: number
  s9pk: S9pk
  close(): Promise<void>
}

/** Opens a package file on disk. Header, tables and manifest are verified; the file stays open. */
export async function openS9pkFile(path: string, options: Omit<OpenOptions, 'hash'> = {}): Promise<S9pkFile> {
  await using undo = new AsyncDisposableStack()
  const handle = undo.adopt(await openForReading(path), (opened) => opened.close())
  const { size } = await handle.stat()
  const s9pk = await openS9pk(handleSource(handle, size), { ...options, hash: nativeHash })
  const life = undo.move()
  const close = () => life.disposeAsync()
  return { path, size, s9pk, close, [Symbol.asyncDispose]: close }
}

/** Reads from an open file. */
export function handleSource(handle: FileHandle, size: number): ByteSource {
  return {
    size,
    read: (offset, length) => fill(handle, Buffer.allocUnsafe(length), offset),
    readInto: (buffer, offset) => fill(handle, buffer, offset),
  }
}

/** Reads from a file that is opened for each read: for a source that outlives any one owner. */
export function pathSource(path: string, size: number): ByteSource {
  return {
    size,
    read: async (offset, length) => {
      await using handle = await openForReading(path)
      return await fill(handle, Buffer.allocUnsafe(length), offset)
    },
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    throw fileError(cause, `could not open ${path}`)
  }
}

async function fill(handle: FileHandle, buffer: Uint8Array, offset: number): Promise<Uint8Array> {
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
