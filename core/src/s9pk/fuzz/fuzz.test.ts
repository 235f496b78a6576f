import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CodedError } from '@startd/base/errors.ts'
import {
  type ByteSource,
  HEADER_SIZE,
  LIMITS,
  bytesSource,
  checkLength,
  openArchive,
  openS9pk,
  regionsOf,
  walk,
} from '@startd/base/s9pk/index.ts'
import archives from '../../../../sdk/base/test/vectors/s9pk-archives.json' with { type: 'json' }
import { nativeHash } from '../blake3.ts'
import { StreamingVerifier } from '@startd/base/s9pk/streaming-verifier.ts'
import { threeArches } from '../download/test/three-arches.ts'
import { bytesContent } from '../write/content.ts'
import { printArchive } from '../write/index.ts'
import { treeOf } from '../write/source-tree.ts'
import { fieldsOf } from './fields.ts'
import { type Original, mutate } from './mutate.ts'
import { Random } from './random.ts'
import { evilPackage } from './signed.ts'

/** Always the same ones, and one that is new each time; `FUZZ_SEED=n` repeats a run. */
const SEEDS = [1, 20_26, Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)]
const MUTATIONS = 198_000
const SIGNED = 2_000

// Nobody reads the stacks of a hundred thousand refusals, and making them takes half of the time.
const { stackTraceLimit } = Error
beforeAll(() => {
  Error.stackTraceLimit = 0
})
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

let originals: Original[]
beforeAll(async () => {
  const packages = archives.vectors
    .filter(({ name }) => name.startsWith('s9pk-'))
    .map(({ bytesHex }) => Buffer.from(bytesHex, 'hex'))
  const { bytes } = await threeArches({ code: 50, assets: 1, image: 90 })
  const names = ['empty', 'a/b/c/d/e', 'a/b/x', 'ü/\u{1f600}', 'n'.repeat(300)]
  const tree = treeOf(new Map(names.map((name, i) => [name, bytesContent(Buffer.alloc(i * 20, i))])))
  const odd = await buffer(printArchive(tree, { signer: { seed: new Uint8Array(32).fill(1) } }))
  originals = await Promise.all(
    [...packages, bytes, odd].map(async (whole) => ({
      bytes: whole,
      fields: fieldsOf(whole, await openArchive(bytesSource(whole), { hash: nativeHash })),
    })),
  )
})

/** Counts what the reader does, and fails at once where it goes too far. */
class Watch {
  reads = 0
  read = 0
  hashed = 0
  readonly #length: number

  constructor(length: number) {
    this.#length = length
  }

  readonly hash = () => {
    const hasher = nativeHash()
    const update = (bytes: Uint8Array) => {
      this.hashed += bytes.length
      return hasher.update(bytes)
    }
    return { update, digest: () => hasher.digest() }
  }

  source(bytes: Uint8Array, size: number | null): ByteSource {
    return {
      size,
      read: async (offset, length) => {
        this.#note(offset, length, size)
        return bytes.subarray(offset, offset + length)
      },
    }
  }

  /** Tables are hashed in their signed form, which is no longer than they are; each byte of a file once or twice. */
  check(): void {
    if (this.hashed > 4 * this.#length + 1000)
      throw new Error(`hashed ${this.hashed} of ${this.#length} bytes`)
    if (this.reads > this.#length / 40 + 10)
      throw new Error(`made ${this.reads} reads of ${this.#length} bytes`)
  }

  #note(offset: number, length: number, size: number | null): void {
    this.reads++
    this.read += length
    if (size !== null && offset + length > size && offset > 0)
      throw new Error(`read ${length} bytes at ${offset} of ${size}`)
    if (length > LIMITS.table || this.read > LIMITS.allTables + LIMITS.manifest + HEADER_SIZE)
      throw new Error(`read ${length} bytes at once, ${this.read} in all`)
    if (this.reads > 10_000) throw new Error('reads without end')
  }
}

/** Opens and checks everything, as if all of it lay in a file or, every other time, came from where the length is not known. */
async function read(bytes: Buffer, sized: boolean): Promise<'accepted' | 'refused'> {
  const watch = new Watch(bytes.length)
  const source = watch.source(bytes, sized ? bytes.length : null)
  const result = await refusedIfCoded(async () => {
    const s9pk = await openS9pk(source, { hash: watch.hash })
    for (const [path] of walk(s9pk.archive.root)) {
      if (/(^|\/)(\.{0,2})(\/|$)|\0/.test(path)) throw new Error(`the path ${path} was accepted`)
    }
    await s9pk.verify()
  })
  watch.check()
  return result
}

/** The same as a stream in chunks of any size. */
async function receive(bytes: Buffer, random: Random): Promise<'accepted' | 'refused'> {
  const watch = new Watch(bytes.length)
  return refusedIfCoded(() => {
    const verifier = new StreamingVerifier({ hash: watch.hash, commitment: null, maxSize: 1 << 30 })
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + random.below(700)
      verifier.push(bytes.subarray(at, end))
      at = end
    }
    const header = verifier.requireHeader()
    if (verifier.tablesBehind.length > 0 || verifier.filesBehind.length > 0) return
    checkLength(regionsOf(header, HEADER_SIZE, verifier.root), verifier.position)
    watch.check()
  })
}

async function refusedIfCoded(attempt: () => unknown): Promise<'accepted' | 'refused'> {
  try {
    await attempt()
    return 'accepted'
  } catch (error) {
    if (error instanceof CodedError && error.details.length > 10) return 'refused'
    throw error
  }
}

describe('mutated packages', () => {
  it.each(SEEDS)(
    'never crash, hang or mislead the reader (seed %i)',
    async (seed) => {
      const random = new Random(seed)
      const count = { accepted: 0, refused: 0 }
      const each = Math.ceil(MUTATIONS / SEEDS.length)
      for (let run = 0; run < each; run++) {
        const bytes = mutate(random.pick(originals), originals, random)
        try {
          count[await read(bytes, run % 2 === 0)]++
          if (run % 4 === 0) await receive(bytes, random)
        } catch (cause) {
          throw new Error(`seed ${seed}, run ${run}: ${bytes.toString('hex')}`, { cause })
        }
      }
      expect(count.accepted + count.refused).toBe(each)
      // A mutation may hit what is not signed, such as bytes after the end.
      expect(count.refused).toBeGreaterThan(each / 2)
    },
    240_000,
  )

  it.each(SEEDS)(
    'do so neither when their author has signed them (seed %i)',
    async (seed) => {
      const random = new Random(seed)
      for (let run = 0; run < SIGNED / SEEDS.length; run++) {
        const bytes = evilPackage(random)
        try {
          await read(bytes, run % 2 === 0)
          await receive(bytes, random)
        } catch (cause) {
          throw new Error(`seed ${seed}, run ${run}: ${bytes.toString('hex')}`, { cause })
        }
      }
    },
    240_000,
  )
})
