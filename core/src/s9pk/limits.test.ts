import { describe, expect, it } from 'vitest'
import { buffer } from 'node:stream/consumers'
import {
  type ByteSource,
  type Commitment,
  type Directory,
  type Entry,
  HEADER_SIZE,
  LIMITS,
  SIGNING_CONTEXT,
  S9pkError,
  bytesSource,
  commitmentOf,
  directoryHash,
  hashOf,
  openArchive,
  printHeader,
  printTable,
  publicKeyOf,
  sign,
  signedMessage,
  tableSize,
  walk,
} from '@startd/base/s9pk/index.ts'
import { nativeHash } from './blake3.ts'
import { bytesContent } from './write/content.ts'
import { printArchive } from './write/index.ts'
import { treeOf } from './write/source-tree.ts'

const SEED = new Uint8Array(32).fill(4)
const MIB = 1024 * 1024

/** A package with this root, truly signed, whatever it claims. */
function signed(root: Directory, claims: { rootMaxsize?: number } = {}) {
  const { rootMaxsize = tableSize(root) } = claims
  const hash = directoryHash(root, nativeHash)
  const header = {
    signer: publicKeyOf(SEED),
    signature: sign(signedMessage(hash, rootMaxsize), SEED, SIGNING_CONTEXT),
    root: hash,
    rootMaxsize,
    tablePosition: HEADER_SIZE,
    tableSize: tableSize(root),
  }
  return { header, bytes: Buffer.concat([printHeader(header), printTable(root)]) }
}

const file = (size: number, position: number): Entry => ({
  kind: 'file',
  hash: hashOf(nativeHash, new Uint8Array(0)),
  size,
  position,
})
const directory = (size: number, position: number): Entry => ({
  kind: 'directory',
  hash: new Uint8Array(32),
  size,
  position,
  tableSize: size,
  contents: new Map(),
})
const rootOf = (...entries: Entry[]): Directory => new Map(entries.map((entry, i) => [`e${i}`, entry]))

/** Opens where the length is not known, and tells the largest read. */
async function open(bytes: Uint8Array, commitment: Commitment | null = null) {
  let largest = 0
  const plain = bytesSource(bytes)
  const source: ByteSource = {
    size: null,
    read: (offset, length) => {
      largest = Math.max(largest, length)
      return plain.read(offset, length)
    },
  }
  const result = await openArchive(source, { hash: nativeHash, commitment }).then(
    () => 'accepted',
    (error: unknown) => (error instanceof S9pkError ? error.fault : String(error)),
  )
  return { result, largest }
}

describe('what a package may claim', () => {
  it('is a root table of up to 1 MiB, or of what was announced', async () => {
    const claiming = (rootMaxsize: number) => signed(rootOf(file(0, 0)), { rootMaxsize })
    expect(await open(claiming(MIB).bytes)).toMatchObject({ result: 'accepted' })
    const large = claiming(MIB + 1)
    expect(await open(large.bytes)).toEqual({ result: 'too-large', largest: HEADER_SIZE })
    const commitment = commitmentOf(large.header)
    expect(await open(large.bytes, commitment)).toMatchObject({ result: 'accepted' })
    expect(await open(large.bytes, { ...commitment, rootMaxsize: MIB })).toMatchObject({
      result: 'too-large',
    })
  })

  it.each([
    ['a table over 4 MiB', rootOf(directory(LIMITS.table + 1, 1000)), 'too-large'],
    [
      'tables over 16 MiB in all',
      rootOf(...Array.from({ length: 5 }, (_, i) => directory(LIMITS.table, 5e6 * (i + 1)))),
      'too-large',
    ],
    ['a table beyond any file', rootOf(directory(100, Number.MAX_SAFE_INTEGER)), 'damaged'],
    ['a file beyond any file', rootOf(file(Number.MAX_SAFE_INTEGER, 1000)), 'damaged'],
    ['files that share bytes', rootOf(file(1000, 500), file(1000, 1499)), 'damaged'],
    ['a file that is its own table', rootOf(file(50, HEADER_SIZE)), 'damaged'],
  ])('is not %s; it is not even asked for', async (_, root, fault) => {
    const { result, largest } = await open(signed(root).bytes)
    expect(result).toBe(fault)
    expect(largest).toBeLessThan(1000)
  })

  it('is a hundred thousand files and no more', async () => {
    const one = file(0, 0)
    const many = (count: number) => signed(new Map(Array.from({ length: count }, (_, i) => [`${i}`, one])))
    const most = many(100_000)
    expect((await open(most.bytes, commitmentOf(most.header))).result).toBe('accepted')
    const more = many(100_001)
    expect((await open(more.bytes, commitmentOf(more.header))).result).toBe('damaged')
  }, 60_000)

  it('is 32 directories inside one another and no more', async () => {
    const nested = async (depth: number) => {
      const path = [...Array.from({ length: depth }, () => 'd'), 'file'].join('/')
      const tree = treeOf(new Map([[path, bytesContent(Buffer.from('x'))]]))
      const bytes = await buffer(printArchive(tree, { signer: { seed: SEED } }))
      return (await open(bytes)).result
    }
    expect(await nested(32)).toBe('accepted')
    expect(await nested(33)).toBe('damaged')
  })
})

describe('what a package may hold', () => {
  it('is nothing at all, empty files, and names in any script', async () => {
    const names = [
      '',
      'a/b/c',
      'ü/é\u0301',
      '\u{1f600}',
      '\uffee',
      '__proto__',
      '12',
      'x'.repeat(1000),
    ].filter(Boolean)
    for (const chosen of [[], names]) {
      const tree = treeOf(new Map(chosen.map((name) => [name, bytesContent(Buffer.from(name.slice(0, 3)))])))
      const bytes = await buffer(printArchive(tree, { signer: { seed: SEED } }))
      const archive = await openArchive(bytesSource(bytes), { hash: nativeHash })
      const files = [...walk(archive.root)].flatMap(([path, { kind }]) => (kind === 'file' ? [path] : []))
      expect(files.sort()).toEqual(chosen.toSorted())
    }
  })
})
