import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Archive, bytesSource, openArchive, openS9pk, walk } from '@startd/base/s9pk/index.ts'
import archives from '../../../../sdk/base/test/vectors/s9pk-archives.json' with { type: 'json' }
import signing from '../../../../sdk/base/test/vectors/signing.json' with { type: 'json' }
import { readChecked } from '@startd/base/s9pk/archive.ts'
import { handleSource } from '../file-source.ts'
import { printPrivateKey, readPrivateKey } from '../keys.ts'
import { bytesContent, fileContent } from './content.ts'
import { filterArchitecture, printArchive, writeArchive } from './index.ts'
import type { Order } from './layout.ts'
import { treeOf, treeOfArchive } from './source-tree.ts'

const seed = Buffer.from(archives.key.seedHex, 'hex')
const vector = (name: string) => archives.vectors.find((candidate) => candidate.name === name)!
const bytesOf = (name: string) => Buffer.from(vector(name).bytesHex, 'hex')
const filesOf = (name: string) =>
  new Map(
    (vector(name).files as [string, string][]).map(([path, hex]) => [
      path,
      bytesContent(Buffer.from(hex, 'hex')),
    ]),
  )
const pack = (files: ReturnType<typeof filesOf>, order: Order) =>
  buffer(printArchive(treeOf(files), { signer: { seed }, order }))
const repack = (archive: Archive, order: Order) =>
  buffer(printArchive(treeOfArchive(archive), { signer: { keep: archive.header }, order }))

describe('the writer', () => {
  it('makes the shared packages byte for byte', async () => {
    const tiny = filesOf('s9pk-tiny-pack-order')
    expect(await pack(tiny, 'name')).toEqual(bytesOf('s9pk-tiny-pack-order'))
    expect(await pack(tiny, 'priority')).toEqual(bytesOf('s9pk-tiny-priority-order'))
    expect(await pack(filesOf('s9pk-framing-minimal'), 'name')).toEqual(bytesOf('s9pk-framing-minimal'))
  })

  it('filters to one architecture byte for byte, and keeps the signature', async () => {
    const s9pk = await openS9pk(bytesSource(bytesOf('s9pk-tiny-pack-order')))
    const tree = filterArchitecture(s9pk.archive, s9pk.manifest, 'x86_64')
    const signer = { keep: s9pk.archive.header }
    expect(await buffer(printArchive(tree, { signer, order: 'priority' }))).toEqual(
      bytesOf('s9pk-tiny-filtered-x86_64'),
    )
  })

  it('gives the same bytes when a package is read and written again', async () => {
    for (const [name, order] of [
      ['s9pk-tiny-pack-order', 'name'],
      ['s9pk-tiny-priority-order', 'priority'],
      ['s9pk-tiny-filtered-x86_64', 'priority'],
    ] as const) {
      const archive = await openArchive(bytesSource(bytesOf(name)))
      expect(await repack(archive, order)).toEqual(bytesOf(name))
    }
  })

  it('writes what the reader reads, for any tree', async () => {
    const segment = fc
      .string({ minLength: 1, maxLength: 6, unit: 'grapheme' })
      .filter((s) => !/[/\0]|^\.\.?$/.test(s))
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
    const prefixes = (one: string) => one.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))
    const trees = fc.dictionary(path, fc.uint8Array({ maxLength: 50 }), { maxKeys: 12 }).filter((tree) =>
      Object.keys(tree).every((a) =>
        prefixes(a)
          .slice(0, -1)
          .every((b) => !(b in tree)),
      ),
    )
    await fc.assert(
      fc.asyncProperty(trees, fc.constantFrom<Order>('name', 'priority'), async (tree, order) => {
        const files = new Map(Object.entries(tree).map(([name, bytes]) => [name, bytesContent(bytes)]))
        const bytes = await pack(files, order)
        const archive = await openArchive(bytesSource(bytes))
        const found = [...walk(archive.root)].filter(([, { kind }]) => kind === 'file').map(([name]) => name)
        expect(found.sort()).toEqual(Object.keys(tree).sort())
        expect(await repack(archive, order)).toEqual(bytes)
      }),
      { numRuns: 25 },
    )
  })
})

async function openArchiveFile(path: string) {
  const handle = await open(path)
  const archive = await openArchive(handleSource(handle, (await handle.stat()).size))
  return { archive, [Symbol.asyncDispose]: () => handle.close() }
}

describe('a package file', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'write-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  it('appears when it is complete and tells its commitment', async () => {
    const path = join(directory, 'tiny.s9pk')
    const commitment = await writeArchive(treeOf(filesOf('s9pk-tiny-pack-order')), path, { signer: { seed } })
    expect(commitment).toEqual(vector('s9pk-tiny-pack-order').commitment)
    expect(await readFile(path)).toEqual(bytesOf('s9pk-tiny-priority-order'))
    expect(await readdir(directory)).toEqual(['tiny.s9pk'])
  })

  it('does not appear when a file changes while it is packed', async () => {
    const input = join(directory, 'input')
    for (const size of [100_000, 3_000_000]) {
      await writeFile(input, Buffer.alloc(size, 'a'))
      const tree = treeOf(new Map([['input', await fileContent(input)]]))
      await writeFile(input, Buffer.alloc(size + 1, 'b'))
      await expect(writeArchive(tree, join(directory, 'out.s9pk'), { signer: { seed } })).rejects.toThrow(
        /input changed while/,
      )
      expect(await readdir(directory)).toEqual(['input'])
    }
  })

  it('takes large files without having hashed them before, and stretches of other packages', async () => {
    const input = join(directory, 'input')
    await writeFile(input, randomBytes(5_000_001))
    const files = new Map([
      ['a/input', await fileContent(input)],
      ['b', bytesContent(Buffer.from('b'))],
    ])
    const first = join(directory, 'first.s9pk')
    const commitment = await writeArchive(treeOf(files), first, { signer: { seed }, order: 'name' })
    await using opened = await openArchiveFile(first)
    const again = join(directory, 'again.s9pk')
    for await (const _ of readChecked(opened.archive, 'a/input'));
    const signer = { keep: opened.archive.header }
    expect(await writeArchive(treeOfArchive(opened.archive, first), again, { signer })).toEqual(commitment)
    await using rewritten = await openArchiveFile(again)
    for await (const _ of readChecked(rewritten.archive, 'a/input'));
  })

  it('replaces an older one only when it is complete, and clears up after a killed packer', async () => {
    const path = join(directory, 'tiny.s9pk')
    await writeFile(path, 'older')
    // No process has the largest number.
    await writeFile(join(directory, '.tiny.s9pk.4194305-1.tmp'), 'half')
    await writeFile(join(directory, `.tiny.s9pk.${process.ppid}-1.tmp`), 'another packer’s')
    const stop = new AbortController()
    const files = new Map([['input', bytesContent(Buffer.alloc(10))]])
    stop.abort(new Error('stopped'))
    const { signal } = stop
    await expect(writeArchive(treeOf(files), path, { signer: { seed }, signal })).rejects.toThrow('stopped')
    expect(await readFile(path, 'utf8')).toBe('older')
    await writeArchive(treeOf(files), path, { signer: { seed } })
    expect(await readdir(directory)).toEqual([`.tiny.s9pk.${process.ppid}-1.tmp`, 'tiny.s9pk'])
  })
})

describe('private keys', () => {
  const { privatePkcs8V1Pem, privatePkcs8V2Pem } = signing.keyEncodings

  it('are read in both forms, with any line ends, and written in the newer one', () => {
    for (const pem of [
      privatePkcs8V1Pem,
      privatePkcs8V2Pem,
      privatePkcs8V2Pem.replaceAll('\n', '\r\n'),
      privatePkcs8V1Pem.trimEnd(),
    ]) {
      expect(Buffer.from(readPrivateKey(pem)).toString('hex')).toBe(signing.key.seedHex)
    }
    expect(printPrivateKey(seed)).toBe(privatePkcs8V2Pem)
  })

  it('are refused when they are something else', () => {
    const wrong = privatePkcs8V2Pem.replace('A6EH', 'A6EI')
    for (const pem of [
      '',
      'hello',
      signing.keyEncodings.publicSpkiPem,
      wrong,
      privatePkcs8V1Pem.replace('K2Vw', 'K2Vx'),
    ]) {
      expect(() => readPrivateKey(pem)).toThrow(/key/)
    }
  })
})
