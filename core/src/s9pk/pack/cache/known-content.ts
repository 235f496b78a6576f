import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Content } from '../../write/content.ts'
import type { HashCache } from './hash-cache.ts'

/** Gives each content the hash that is known of it from earlier, and keeps those that the writer finds. */
export async function recall(files: Map<string, Content>, hashes: HashCache): Promise<void> {
  for (const content of files.values()) {
    if (!content.stretch || content.hash) continue
    const { path } = content.stretch
    const info: BigIntStats = await stat(path, { bigint: true })
    content.hash = hashes.get(path, info)
    content.onHash = (hash) => hashes.put(path, info, hash)
  }
}
