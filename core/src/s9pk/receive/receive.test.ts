import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CodedError } from '@startd/base/errors.ts'
import { printManifest } from '@startd/base/manifest.ts'
import {
  HEADER_SIZE,
  S9pkError,
  bytesSource,
  openS9pk,
  printHeader,
  printTable,
  walk,
} from '@startd/base/s9pk/index.ts'
import archives from '../../../../sdk/base/test/vectors/s9pk-archives.json' with { type: 'json' }
import { newSeed } from '../keys.ts'
import { bytesContent } from '../write/content.ts'
import { printArchive } from '../write/index.ts'
import { treeOf } from '../write/source-tree.ts'
import { type PackagePreview, receiveS9pk } from './index.ts'

const bytesOf = (name: string) =>
  Buffer.from(archives.vectors.find((vector) => vector.name === name)!.bytesHex, 'hex')
const tiny = () => bytesOf('s9pk-tiny-pack-order')
const NAME = 'dibobqv76q5vu3orvof4dqffzmhliiwazvhitcjphnx6mg2kk5fq'

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'receive-'))
})
afterEach(() => rm(directory, { recursive: true }))

const files = async () =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
const receive = (bytes: Uint8Array, size = 64, options = {}) =>
  receiveS9pk(inChunks(bytes, size), directory, { arch: 'x86_64', ...options })

describe('a package that arrives', () => {
  it('is stored under its root hash in the layout that was sent, whatever the chunks', async () => {
    for (const vector of ['s9pk-tiny-pack-order', 's9pk-tiny-priority-order', 's9pk-tiny-filtered-x86_64']) {
      for (const size of [1, 7, 155, 156, 1000, 1 << 20]) {
        const received = await receive(bytesOf(vector), size)
        expect(await readFile(received.path)).toEqual(bytesOf(vector))
        expect(received.s9pk.manifest.id).toBe('tiny')
        await received.s9pk.verify()
        await rm(received.path)
      }
    }
    expect(await files()).toEqual([])
  })

  it('may come in chunks whose memory is used again', async () => {
    const bytes = bytesOf('s9pk-tiny-priority-order')
    const chunk = Buffer.alloc(97)
    const stream = async function* () {
      for (let at = 0; at < bytes.length; at += chunk.length) {
        yield chunk.subarray(0, bytes.copy(chunk, 0, at))
        chunk.fill(0)
      }
    }
    const received = await receiveS9pk(stream(), directory, { arch: 'x86_64' })
    expect(await readFile(received.path)).toEqual(bytes)
    expect(received.s9pk.manifest.id).toBe('tiny')
  })

  it('gets another name while the same package is already there', async () => {
    const first = await receive(tiny())
    const second = await receive(tiny())
    expect([first.path, second.path].map((path) => path.length)).toEqual([
      first.path.length,
      first.path.length + 1,
    ])
    expect((await files()).every((name) => /^[a-z2-7]{52}x?\.s9pk$/.test(name))).toBe(true)
  })

  it('is shown before it is complete', async () => {
    const bytes = bytesOf('s9pk-tiny-priority-order')
    let seen: PackagePreview | null = null
    let receivedThen = 0
    let received = 0
    await receive(bytes, 50, {
      onHeader: (preview: PackagePreview) => {
        seen = preview
        receivedThen = received
      },
      onProgress: (done: number) => {
        received = done
      },
    })
    expect(receivedThen).toBeLessThan(bytes.length)
    expect(seen).toMatchObject({
      manifest: { id: 'tiny' },
      icon: expect.stringMatching(/^data:image\/svg/),
      size: bytes.length,
      developerKey: expect.stringMatching(/^-----BEGIN PUBLIC KEY/),
    })
  })

  it('loses bytes after its end', async () => {
    const received = await receive(Buffer.concat([tiny(), Buffer.alloc(1000)]))
    expect(await readFile(received.path)).toEqual(tiny())
  })
})

/** The tiny package with its bodies in another order: positions are not signed, so all of them are valid. */
async function rearranged(
  place: (sizes: { table: number; files: number }) => { table: number; files: number },
) {
  const s9pk = await openS9pk(bytesSource(tiny()))
  const { header, root } = s9pk.archive
  const bodies = [...walk(root)].flatMap(([, entry]) => (entry.kind === 'missing' ? [] : [entry]))
  const files = bodies.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : entry.tableSize), 0)
  const start = place({ table: header.tableSize, files })
  const out = Buffer.alloc(HEADER_SIZE + header.tableSize + files)
  const original = tiny()
  let next = start.files
  const put: [number, () => Uint8Array][] = []
  // Children first, so that every table comes after what it announces.
  for (const entry of bodies.toReversed()) {
    const from = entry.position
    entry.position = next
    const at = next
    if (entry.kind === 'file') put.push([at, () => original.subarray(from, from + entry.size)])
    else put.push([at, () => printTable(entry.contents)])
    next += entry.kind === 'file' ? entry.size : entry.tableSize
  }
  put.push(
    [start.table, () => printTable(root)],
    [0, () => printHeader({ ...header, tablePosition: start.table })],
  )
  for (const [at, bytes] of put) out.set(bytes(), at)
  return out
}

describe('a package whose tables come after its files', () => {
  const backwards = () => rearranged(({ files }) => ({ files: HEADER_SIZE, table: HEADER_SIZE + files }))

  it('is received and shown all the same', async () => {
    const bytes = await backwards()
    let shown = 0
    const received = await receive(bytes, 100, { onHeader: () => shown++ })
    expect([shown, await readFile(received.path)]).toEqual([1, bytes])
    await received.s9pk.verify()
  })

  it('is refused for any flipped byte, or where two parts share bytes', async () => {
    const original = await backwards()
    for (let at = 0; at < original.length; at += 29) {
      const bytes = Buffer.from(original)
      bytes[at]! ^= 1
      await expect(receive(bytes, 1000)).rejects.toThrow(CodedError)
    }
    const overlapping = await rearranged(() => ({ files: HEADER_SIZE + 500, table: HEADER_SIZE }))
    await expect(receive(overlapping)).rejects.toThrow(CodedError)
    expect(await files()).toEqual([])
  })
})

describe('a package that is refused', () => {
  it('is refused by its announced length alone', async () => {
    const receiving = receiveS9pk(inChunks(tiny(), 10), directory, {
      arch: 'x86_64',
      maxSize: 1000,
      size: 1001,
    })
    await expect(receiving).rejects.toMatchObject({ fault: 'too-large' })
  })

  const refused = async (bytes: Uint8Array, options = {}, size = 100) => {
    const error = await receive(bytes, size, options).catch((thrown: unknown) => thrown)
    expect(await files()).toEqual([])
    if (!(error instanceof CodedError)) throw new Error('was accepted or failed otherwise', { cause: error })
    return error
  }

  it('leaves nothing behind and has the right kind of error, in every shared case', async () => {
    const kinds: Record<string, string> = { 'Filesystem (unexpected EOF)': 'Filesystem' }
    for (const bad of archives.negative) {
      const bytes = bad.bytesHex ? Buffer.from(bad.bytesHex, 'hex') : bytesOf(bad.derivedFrom)
      const error = await refused(bytes, { commitment: bad.commitment })
      expect([bad.name, error.kind]).toEqual([bad.name, kinds[bad.errorKind] ?? bad.errorKind])
    }
  })

  it('is refused for any flipped byte of a file, a table or the header', async () => {
    const original = tiny()
    for (let at = 0; at < original.length; at += 13) {
      const bytes = tiny()
      bytes[at]! ^= 0x10
      const error = await receive(bytes, 333).catch((thrown: unknown) => thrown)
      expect([at, error]).toEqual([at, expect.any(CodedError)])
    }
    expect(await files()).toEqual([])
  })

  it('is refused for another architecture, before its images arrive', async () => {
    let received = 0
    const onProgress = (done: number) => (received = done)
    const error = await refused(bytesOf('s9pk-tiny-filtered-x86_64'), { arch: 'aarch64', onProgress }, 10)
    expect(error).toBeInstanceOf(S9pkError)
    expect(error.message).toMatch(/no “main” image for this machine \(aarch64\)/)
    expect(received).toBeLessThan(2020)
  })

  it('is refused when it announces more than is allowed, at its first table', async () => {
    let received = 0
    const onProgress = (done: number) => (received = done)
    expect((await refused(tiny(), { maxSize: 1000, onProgress }, 10)).details).toMatch(/larger than/)
    expect(received).toBeLessThan(700)
  })

  it('is told apart when it is a zip, empty, cut off or something else', async () => {
    const fault = async (bytes: Uint8Array) => (await refused(bytes, {}, 2)).info
    expect(await fault(Buffer.from('PK\x03\x04'))).toEqual({ fault: 'zip' })
    expect(await fault(Buffer.from(''))).toEqual({ fault: 'not-a-package' })
    expect(await fault(Buffer.from('#!'))).toEqual({ fault: 'not-a-package' })
    expect(await fault(tiny().subarray(0, 90))).toEqual({ fault: 'truncated' })
    expect(await fault(tiny().subarray(0, 800))).toEqual({ fault: 'truncated' })
    expect(await fault(tiny().subarray(0, 2430))).toEqual({ fault: 'truncated' })
  })

  it('is given up when the transfer is cancelled, though the sender has stopped sending', async () => {
    const controller = new AbortController()
    async function* stalling() {
      yield tiny().subarray(0, 700)
      controller.abort()
      await new Promise(() => undefined)
    }
    const receiving = receiveS9pk(stalling(), directory, { arch: 'x86_64', signal: controller.signal })
    await expect(receiving).rejects.toThrow(/cancelled/i)
    expect(await files()).toEqual([])
  })

  it('is given up when the sender fails or the receiver of the preview objects', async () => {
    async function* failing() {
      yield tiny().subarray(0, 700)
      throw new Error('connection reset')
    }
    await expect(receiveS9pk(failing(), directory, { arch: 'x86_64' })).rejects.toThrow('connection reset')
    const objecting = receive(tiny(), 64, { onHeader: () => Promise.reject(new Error('already installing')) })
    await expect(objecting).rejects.toThrow('already installing')
    expect(await files()).toEqual([])
  })
})

it('knows the file name of the tiny package', async () => {
  expect((await receive(tiny())).path).toBe(join(directory, 'installed', `${NAME}.s9pk`))
})

describe('a package with large files', () => {
  const ASSETS = randomBytes(5_000_000)
  const CODE = randomBytes(1_200_000)
  const large = async () => {
    const manifest = {
      ...(await openS9pk(bytesSource(tiny()))).manifest,
      images: {},
    }
    const files = new Map([
      ['manifest.json', bytesContent(Buffer.from(printManifest(manifest)))],
      ['icon.svg', bytesContent(Buffer.from('<svg/>'))],
      ['LICENSE.md', bytesContent(Buffer.from('MIT'))],
      ['javascript.squashfs', bytesContent(CODE)],
      ['assets.squashfs', bytesContent(ASSETS)],
    ])
    return buffer(printArchive(treeOf(files), { signer: { seed: newSeed() } }))
  }

  it('is stored as it was sent', async () => {
    const bytes = await large()
    for (const size of [65_536, 1_048_576, 10_000_000]) {
      const received = await receive(bytes, size)
      expect((await readFile(received.path)).equals(bytes)).toBe(true)
      await rm(received.path)
    }
  })

  it('is refused when one of them is damaged anywhere, and leaves nothing', async () => {
    const bytes = await large()
    const [code, assets] = [bytes.indexOf(CODE), bytes.indexOf(ASSETS)]
    for (const at of [code, code + CODE.length - 1, assets, assets + 3_000_000, assets + ASSETS.length - 1]) {
      const damaged = Buffer.from(bytes)
      damaged[at]! ^= 1
      await expect(receive(damaged, 65_536)).rejects.toThrow(/does not match its hash/)
      expect(await files()).toEqual([])
    }
  })

  it('is refused when it ends inside one of them, and leaves nothing', async () => {
    const bytes = await large()
    for (const length of [bytes.indexOf(CODE) + 1, bytes.indexOf(ASSETS) + 2_000_000, bytes.length - 1]) {
      await expect(receive(bytes.subarray(0, length), 65_536)).rejects.toMatchObject({ fault: 'truncated' })
      expect(await files()).toEqual([])
    }
  })
})
