import {
  type Directory,
  type Entry,
  HEADER_SIZE,
  SIGNING_CONTEXT,
  directoryHash,
  hashOf,
  printHeader,
  printTable,
  publicKeyOf,
  sign,
  signedMessage,
  tableSize,
} from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import type { Random } from './random.ts'

/*
 * Packages that an author has signed with evil in mind: every hash and the signature are right, but names, sizes,
 * places and kinds are whatever they like.
 */

const SEED = new Uint8Array(32).fill(3)
const PUBLIC = publicKeyOf(SEED)
const NAMES = [
  '..',
  '.',
  'a/b',
  '../../etc/passwd',
  'a\0b',
  'manifest.json',
  'icon.svg',
  'icon.png',
  'LICENSE.md',
  'images',
  'é',
  'constructor',
]
const SIZES = [0, 1, 13, 154, 1000, 2 ** 20, 2 ** 22 + 1, 2 ** 32, 2 ** 40, 2 ** 53 - 1]

export function evilPackage(random: Random): Buffer {
  const bodies: { at: number; bytes: Uint8Array }[] = []
  let end = HEADER_SIZE
  const place = (bytes: Uint8Array): number => {
    const at = end
    bodies.push({ at, bytes })
    end += bytes.length
    return at
  }
  const root = directory(random.pick([0, 1, 1, 2, 3, 40]))
  const table = printTable(root)
  const rootMaxsize = random.below(8) === 0 ? random.pick(SIZES) : tableSize(root)
  const hash = directoryHash(root, nativeHash)
  const header = {
    signer: PUBLIC,
    signature: sign(signedMessage(hash, rootMaxsize), SEED, SIGNING_CONTEXT),
    root: hash,
    rootMaxsize,
    tablePosition: random.below(20) === 0 ? random.pick(SIZES) : place(table),
    tableSize: random.below(20) === 0 ? random.pick(SIZES) : table.length,
  }
  const file = Buffer.alloc(end)
  file.set(printHeader(header))
  for (const { at, bytes } of bodies) file.set(bytes, at)
  return file

  function directory(depth: number): Directory {
    const entries: Directory = new Map()
    for (let left = 1 + random.below(4); left > 0; left--) {
      const name = random.below(3) === 0 ? random.pick(NAMES) : `f${random.below(100)}`
      entries.set(
        name,
        depth > 0 && (left === 1 || (depth < 10 && random.below(4) === 0)) ? subdirectory(depth) : leaf(),
      )
    }
    return entries
  }

  function subdirectory(depth: number): Entry {
    const contents = directory(depth > 10 ? depth - 1 : random.below(depth))
    const bytes = printTable(contents)
    const [position, length] = [place(bytes), bytes.length]
    return {
      kind: 'directory',
      hash: directoryHash(contents, nativeHash),
      size: random.below(10) === 0 ? random.pick(SIZES) : length,
      position: random.below(20) === 0 ? random.pick(SIZES) : position,
      tableSize: random.below(20) === 0 ? random.pick(SIZES) : length,
      contents,
    }
  }

  function leaf(): Entry {
    const bytes = Buffer.alloc(random.below(40), random.next())
    const hash = hashOf(nativeHash, bytes)
    const size = random.below(10) === 0 ? random.pick(SIZES) : bytes.length
    const position = random.below(10) === 0 ? random.pick(SIZES) : place(bytes)
    return random.below(8) === 0 ? { kind: 'missing', hash, size } : { kind: 'file', hash, size, position }
  }
}
