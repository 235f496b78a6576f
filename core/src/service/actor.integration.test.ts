import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PatchDb } from '@startd/patch-db'
import { firstDocument } from '../db/index.ts'
import { Actor } from './actor.ts'
import { begin } from './install/entry.ts'
import { changeStatus, type Db } from './model.ts'
import * as status from './status.ts'
import { statusOf } from './test/world.ts'

const ACCOUNT = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }
const QUICK = { firstRetry: 20, longestRetry: 20, start: 60_000, unwanted: 60_000, stop: 60_000 }

describe('the actor of a service', () => {
  it('goes on when there is room again after a disk was full', async () => {
    await using undo = new AsyncDisposableStack()
    const disk = await mkdtemp(join(tmpdir(), 'startd-actor-'))
    undo.defer(() => rm(disk, { recursive: true }))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'startd-actor', disk])
    undo.defer(() => void execFileSync('umount', [disk]))
    const db: Db = undo.use(await PatchDb.open(join(disk, 'db'), { initial: firstDocument(ACCOUNT) }))
    const progress = { overall: null, phases: [] }
    await db.mutate((model) => {
      begin(model, { manifest: { id: 'probe' } as never, file: '', developerKey: '', icon: null, progress })
    })
    let failed = 0
    let broken = true
    const actor = new Actor({
      db,
      now: () => new Date(),
      log: () => undefined,
      timing: QUICK,
      target: {
        id: 'probe',
        startMain: () => {
          if (!broken) return Promise.resolve()
          failed++
          return Promise.reject(new Error('x'.repeat(400_000)))
        },
        stopMain: () => Promise.resolve(),
        backup: () => Promise.resolve(),
        replaceContainer: () => undefined,
      },
    })
    undo.defer(() => actor.end())
    const { bavail, bsize } = statfsSync(disk)
    await changeStatus(db, 'probe', status.start)
    writeFileSync(join(disk, 'filler'), Buffer.alloc((bavail - 3) * bsize))
    actor.run()
    await expect.poll(() => failed).toBeGreaterThan(1)
    rmSync(join(disk, 'filler'))
    broken = false
    expect(await statusOf(db, 'probe', ({ started }) => started !== null)).toMatchObject({ error: null })
  })
})
