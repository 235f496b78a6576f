import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PatchDb } from '@startd/patch-db'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { NOTIFICATION_CODES } from '@startd/base/model.ts'
import { bytesSource, openS9pk } from '@startd/base/s9pk/index.ts'
import { firstDocument } from '../db/index.ts'
import { threeArches } from '../s9pk/download/test/three-arches.ts'
import { begin, complete } from './install/entry.ts'
import type { Db } from './model.ts'
import { ArchiveScrub } from './scrub.ts'
import { until } from './test/world.ts'

const ACCOUNT = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }
const DAY = 24 * 60 * 60_000

let world: AsyncDisposableStack
let db: Db
let file: string
let bytes: Buffer
let now: number
let closing: AbortController
let running: Promise<void>

/** A server with one installed package, whose file is looked at all the time. */
beforeEach(async () => {
  world = new AsyncDisposableStack()
  const directory = world.adopt(await mkdtemp(join(tmpdir(), 'scrub-')), (path) =>
    rm(path, { recursive: true }),
  )
  db = world.use(await PatchDb.open(join(directory, 'db'), { initial: firstDocument(ACCOUNT) }))
  bytes = (await threeArches({ code: 100, assets: 100, image: 100 })).bytes
  file = join(directory, 'probe.s9pk')
  await writeFile(file, bytes)
  const { manifest } = await openS9pk(bytesSource(bytes))
  const details = { manifest, file, developerKey: '', icon: '' }
  await db.mutate((model) => {
    begin(model, { ...details, progress: { overall: null, phases: [] } })
    complete(model, 'probe', details)
  })
  now = Date.parse('2030-01-01T00:00:00Z')
  closing = new AbortController()
  const looks = { first: 1, every: 1 }
  const scrub = new ArchiveScrub({
    db,
    now: () => new Date(now),
    log: (line) => expect.fail(line),
    closing: closing.signal,
    looks,
  })
  running = scrub.run()
})
afterEach(async () => {
  closing.abort()
  await running
  await world.disposeAsync()
})

const checkedOn = (day: string) =>
  until(
    db,
    (model) => model.private.packageChecks?.['probe']?.checkedAt.startsWith(day) === true,
    `checked on ${day}`,
  )
const notices = () =>
  Object.values(db.peek().private.notifications).filter(
    ({ code }) => code === NOTIFICATION_CODES.damagedPackage,
  )

it('reads stored packages through once a week, and tells of damage once', async () => {
  await checkedOn('2030-01-01')
  expect(db.peek().private.packageChecks?.['probe']).toMatchObject({ s9pk: file, damage: null })

  bytes[bytes.length - 1]! ^= 1
  await writeFile(file, bytes)
  now += 8 * DAY
  await checkedOn('2030-01-09')
  expect(notices()).toMatchObject([{ packageId: 'probe', data: { canRefetch: false } }])

  now += 8 * DAY
  await checkedOn('2030-01-17')
  expect(notices()).toHaveLength(1)
})

it('looks at a file that has taken the place of another one without waiting for a week', async () => {
  await checkedOn('2030-01-01')
  const other = `${file}x`
  await writeFile(other, bytes.subarray(0, -1))
  now += DAY
  await db.mutate((model) => {
    model.public.packageData['probe']!.s9pk = other
  })
  await checkedOn('2030-01-02')
  expect(notices()).toHaveLength(1)
})
