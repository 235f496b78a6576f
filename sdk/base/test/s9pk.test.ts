import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openBareArchive } from '../src/s9pk/archive.ts'
import { Cursor, fromBase64, sameBytes } from '../src/s9pk/bytes.ts'
import {
  type ByteSource,
  S9pkError,
  blobSource,
  bytesSource,
  openArchive,
  openS9pk,
  walk,
} from '../src/s9pk/index.ts'
import { hashOf, portableHash } from '../src/s9pk/hash.ts'
import { publicKeyPem } from '../src/s9pk/identity.ts'
import { publicKeyOf, sign, verifySignature } from '../src/s9pk/signature.ts'
import { readVarint, readVarstring, varint, varstring } from '../src/s9pk/varint.ts'
import archives from './vectors/s9pk-archives.json' with { type: 'json' }
import signing from './vectors/signing.json' with { type: 'json' }
import numbers from './vectors/varint-blake3.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')
const vector = (name: string) => archives.vectors.find((candidate) => candidate.name === name)!
const tiny = () => bytes(vector('s9pk-tiny-pack-order').bytesHex)

/** Opens a package and checks every file of it, as an install does. */
const openWhole = async (source: ByteSource, commitment?: { rootSighash: string; rootMaxsize: number }) => {
  const s9pk = await openS9pk(source, { commitment: commitment ?? null })
  await s9pk.verify()
  return s9pk
}
const faultOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'accepted',
    (error: unknown) => (error instanceof S9pkError ? error.fault : `${error}`),
  )

describe('numbers and texts', () => {
  it('encodes varints and reads them back', () => {
    for (const { value, hex: expected } of numbers.varints) {
      expect(hex(varint(BigInt(value)))).toBe(expected)
      expect(readVarint(new Cursor(bytes(expected)))).toBe(BigInt(value))
    }
    for (const { hex: invalid } of numbers.invalid)
      expect(() => readVarint(new Cursor(bytes(invalid)))).toThrow(S9pkError)
  })

  it('encodes texts by their UTF-8 length', () => {
    for (const { value, hex: expected } of numbers.varstrings) {
      expect(hex(varstring(value))).toBe(expected)
      expect(readVarstring(new Cursor(bytes(expected)))).toBe(value)
    }
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        (text) => readVarstring(new Cursor(varstring(text))) === text,
      ),
    )
  })

  it('hashes with BLAKE3', () => {
    for (const { inputUtf8, length, hex: expected } of numbers.blake3) {
      const input =
        inputUtf8 === undefined
          ? Uint8Array.from({ length: length! }, (_, i) => i % 251)
          : Buffer.from(inputUtf8)
      expect(hex(hashOf(portableHash, input))).toBe(expected)
    }
  })
})

describe('signatures', () => {
  const seed = bytes(signing.key.seedHex)

  it('are made and verified as the published ones', () => {
    expect(hex(publicKeyOf(seed))).toBe(signing.key.publicKeyHex)
    expect(publicKeyPem(publicKeyOf(seed))).toBe(signing.keyEncodings.publicSpkiPem)
    for (const { signedMessageHex, signatureHex, context } of signing.vectors) {
      expect(hex(sign(bytes(signedMessageHex), seed, context))).toBe(signatureHex)
      expect(verifySignature(bytes(signatureHex), bytes(signedMessageHex), publicKeyOf(seed), context)).toBe(
        true,
      )
      expect(verifySignature(bytes(signatureHex), bytes(signedMessageHex), publicKeyOf(seed), 'other')).toBe(
        false,
      )
    }
  })

  it('are refused for a key of small order, with which anybody could sign anything', () => {
    const identity = new Uint8Array(32)
    identity[0] = 1
    const forged = new Uint8Array(64)
    forged[0] = 1
    expect(verifySignature(forged, new Uint8Array(40), identity, 's9pk')).toBe(false)
  })
})

describe('valid archives', () => {
  it('open with the expected root, commitment, layout and contents', async () => {
    for (const expected of archives.vectors) {
      const source = bytesSource(bytes(expected.bytesHex))
      const archive =
        expected.prefixHex === ''
          ? await openBareArchive(source, expected.context)
          : await openArchive(source)
      expect(hex(archive.header.root)).toBe(expected.rootSighashHex)
      expect(archive.header.rootMaxsize).toBe(expected.rootMaxsize)
      const files = expected.layout.filter(({ kind }) => kind === 'file')
      const found = [...walk(archive.root)].flatMap(([path, entry]) =>
        entry.kind === 'file' ? [{ path, kind: 'file', position: entry.position, size: entry.size }] : [],
      )
      const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
      expect(found.sort(byPath)).toEqual(files.sort(byPath))
    }
  })

  it('give a package with its manifest, texts, icon and images, from a Blob as well', async () => {
    const s9pk = await openWhole(blobSource(new Blob([tiny()])))
    expect(s9pk.manifest).toMatchObject({
      id: 'tiny',
      version: '1.0.0:0',
      images: { main: { source: 'packed' } },
    })
    expect(await s9pk.license()).toBe('MIT')
    expect(await s9pk.instructions()).toBe('# Hi')
    expect(await s9pk.icon()).toMatch(/^data:image\/svg\+xml;base64,PHN2Zy/)
    expect(s9pk.images('x86_64')).toEqual({
      main: {
        arch: 'x86_64',
        squashfs: 'images/x86_64/main.squashfs',
        metadata: 'images/x86_64/main.json',
        env: 'images/x86_64/main.env',
      },
    })
    expect(await s9pk.dependencyMetadata('other')).toEqual({
      title: 'Other',
      icon: 'data:image/png;base64,iVBORw0KGgo=',
    })
    const commitment = vector('s9pk-tiny-pack-order').commitment!
    expect(s9pk.commitment).toEqual(commitment)
    await openWhole(bytesSource(tiny()), commitment)
  })

  it('open when filtered to one architecture, and say what was left out', async () => {
    const s9pk = await openWhole(bytesSource(bytes(vector('s9pk-tiny-filtered-x86_64').bytesHex)))
    expect(s9pk.images('x86_64')['main']?.arch).toBe('x86_64')
    expect(() => s9pk.images('aarch64')).toThrow(
      /no “main” image for this machine \(aarch64\); it was made for x86_64/,
    )
    await expect(s9pk.readFile('images/aarch64/main.json')).rejects.toThrow(/no images\/aarch64/)
  })
})

describe('bad archives', () => {
  it('are refused with the right kind of error', async () => {
    const kinds: Record<string, string> = { 'Filesystem (unexpected EOF)': 'Filesystem' }
    for (const bad of archives.negative) {
      const data = bytes(bad.bytesHex ?? vector(bad.derivedFrom).bytesHex)
      const error = await openWhole(bytesSource(data), bad.commitment).then(
        () => null,
        (thrown: unknown) => thrown,
      )
      expect([bad.name, error instanceof S9pkError && error.kind]).toEqual([
        bad.name,
        kinds[bad.errorKind] ?? bad.errorKind,
      ])
    }
    expect(await faultOf(openS9pk(bytesSource(bytes(vector('s9pk-framing-minimal').bytesHex))))).toMatch(
      /CodedError.*id/,
    )
  })

  it('are told apart by what a person can do about them', async () => {
    const fault = (data: Uint8Array) => faultOf(openS9pk(bytesSource(data)))
    expect(await fault(Buffer.from('PK\x03\x04rest of a zip'))).toBe('zip')
    expect(await fault(bytes('3b3b01ff'))).toBe('version-1')
    expect(await fault(Buffer.from('<!doctype html>'))).toBe('not-a-package')
    expect(await fault(new Uint8Array())).toBe('not-a-package')
    expect(await fault(tiny().subarray(0, 60))).toBe('truncated')
    expect(await fault(tiny().subarray(0, 2000))).toBe('truncated')
  })

  it('are refused after the header alone when any signed bit of it is changed', async () => {
    for (let at = 0; at < 139; at++) {
      const data = tiny()
      data[at]! ^= 1
      let reads = 0
      const source = bytesSource(data)
      const counting: ByteSource = { size: data.length, read: (...where) => (reads++, source.read(...where)) }
      expect(await faultOf(openS9pk(counting))).not.toBe('accepted')
      expect(reads).toBe(1)
    }
  })

  it('never crash or hang the reader, whatever is changed in them', async () => {
    const original = tiny()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          const data = tiny()
          for (const [at, value] of changes) data[at] = value
          const result = await faultOf(openWhole(bytesSource(data)))
          expect(result).toMatch(/^[a-z0-9-]+$|^CodedError/)
          if (result === 'accepted') expect(signedPartIsSame(data, original)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** Positions are not signed: a change there may give another file that is just as valid. */
function signedPartIsSame(data: Uint8Array, original: Uint8Array): boolean {
  return sameBytes(data.subarray(0, 139), original.subarray(0, 139))
}

describe('commitments', () => {
  it('are read with or without padding', () => {
    expect(fromBase64('AAE=')).toEqual(fromBase64('AAE'))
  })
})
