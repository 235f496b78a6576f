import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDocument } from '../document.ts'
import type { Figure } from '../index.ts'
import { median } from '../measure.ts'
import type { Audience, Contender, OpenContender } from './contender.ts'
import { openLmdb } from './lmdb.ts'
import { openLowdb } from './lowdb.ts'
import { openPatchDb } from './patch-db.ts'
import { openSqlite } from './sqlite.ts'

const SERVICES = 200
const WATCHERS = 1000
const CHANGED = 'service-100'
const ROUNDS = 5
/** lowdb writes megabytes at each change: it gets fewer, or the bench would take minutes. */
const PEERS: readonly { name: string; open: OpenContender; changes: number }[] = [
  { name: 'lmdb', open: openLmdb, changes: 60 },
  { name: 'node:sqlite, one JSON row a service', open: openSqlite, changes: 60 },
  { name: 'lowdb, which does not even sync', open: openLowdb, changes: 4 },
]
const DOCUMENTS = [
  { size: '1 MB', iconBytes: 1_500 },
  { size: '10 MB', iconBytes: 46_000 },
]
const AUDIENCES: readonly { what: string; audience: Audience }[] = [
  { what: 'all 1,000 watchers follow what changes', audience: new Map([[CHANGED, WATCHERS]]) },
  {
    what: '1,000 watchers of 200 services, one changes',
    audience: new Map(
      Array.from({ length: SERVICES }, (_, i) => [`service-${i}`, WATCHERS / SERVICES] as const),
    ),
  },
]

/** Durable changes a second, told to their watchers, beside the stores that a user might take instead. */
export async function benchPeers(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { size, iconBytes } of DOCUMENTS)
    for (const { what, audience } of AUDIENCES)
      for (const [peer, ratio] of await race(iconBytes, audience))
        figures.push({
          figure: `${size}, ${what}: changes a second`,
          value: ratio,
          goal: 1,
          baseline: peer,
          better: 'higher',
        })
  return figures
}

/** Ratios of ours to each peer, measured in turns so that all meet the same weather. */
async function race(iconBytes: number, audience: Audience): Promise<[string, number][]> {
  const parent = process.env['PATCH_DB_BENCH_DIR'] ?? tmpdir()
  const directory = await mkdtemp(join(parent, 'patch-db-bench-'))
  const start = async (name: string, open: OpenContender) => {
    const own = join(directory, name.replaceAll(/\W/g, '-'))
    await mkdir(own)
    return open(own, makeDocument(SERVICES, iconBytes), audience)
  }
  const ours = await start('ours', openPatchDb)
  const contenders: { name: string; changes: number; contender: Contender; ratios: number[] }[] = []
  try {
    for (const { name, open, changes } of PEERS)
      contenders.push({ name, changes, contender: await start(name, open), ratios: [] })
    for (let round = 0; round <= ROUNDS; round++)
      for (const { contender, changes, ratios } of contenders) {
        const ratio = (await secondsOf(contender, changes)) / (await secondsOf(ours, 60))
        // The first round warms up.
        if (round > 0) ratios.push(ratio)
      }
    return contenders.map(({ name, ratios }) => [name, median(ratios)])
  } finally {
    for (const { contender } of contenders) await contender.close()
    await ours.close()
    await rm(directory, { recursive: true })
  }
}

/** Of one change. */
async function secondsOf(contender: Contender, changes: number): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < changes; i++) await contender.change(CHANGED, i % 2 === 0 ? 'failure' : 'success')
  return (performance.now() - start) / 1000 / changes
}
