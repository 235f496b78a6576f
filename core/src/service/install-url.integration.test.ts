import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MirrorServer } from '../s9pk/download/test/mirror-server.ts'
import { pack } from './test/packages.ts'
import { openWorld, remains, startDaemon, statusOf, until, type Daemon, type World } from './test/world.ts'

describe('installing from the web', () => {
  let world: World
  let daemon: Daemon
  let file: Buffer
  const entry = () => daemon.db.peek().public.packageData['probe']
  const partial = () => readdir(join(world.place.dataDir, 'package-data/archive/partial'))
  const download = (mirror: MirrorServer, onBegin: (id: string) => void = () => undefined) =>
    daemon.services.download([mirror.url], {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onBegin,
    })
  /** Falls silent in the middle of the image. */
  const halfway = () =>
    MirrorServer.serve(file, { stallAfter: (_, length) => (length > 300_000 ? 200_000 : null) })
  const halted = () =>
    until(
      daemon.db,
      ({ public: { packageData } }) => {
        const state = packageData['probe']?.stateInfo
        const phase = state && 'installingInfo' in state ? state.installingInfo.progress.phases[0] : null
        const done = phase && typeof phase.progress === 'object' && phase.progress && 'done' in phase.progress
        return done ? (phase.progress as { done: number }).done > 200_000 : false
      },
      'half of it is there',
    )
  const uninstalled = async () => {
    await daemon.services.uninstall('probe', { soft: false, force: false })
    await until(daemon.db, ({ public: { packageData } }) => !packageData['probe'], 'removed')
    await expect.poll(() => remains(world.place, 'probe')).toEqual([])
  }

  beforeAll(async () => {
    world = await openWorld()
    daemon = await startDaemon(world.place)
    file = await readFile(await pack(world.scratch, { id: 'probe' }))
  }, 180_000)
  afterAll(async () => {
    await daemon.stop()
    await world.dispose()
  }, 60_000)

  it('installs, says early which package it is, and leaves nothing beside it', async () => {
    await using mirror = await MirrorServer.serve(file)
    let begun = ''
    expect(await download(mirror, (id) => (begun = id))).toEqual({ id: 'probe' })
    expect([begun, entry()?.stateInfo.state, await partial()]).toEqual(['probe', 'installed', []])
    await daemon.services.start('probe', false)
    await statusOf(daemon.db, 'probe', ({ started, health }) => started !== null && !!health['web'])
    await uninstalled()
  })

  it('tells why nothing could be downloaded, and leaves nothing', async () => {
    await using mirror = await MirrorServer.serve(file, { status: () => 404 })
    await expect(download(mirror)).rejects.toThrow(/no file at this address/)
    expect(entry()).toBeUndefined()
  })

  it('is cancelled by the owner, and leaves nothing', async () => {
    await using mirror = await halfway()
    const ended = expect(download(mirror)).rejects.toThrow(/was cancelled/)
    await halted()
    await daemon.services.cancelInstall('probe')
    await ended
    expect([entry(), await partial()]).toEqual([undefined, []])
    expect(await remains(world.place, 'probe')).toEqual([])
  })

  it('goes on after a restart of the daemon with what had arrived', async () => {
    await using mirror = await halfway()
    const ended = expect(download(mirror)).rejects.toThrow()
    await halted()
    await daemon.stop()
    await ended
    mirror.behaviour = {}
    const before = mirror.sent
    daemon = await startDaemon(world.place)
    await until(
      daemon.db,
      ({ public: { packageData } }) => packageData['probe']?.stateInfo.state === 'installed',
      'installed',
    )
    expect(mirror.sent - before).toBeLessThan(file.length - 150_000)
    await daemon.services.start('probe', false)
    await statusOf(daemon.db, 'probe', ({ started, health }) => started !== null && !!health['web'])
  })

  it('lets the old version serve while the rest of an update is fetched after a restart', async () => {
    const next = await readFile(
      await pack(world.scratch, { id: 'probe', version: '1.0.1:0', manifest: { canMigrateFrom: '*' } }),
    )
    await using mirror = await MirrorServer.serve(next, {
      stallAfter: (_, length) => (length > 300_000 ? 200_000 : null),
    })
    const ended = expect(download(mirror)).rejects.toThrow()
    await halted()
    await daemon.stop()
    await ended
    daemon = await startDaemon(world.place)
    await statusOf(daemon.db, 'probe', ({ started, health }) => started !== null && !!health['web'])
    expect(entry()?.stateInfo.state).toBe('updating')
    await daemon.services.cancelInstall('probe')
    await until(
      daemon.db,
      ({ public: { packageData } }) => packageData['probe']?.stateInfo.state === 'installed',
      'the old version again',
    )
    expect(entry()?.stateInfo).toMatchObject({ manifest: { version: '1.0.0:0' } })
    expect(await partial()).toEqual([])
    await uninstalled()
  })
})
