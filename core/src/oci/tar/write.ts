import type { TarEntry } from './entry.ts'
import { BLOCK, type ByteString, fits, formatHeader } from './header.ts'
import { type PaxRecords, formatPax } from './pax.ts'

const FLAGS = { file: '0', link: '1', symlink: '2', device: '3', directory: '5', fifo: '6' } as const

/** The header of an entry, with pax records before it for what a plain one cannot say. */
export function tarHeader(entry: TarEntry): Buffer {
  const { path, linkname, size, mode, mtime, uid, gid } = entry
  const records: PaxRecords = new Map()
  const say = (key: ByteString, value: number | ByteString, fitting: boolean) => {
    if (!fitting) records.set(key, String(value))
  }
  say('path', path, path.length <= 100)
  say('linkpath', linkname, linkname.length <= 100)
  say('size', size, fits(size, 11))
  say('uid', uid, fits(uid, 7))
  say('gid', gid, fits(gid, 7))
  for (const [name, value] of entry.xattrs) records.set(`SCHILY.xattr.${name}`, value)
  const header = formatHeader({ name: path, mode, uid, gid, size, mtime, flag: FLAGS[entry.type], linkname })
  if (records.size === 0) return header
  const extension = formatPax(records)
  const blank = { mode: 0o644, uid: 0, gid: 0, mtime: 0, linkname: '' }
  const announcement = formatHeader({ ...blank, name: 'pax', size: extension.length, flag: 'x' })
  return Buffer.concat([announcement, extension, tarPadding(extension.length), header])
}

/** What fills the last block of a content of `size` bytes. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
}

/** The mark that ends an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK)
}
