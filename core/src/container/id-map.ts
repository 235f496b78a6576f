import type { IdRange } from './contract.ts'
import { ID_BASE, ID_COUNT } from './instance.ts'
import type { IdMap } from './helper.ts'

/** What every container mount has: id n on disk is n inside. */
export const PLAIN_MAP: IdMap = [`0:${ID_BASE}:${ID_COUNT}`]

/**
 * Composes the ranges of a mount with the container's own offset (service-runtime.md §8.6): each id on disk goes
 * through the ranges in order. Where two ids on disk would meet, a remapped one wins over a plain one, then the
 * lowest; the loser is left out and shows as "nobody".
 */
export function composeMap(ranges: readonly IdRange[]): IdMap {
  if (ranges.length === 0) return PLAIN_MAP
  const holder = new Map<number, { disk: number; remapped: boolean }>()
  for (let disk = 0; disk < ID_COUNT; disk++) {
    let id = disk
    for (const { fromId, toId, range } of ranges)
      if (id >= fromId && id < fromId + range) id = toId + (id - fromId)
    if (id >= ID_COUNT) continue
    const before = holder.get(id)
    const remapped = id !== disk
    if (!before || (remapped && !before.remapped)) holder.set(id, { disk, remapped })
  }
  const pairs = [...holder].map(([id, { disk }]) => ({ disk, id })).sort((a, b) => a.disk - b.disk)
  const extents: { disk: number; id: number; count: number }[] = []
  for (const { disk, id } of pairs) {
    const last = extents.at(-1)
    if (last && last.disk + last.count === disk && last.id + last.count === id) last.count++
    else extents.push({ disk, id, count: 1 })
  }
  return extents.map(({ disk, id, count }) => `${disk}:${ID_BASE + id}:${count}`)
}
