import type { BigIntStats } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { z } from 'zod'
import { type Commitment, base64, fromBase64 } from '@startd/base/s9pk/index.ts'
import { identityOf } from '../../write/file-identity.ts'

/** The oldest ones go first. */
const MOST_FILES = 10_000
/**
 * A file whose last change is younger may change again within the same tick of its clock, which then would not show.
 * The coarsest clock of a usual file system has steps of two seconds.
 */
const SETTLED_NS = 3_000_000_000n

const Stored = z.object({
  hashes: z.record(z.string(), z.object({ identity: z.string(), hash: z.string() })),
  outputs: z.record(
    z.string(),
    z.object({ identity: z.string(), signer: z.string(), rootSighash: z.string(), rootMaxsize: z.int() }),
  ),
})
type Stored = z.infer<typeof Stored>

/** What was written under a path, and by whose key. */
export interface Output extends Commitment {
  signer: string
}

/**
 * Remembers the hashes of files, and what packages were made, from one packing to the next (decision 0020). A hash is
 * only given for the very state of the file that was read. Losing the cache costs time and nothing else.
 */
export class HashCache {
  readonly #directory: string
  readonly #now: () => number
  readonly #hashes: Map<string, Stored['hashes'][string]>
  readonly #outputs: Map<string, Stored['outputs'][string]>

  private constructor(directory: string, stored: Stored, now: () => number) {
    this.#directory = directory
    this.#hashes = new Map(Object.entries(stored.hashes))
    this.#outputs = new Map(Object.entries(stored.outputs))
    this.#now = now
  }

  /** `now` is the clock, in milliseconds. */
  static async open(directory: string, now: () => number = Date.now): Promise<HashCache> {
    const text = await readFile(fileIn(directory), 'utf8').catch(() => '{}')
    return new HashCache(directory, parse(text), now)
  }

  get(path: string, info: BigIntStats): Uint8Array | null {
    const found = this.#hashes.get(path)
    return found?.identity === this.#identity(path, info) ? fromBase64(found.hash) : null
  }

  put(path: string, info: BigIntStats, hash: Uint8Array): void {
    if (!this.#isOwn(path) && !this.#isSettled(info)) return
    renew(this.#hashes, path, { identity: this.#identity(path, info), hash: base64(hash) })
  }

  output(path: string, info: BigIntStats): Output | null {
    const found = this.#outputs.get(path)
    return found?.identity === identityOf(info) ? found : null
  }

  putOutput(path: string, info: BigIntStats, output: Output): void {
    renew(this.#outputs, path, { identity: identityOf(info), ...output })
  }

  async save(): Promise<void> {
    const recent = <T>(map: Map<string, T>) => Object.fromEntries([...map].slice(-MOST_FILES))
    const stored: Stored = { hashes: recent(this.#hashes), outputs: recent(this.#outputs) }
    const draft = `${fileIn(this.#directory)}.${process.pid}`
    try {
      await writeFile(draft, JSON.stringify(stored))
      await rename(draft, fileIn(this.#directory))
    } finally {
      await rm(draft, { force: true })
    }
  }

  /** Files of the cache itself are named for their content and never change; only their time of last use does. */
  #identity(path: string, info: BigIntStats): string {
    return this.#isOwn(path) ? [info.dev, info.ino, info.size].join(':') : identityOf(info)
  }

  #isOwn(path: string): boolean {
    return path.startsWith(this.#directory + sep)
  }

  #isSettled({ mtimeNs, ctimeNs }: BigIntStats): boolean {
    const latest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs
    return BigInt(Math.floor(this.#now())) * 1_000_000n - latest >= SETTLED_NS
  }
}

function fileIn(directory: string): string {
  return join(directory, 'hashes.json')
}

function parse(text: string): Stored {
  try {
    const parsed = Stored.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
  } catch {
    // A cache that cannot be read is an empty one.
  }
  return { hashes: {}, outputs: {} }
}

/** Puts an entry at the end, where the recent ones are. */
function renew<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
}
