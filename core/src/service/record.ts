import { readdir, rm } from 'node:fs/promises'
import { z } from 'zod'
import { Guid } from '@startd/base/ids.ts'
import { readIfPresent, writeAtomically } from './atomic-file.ts'
import type { ServicePaths } from './paths.ts'

const Launch = z.object({
  guid: Guid,
  /** Archive that the container was made from. */
  s9pk: z.string(),
})
export type Launch = z.infer<typeof Launch>

/**
 * What a later daemon must know of a package beside the database: the initialised container that it
 * can take over, and how an unfinished removal was meant.
 */
const PackageRecord = z.object({
  launch: Launch.nullable(),
  removal: z.object({ soft: z.boolean(), force: z.boolean() }).nullable(),
})
export type PackageRecord = z.infer<typeof PackageRecord>

const EMPTY: PackageRecord = { launch: null, removal: null }

/** The records of all packages, one small file each. */
export class Records {
  readonly #paths: ServicePaths
  /** Writes of one package follow each other. */
  readonly #queue = new Map<string, Promise<void>>()

  constructor(paths: ServicePaths) {
    this.#paths = paths
  }

  async read(id: string): Promise<PackageRecord> {
    const text = await readIfPresent(this.#paths.record(id))
    if (text === null) return EMPTY
    const parsed = PackageRecord.safeParse(parseJson(text))
    return parsed.success ? parsed.data : EMPTY
  }

  change(id: string, change: Partial<PackageRecord>): Promise<void> {
    return this.#inTurn(id, async () => {
      const record = { ...(await this.read(id)), ...change }
      if (record.launch === null && record.removal === null) await rm(this.#paths.record(id), { force: true })
      else await writeAtomically(this.#paths.record(id), JSON.stringify(record))
    })
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(id, () => rm(this.#paths.record(id), { force: true }))
  }

  /** Forgets packages that are not installed. */
  async prune(installed: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#paths.records).catch(() => [])
    for (const name of names) {
      if (!installed.has(name.replace(/\.json$/, ''))) {
        await rm(`${this.#paths.records}/${name}`, { force: true })
      }
    }
  }

  async #inTurn(id: string, work: () => Promise<void>): Promise<void> {
    const next = (this.#queue.get(id) ?? Promise.resolve()).catch(() => undefined).then(work)
    this.#queue.set(id, next)
    try {
      await next
    } finally {
      if (this.#queue.get(id) === next) this.#queue.delete(id)
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
