import type { ByteString } from './header.ts'

export type TarType = 'file' | 'link' | 'symlink' | 'directory' | 'fifo' | 'device'

/** What an archive says of one name. */
export interface TarEntry {
  /** As it stands in the archive: may be absolute or hold `..`. */
  path: ByteString
  type: TarType
  /** Permission bits with setuid, setgid and sticky. */
  mode: number
  uid: number
  gid: number
  /** Seconds since 1970, never negative. */
  mtime: number
  /** Length of the content, holes included; 0 unless it is a file. */
  size: number
  /** Of a symlink what it says, of a hard link the path of the other name. */
  linkname: ByteString
  xattrs: ReadonlyMap<ByteString, ByteString>
}

/** A byte string as a person reads it. */
export function readable(text: ByteString): string {
  return Buffer.from(text.length > 200 ? `${text.slice(0, 200)}…` : text, 'latin1').toString()
}
