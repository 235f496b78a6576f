import { gzipSync } from 'node:zlib'
import { execa } from 'execa'
import type { TarEntry } from '../tar/entry.ts'
import { readTar } from '../tar/read.ts'
import { tarEnd, tarHeader, tarPadding } from '../tar/write.ts'

export interface Made extends Partial<TarEntry> {
  path: string
  content?: string | Buffer
}

/** A tar archive of the given entries, in their order. */
export function tarOf(...entries: Made[]): Buffer {
  const parts = entries.flatMap(({ content = '', ...given }) => {
    const bytes = Buffer.from(content)
    const type = given.type ?? (given.path.endsWith('/') ? 'directory' : 'file')
    const usual = { mode: type === 'directory' ? 0o755 : 0o644, uid: 0, gid: 0, mtime: 1000, linkname: '' }
    const entry = { ...usual, xattrs: new Map<string, string>(), size: bytes.length, ...given, type }
    return [tarHeader(entry), bytes, tarPadding(bytes.length)]
  })
  return Buffer.concat([...parts, tarEnd()])
}

export function layerOf(bytes: Buffer, what = 'the layer') {
  return { what, open: () => chunked(bytes, 1000) }
}

export async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export const gzipped = (bytes: Buffer) => gzipSync(bytes, { level: 1 })

/** Each path of a squashfs with its mode, owner, and what follows it: size, time, link. */
export async function listing(squashfs: string): Promise<Record<string, string>> {
  const { stdout } = await execa('unsquashfs', ['-lln', squashfs], { env: { TZ: 'UTC' } })
  const lines = stdout.split('\n').flatMap((line) => {
    const found = /^(\S{10}) (\S+) +(\d+) (\S+ \S+) squashfs-root\/?(.*)$/.exec(line)
    if (!found) return []
    const [, mode = '', owner = '', size = '', , rest = ''] = found
    const [path = '', target] = rest.split(' -> ')
    const tail = mode.startsWith('l') ? `-> ${target}` : mode.startsWith('d') ? '' : size
    return [[path === '' ? '/' : path, `${mode} ${owner} ${tail}`.trim()] as const]
  })
  return Object.fromEntries(lines)
}

export async function contentIn(squashfs: string, path: string): Promise<string> {
  const { stdout } = await execa('unsquashfs', ['-cat', squashfs, path], { stripFinalNewline: false })
  return stdout
}

/** Extended attributes of a file, as GNU tar sees them. */
export async function xattrsIn(directory: string, path: string): Promise<ReadonlyMap<string, string>> {
  const args = ['-C', directory, '--xattrs', '--xattrs-include=*', '--no-recursion', '-cf', '-', path]
  const { stdout } = await execa('tar', args, { encoding: 'buffer' })
  for await (const { entry } of readTar(chunked(Buffer.from(stdout), 4096), 'it', {
    bytes: 1e9,
    entries: 9,
  })) {
    return entry.xattrs
  }
  throw new Error(`${path} was not archived`)
}
