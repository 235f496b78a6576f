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
const ROUNDS = 6

/** lowdb writes megabytes at each change: it gets fewer, or the bench would take minutes. */
const PEERS: readonly { name: string; open: OpenContender; share: number }[] = [
  { name: 'lmdb', open: openLmdb, share: 1 },
  { name: 'node:sqlite, one JSON row a service', open: openSqlite, share: 1 },
  { name: 'lowdb, which does not even sync', open: openLowdb, share: 0.1 },
]
const DOCUMENTS = [
  { size: '1 MB', iconBytes: 1_500 },
  { size: '10 MB', iconBytes: 46_000 },
]

type Race = {
  readonly what: string
  readonly audience: Audience
  /** Changes under way at once, each of another service if there are several. */
  readonly writers: number
  readonly changes: number
}

const spread: Audience = new Map(
  Array.from({ length: SERVICES }, (_, i) => [`service-${i}`, WATCHERS / SERVICES] as const),
)
const RACES: readonly Race[] = [
  {
    what: '1,000 watchers of what changes, one writer',
    audience: new Map([[CHANGED, WATCHERS]]),
    writers: 1,
    changes: 50,
  },
  { what: '1,000 watchers of 200 services, one writer', audience: spread, writers: 1, changes: 50 },
  { what: '1,000 watchers of 200 services, 64 writers', audience: spread, writers: 64, changes: 640 },
]

/** Durable changes a second, told to their watchers, beside the stores that a user might take instead. */
export async function benchPeers(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { size, iconBytes } of DOCUMENTS)
    for (const race of RACES)
      for (const [peer, ratio] of await run(race, iconBytes))
        figures.push({
          figure: `${size}, ${race.what}: changes a second`,
          value: ratio,
          goal: 1,
          baseline: peer,
          better: 'higher',
        })
  return figures
}

/** Ratios of ours to each peer, measured in turns so that all meet the same weather. */
async function run(race: Race, iconBytes: number): Promise<[string, number][]> {
  const parent = process.env['PATCH_DB_BENCH_DIR'] ?? tmpdir()
  const directory = await mkdtemp(join(parent, 'patch-db-bench-'))
  const start = async (name: string, open: OpenContender) => {
    const own = join(directory, name.replaceAll(/\W/g, '-'))
    await mkdir(own)
    return open(own, makeDocument(SERVICES, iconBytes), race.audience)
  }
  const ours = await start('ours', openPatchDb)
  const contenders: { name: string; share: number; contender: Contender; ratios: number[] }[] = []
  try {
    for (const { name, open, share } of PEERS)
      contenders.push({ name, share, contender: await start(name, open), ratios: [] })
    for (let round = 0; round < ROUNDS; round++)
      for (const { contender, share, ratios } of contenders) {
        const peer = await secondsOf(contender, race, share)
        // The first round warms up.
        if (round > 0) ratios.push(peer / (await secondsOf(ours, race, 1)))
      }
    return contenders.map(({ name, ratios }) => [name, median(ratios)])
  } finally {
    for (const { contender } of contenders) await contender.close()
    await ours.close()
    await rm(directory, { recursive: true })
  }
}

let turn = 0

/** Of one change, on average. */
async function secondsOf(contender: Contender, race: Race, share: number): Promise<number> {
  const { writers, audience } = race
  const each = Math.max(1, Math.round((race.changes * share) / writers))
  const before = contender.called()
  const start = performance.now()
  const write = async (service: string) => {
    for (let i = 0; i < each; i++)
      await contender.change(service, `${++turn % 2 === 0 ? 'ready' : 'waiting for its database'}, ${turn}`)
  }
  const services = writers === 1 ? [CHANGED] : Array.from({ length: writers }, (_, i) => `service-${i}`)
  await Promise.all(services.map(write))
  const seconds = (performance.now() - start) / 1000 / (each * writers)
  const calls = services.reduce((sum, service) => sum + each * (audience.get(service) ?? 0), 0)
  if (contender.called() - before !== calls) throw new Error('a watcher was not called')
  return seconds
}
