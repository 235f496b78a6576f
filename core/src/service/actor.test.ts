import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CodedError } from '@startd/base/errors.ts'
import type { StatusInfo } from '@startd/base/model.ts'
import { PatchDb } from '@startd/patch-db'
import { firstDocument } from '../db/index.ts'
import { Actor, retryPause, type ActorTiming } from './actor.ts'
import { begin } from './install/entry.ts'
import { changeStatus, type Db } from './model.ts'
import * as status from './status.ts'
import { statusOf } from './test/world.ts'

const QUICK: ActorTiming = { firstRetry: 20, longestRetry: 100, start: 60_000, unwanted: 20, stop: 60_000 }
const ACCOUNT = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }

describe('the actor of a service', () => {
  let directory: string
  let db: Db
  let actor: Actor
  const calls: string[] = []
  const replaced: CodedError[] = []
  /** What the package does; each test writes its own. */
  let startMain: (signal: AbortSignal) => Promise<void>
  let stopMain: (signal: AbortSignal) => Promise<void>

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'startd-actor-'))
    db = await PatchDb.open(join(directory, 'db'), { initial: firstDocument(ACCOUNT) })
    await db.mutate((model) => {
      const manifest = { id: 'probe' } as never
      begin(model, {
        manifest,
        file: '',
        developerKey: '',
        icon: null,
        progress: { overall: null, phases: [] },
      })
    })
    calls.length = 0
    replaced.length = 0
    startMain = () => Promise.resolve()
    stopMain = () => Promise.resolve()
    actor = new Actor({
      db,
      now: () => new Date(),
      log: () => undefined,
      timing: QUICK,
      target: {
        id: 'probe',
        startMain: (signal) => (calls.push('start'), startMain(signal)),
        stopMain: (signal) => (calls.push('stop'), stopMain(signal)),
        backup: () => (
          calls.push('backup'),
          Promise.reject(new CodedError('Cancelled', 'no backup to resume'))
        ),
        replaceContainer: (reason) => {
          replaced.push(reason)
        },
      },
    })
    actor.run()
  })
  afterEach(async () => {
    await actor.end()
    await db.close()
    await rm(directory, { recursive: true, force: true })
  })

  const wish = (operation: (info: StatusInfo) => void) => changeStatus(db, 'probe', operation)
  const seen = (is: (info: StatusInfo) => boolean) => statusOf(db, 'probe', is)
  const hanging = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error)
      })
    })

  it('starts and stops as is wished', async () => {
    await wish(status.start)
    await seen(({ started }) => started !== null)
    await wish(status.stop)
    await seen(({ started }) => started === null)
    expect(calls).toEqual(['start', 'stop'])
  })

  it('stops a service only after the start that is under way', async () => {
    const gate = Promise.withResolvers<void>()
    startMain = () => gate.promise
    await wish(status.start)
    await expect.poll(() => calls).toEqual(['start'])
    await wish(status.stop)
    gate.resolve()
    await expect.poll(() => calls).toEqual(['start', 'stop'])
    await seen(({ started, desired }) => started === null && desired.main === 'stopped')
  })

  it('restarts once more when that was asked while it was starting', async () => {
    const gate = Promise.withResolvers<void>()
    startMain = () => gate.promise
    await wish(status.start)
    await expect.poll(() => calls).toEqual(['start'])
    await wish(status.restart)
    await wish(status.restart)
    gate.resolve()
    await expect.poll(() => calls).toEqual(['start', 'stop', 'start'])
    await seen(({ started, desired }) => started !== null && desired.main === 'running')
  })

  it('tries a failing start again, ever more slowly, shows why, and forgets it on success', async () => {
    startMain = () => Promise.reject(new CodedError('Unknown', 'main is broken'))
    await wish(status.start)
    const { error } = await seen((info) => info.error !== null)
    expect(error?.details).toContain('main is broken')
    await expect.poll(() => calls.length).toBeGreaterThan(2)
    startMain = () => Promise.resolve()
    expect((await seen(({ started }) => started !== null)).error).toBeNull()
    expect([1, 2, 3, 4, 9].map((failures) => retryPause(failures, QUICK))).toEqual([20, 40, 80, 100, 100])
    expect([1, 2, 7, 50].map((failures) => retryPause(failures))).toEqual([5_000, 10_000, 300_000, 300_000])
  })

  it('forgets the failure when the service is stopped', async () => {
    startMain = () => Promise.reject(new Error('no'))
    await wish(status.start)
    await seen(({ error }) => error !== null)
    await wish(status.stop)
    await seen(({ error }) => error === null)
  })

  it('asks for a fresh container when a service that is to stop hangs in its start', async () => {
    startMain = hanging
    await wish(status.start)
    await expect.poll(() => calls).toEqual(['start'])
    await wish(status.stop)
    await expect
      .poll(() => {
        // Signs of life do not save a service that nobody wants.
        actor.touch()
        return replaced
      })
      .toMatchObject([{ kind: 'Timeout' }])
  })

  it('goes back to running after a backup that nobody makes', async () => {
    await wish(status.start)
    await seen(({ started }) => started !== null)
    await wish(status.backingUp)
    await expect.poll(() => calls).toEqual(['start', 'stop', 'backup', 'start'])
    await seen(({ started, desired }) => started !== null && desired.main === 'running')
  })

  it('does nothing more once it has ended', async () => {
    startMain = hanging
    await wish(status.start)
    await expect.poll(() => calls).toEqual(['start'])
    await actor.end()
    await wish(status.restart)
    expect(calls).toEqual(['start'])
    expect(db.peek().public.packageData['probe']?.statusInfo).toMatchObject({ started: null, error: null })
  })
})
