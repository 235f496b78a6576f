import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'

const Saved = z.object({
  /** `10.x.y`, the first three bytes of the containers' network. */
  prefix: z.string().regex(/^10\.\d+\.\d+$/),
  addresses: z.record(z.string(), z.number().int().min(2).max(254)),
})

/**
 * The containers' network and who has which address in it, kept in `<data>/network.json`. A package keeps its
 * address across restarts and rebuilds, so firewall rules and DNS answers stay true.
 */
export class AddressPool {
  readonly prefix: string
  readonly #file: string
  readonly #addresses: Map<string, number>
  #saving: Promise<void> = Promise.resolve()

  private constructor(file: string, prefix: string, addresses: Map<string, number>) {
    this.#file = file
    this.prefix = prefix
    this.#addresses = addresses
  }

  /** `choosePrefix` is asked only the first time. */
  static async open(dataDir: string, choosePrefix: () => Promise<string>): Promise<AddressPool> {
    const file = join(dataDir, 'network.json')
    const text = await readFile(file, 'utf8').catch(() => null)
    const saved = text === null ? null : Saved.safeParse(parse(text))
    if (saved?.success)
      return new AddressPool(file, saved.data.prefix, new Map(Object.entries(saved.data.addresses)))
    const pool = new AddressPool(file, await choosePrefix(), new Map())
    await pool.#save()
    return pool
  }

  get host(): string {
    return `${this.prefix}.1`
  }

  get subnet(): string {
    return `${this.prefix}.0/24`
  }

  async addressFor(packageId: string): Promise<string> {
    const known = this.#addresses.get(packageId)
    if (known !== undefined) return `${this.prefix}.${known}`
    const taken = new Set(this.#addresses.values())
    for (let last = 2; last <= 254; last++) {
      if (taken.has(last)) continue
      this.#addresses.set(packageId, last)
      await this.#save()
      return `${this.prefix}.${last}`
    }
    throw new CodedError('Network', 'all 253 addresses of the services’ network are in use')
  }

  async release(packageId: string): Promise<void> {
    if (this.#addresses.delete(packageId)) await this.#save()
  }

  #save(): Promise<void> {
    const write = async (): Promise<void> => {
      const saved = { prefix: this.prefix, addresses: Object.fromEntries(this.#addresses) }
      await writeFile(`${this.#file}.new`, JSON.stringify(saved, null, 2))
      await rename(`${this.#file}.new`, this.#file)
    }
    this.#saving = this.#saving.then(write, write)
    return this.#saving
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
