import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { buffer } from 'node:stream/consumers'
import { ExtendedVersion, Version, VersionRange } from '@startd/base/exver/index.ts'
import { HEADER_SIZE, MAGIC, bytesSource, openArchive, openS9pk, walk } from '@startd/base/s9pk/index.ts'
import archives from '../../../sdk/base/test/vectors/s9pk-archives.json' with { type: 'json' }
import { threeArches } from '../../src/s9pk/download/test/three-arches.ts'
import { filterArchitecture, printArchive } from '../../src/s9pk/write/index.ts'
import { treeOfArchive } from '../../src/s9pk/write/source-tree.ts'
import { publishedSdk } from './published-sdk.ts'

/* What the tests use of the published SDK 2.0.9; it has its own types, for another compiler. */

interface Entry {
  hash: Uint8Array
  size: bigint
  contents: null | Contents | object
  verifiedFileContents(): Promise<ArrayBuffer>
}
interface Contents {
  contents: Record<string, Entry>
  sighash(): Uint8Array
}
interface Sdk {
  S9pk: {
    deserialize(
      source: Blob,
      commitment: null,
    ): Promise<{
      manifest: unknown
      archive: { contents: Contents; signer: { pubkey: Uint8Array; maxSize: bigint } }
      icon(): Promise<string>
      license(): Promise<string>
      instructions(): Promise<string | null>
      dependencyMetadata(): Promise<unknown>
    }>
  }
  ExtendedVersion: {
    parse(text: string): {
      compare(other: unknown): string | null
      toString(): string
      satisfies(range: unknown): boolean
    }
  }
  VersionRange: {
    parse(text: string): { toString(): string; satisfiable(): boolean; intersects(other: unknown): boolean }
  }
}

const CORE = '@start9labs/start-sdk/node_modules/@start9labs/start-core'
let sdk: Sdk
let require: NodeJS.Require
beforeAll(async () => {
  require = await publishedSdk()
  sdk = require('@start9labs/start-sdk') as Sdk
}, 180_000)

const isDirectory = (entry: Entry): entry is Entry & { contents: Contents } =>
  entry.contents !== null && 'contents' in entry.contents && 'sighash' in entry.contents

/** Hash of every file that the published reader finds, after it has verified it. */
async function filesOf(directory: Contents, prefix = ''): Promise<[string, string][]> {
  const found: [string, string][] = []
  for (const [name, entry] of Object.entries(directory.contents)) {
    if (isDirectory(entry)) found.push(...(await filesOf(entry.contents, `${prefix}${name}/`)))
    else if (entry.contents) {
      await entry.verifiedFileContents()
      found.push([prefix + name, Buffer.from(entry.hash).toString('hex')])
    }
  }
  return found.sort()
}

describe('a package that we write', () => {
  const read = async (bytes: Buffer) => {
    const theirs = await sdk.S9pk.deserialize(new Blob([new Uint8Array(bytes)]), null)
    const ours = await openS9pk(bytesSource(bytes))
    const files = [...walk(ours.archive.root)].flatMap(([path, entry]) =>
      entry.kind === 'file' ? [[path, Buffer.from(entry.hash).toString('hex')]] : [],
    )
    expect(await filesOf(theirs.archive.contents)).toEqual(files.sort())
    expect(Buffer.from(theirs.archive.contents.sighash())).toEqual(Buffer.from(ours.root))
    expect(Buffer.from(theirs.archive.signer.pubkey)).toEqual(Buffer.from(ours.signer))
    expect(Number(theirs.archive.signer.maxSize)).toBe(ours.commitment.rootMaxsize)
    expect(await theirs.icon()).toBe(await ours.icon())
    expect(await theirs.license()).toBe(await ours.license())
    expect(await theirs.instructions()).toBe(await ours.instructions())
    expect(theirs.manifest).toMatchObject({ id: ours.manifest.id, version: ours.manifest.version })
  }

  it('is read by the published reader as by ours, in either order, whole or for one architecture', async () => {
    const { bytes, priority } = await threeArches({ code: 3000, assets: 500, image: 2000 })
    await read(bytes)
    await read(priority)
    const { archive, manifest } = await openS9pk(bytesSource(bytes))
    const signer = { keep: archive.header }
    for (const arch of ['x86_64', 'aarch64']) {
      await read(await buffer(printArchive(filterArchitecture(archive, manifest, arch), { signer })))
    }
  })

  it('is so too when it is another one written again', async () => {
    const tiny = archives.vectors.find(({ name }) => name === 's9pk-tiny-pack-order')!
    const { archive } = await openS9pk(bytesSource(Buffer.from(tiny.bytesHex, 'hex')))
    await read(await buffer(printArchive(treeOfArchive(archive), { signer: { keep: archive.header } })))
  })
})

describe('a package that is made with the parts of the published SDK', () => {
  it('is read by us', async () => {
    const { DirectoryContents } = require(`${CORE}/s9pk/merkleArchive/directoryContents`) as {
      DirectoryContents: new (contents: Record<string, Partial<Entry>>) => Contents
    }
    const { serializeVarint } = require(`${CORE}/s9pk/merkleArchive/varint`) as {
      serializeVarint(value: number): ArrayBuffer
    }
    const { blake3 } = require('@noble/hashes/blake3') as { blake3(bytes: Uint8Array): Uint8Array }
    const { ed25519ph } = require('@noble/curves/ed25519') as {
      ed25519ph: {
        sign(message: Uint8Array, seed: Uint8Array, options: { context: Uint8Array }): Uint8Array
        getPublicKey(seed: Uint8Array): Uint8Array
      }
    }
    const u64 = (value: number) => Buffer.from(value.toString(16).padStart(16, '0'), 'hex')
    const varint = (value: number) => Buffer.from(serializeVarint(value))
    const files = Object.entries({ 'LICENSE.md': 'MIT', empty: '', 'z-largest.bin': 'x'.repeat(70_000) }).map(
      ([name, text]) => ({ name, bytes: Buffer.from(text) }),
    )
    const entry = (bytes: Buffer): Partial<Entry> => ({
      hash: blake3(bytes),
      size: BigInt(bytes.length),
      contents: null,
    })
    const root = new DirectoryContents(
      Object.fromEntries(files.map(({ name, bytes }) => [name, entry(bytes)])),
    ).sighash()

    const tableSize = 1 + files.reduce((sum, { name }) => sum + 1 + name.length + 49, 0)
    let at = HEADER_SIZE + tableSize
    const table = [varint(files.length)]
    for (const { name, bytes } of files) {
      table.push(
        varint(name.length),
        Buffer.from(name),
        Buffer.from(blake3(bytes)),
        u64(bytes.length),
        Buffer.of(1),
        u64(at),
      )
      at += bytes.length
    }
    const seed = new Uint8Array(32).fill(5)
    const message = Buffer.concat([root, u64(tableSize)])
    const signature = ed25519ph.sign(message, seed, { context: Buffer.from('s9pk') })
    const header = [MAGIC, ed25519ph.getPublicKey(seed), signature, message, u64(HEADER_SIZE), u64(tableSize)]
    const archive = await openArchive(
      bytesSource(Buffer.concat([...header, ...table, ...files.map(({ bytes }) => bytes)])),
    )
    expect([...archive.root].map(([name, { size }]) => [name, size])).toEqual([
      ['LICENSE.md', 3],
      ['empty', 0],
      ['z-largest.bin', 70_000],
    ])
    expect(Buffer.from(archive.header.root)).toEqual(Buffer.from(root))
  })
})

/*
 * Where both follow the same rules (s9pk.md §12.6 lists where they do not). Ranges are without flavours here: the
 * published SDK takes what `!(!=#a:1:0)` leaves for versions of any flavour.
 */

const versionOf = (...flavors: (string | null)[]) =>
  fc
    .tuple(
      fc.constantFrom(...flavors),
      fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(2), { minLength: 1, maxLength: 2 }),
    )
    .map(([flavor, up, down]) => new ExtendedVersion(flavor, new Version(up), new Version(down)))
const version = versionOf(null, 'a', 'knots')
const plain = versionOf(null)
const { range } = fc.letrec<{ range: string }>((tie) => ({
  range: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>='), plain).map(([op, v]) => `${op}${v}`),
    fc.tuple(tie('range'), tie('range')).map(([a, b]) => `(${a}) && (${b})`),
    fc.tuple(tie('range'), tie('range')).map(([a, b]) => `(${a}) || (${b})`),
    tie('range').map((a) => `!(${a})`),
  ),
}))

describe('versions and ranges', () => {
  it('compare as with the published SDK', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const theirs = sdk.ExtendedVersion.parse(`${a}`)
        expect(theirs.toString()).toBe(`${a}`)
        expect(theirs.compare(sdk.ExtendedVersion.parse(`${b}`)) ?? null).toBe(a.compare(b))
      }),
    )
  })

  it('fit and meet as with the published SDK', () => {
    fc.assert(
      fc.property(range, range, plain, (a, b, v) => {
        const [ours, theirs] = [VersionRange.parse(a), sdk.VersionRange.parse(a)]
        expect([a, `${v}`, sdk.ExtendedVersion.parse(`${v}`).satisfies(theirs)]).toEqual([
          a,
          `${v}`,
          v.satisfies(ours),
        ])
        expect([a, theirs.satisfiable()]).toEqual([a, ours.satisfiable()])
        const other = sdk.VersionRange.parse(b)
        expect([a, b, theirs.intersects(other)]).toEqual([a, b, ours.intersects(VersionRange.parse(b))])
      }),
    )
  })
})
