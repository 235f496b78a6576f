import { open, readFile, rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CodedError } from '@startd/base/errors.ts'
import { NOTIFICATION_CODES } from '@startd/base/model.ts'
import type { SignerChange } from './install/signer.ts'
import { MirrorServer } from '../s9pk/download/test/mirror-server.ts'
import { install, pack } from './test/packages.ts'
import { openWorld, startDaemon, until, type Daemon, type World } from './test/world.ts'

describe('trust in packages', () => {
  let world: World
  let daemon: Daemon
  const model = () => daemon.db.peek()
  const entry = () => model().public.packageData['probe']
  const version = () => {
    const state = entry()?.stateInfo
    return state?.state === 'installed' ? state.manifest.version : null
  }
  const uninstalled = async (soft: boolean) => {
    await daemon.services.uninstall('probe', { soft, force: false })
    await until(daemon.db, ({ public: { packageData } }) => !packageData['probe'], 'removed')
  }
  const refusal = async (file: string, acceptSigner: string | null = null) => {
    const error = await install(daemon.services, file, acceptSigner).then(
      () => null,
      (reason: CodedError) => reason,
    )
    expect(error).toMatchObject({ kind: 'InvalidSignature' })
    return (error?.info as { signerChange: SignerChange }).signerChange
  }

  beforeAll(async () => {
    world = await openWorld()
    daemon = await startDaemon(world.place)
  }, 180_000)
  afterAll(async () => {
    await daemon.stop()
    await world.dispose()
  }, 60_000)

  describe('who signed a package', () => {
    it('may not change with an update, unless the owner confirms just that key', async () => {
      await install(daemon.services, await pack(world.scratch, { id: 'probe', signer: 1 }))
      const update = await pack(world.scratch, { id: 'probe', version: '2.0.0:0', signer: 2 })
      const { offered, known } = await refusal(update)
      expect(known).toMatch(/^SHA256:.{43}$/)
      expect(version()).toBe('1.0.0:0')
      expect(await refusal(update, known)).toMatchObject({ offered })

      await install(daemon.services, update, offered)
      expect(version()).toBe('2.0.0:0')
      const back = await pack(world.scratch, { id: 'probe', version: '3.0.0:0', signer: 1 })
      expect(await refusal(back)).toMatchObject({ known: offered, offered: known })
    }, 90_000)

    it('is remembered as long as its data is kept', async () => {
      const stranger = await pack(world.scratch, { id: 'probe', version: '2.0.0:0', signer: 3 })
      await uninstalled(true)
      await refusal(stranger)
      expect(entry()).toBeUndefined()
      await install(
        daemon.services,
        await pack(world.scratch, { id: 'probe', version: '2.0.0:0', signer: 2 }),
      )
      await uninstalled(false)
      await install(daemon.services, stranger)
      expect(version()).toBe('2.0.0:0')
      await uninstalled(false)
    }, 120_000)
  })

  describe('a stored package file', () => {
    const onProgress = () => undefined
    const notices = () =>
      Object.values(model().private.notifications).filter(
        ({ code }) => code === NOTIFICATION_CODES.damagedPackage,
      )

    it('that has changed on the disk is found, told of once, and repaired by the same package', async () => {
      const file = await pack(world.scratch, { id: 'probe' })
      await install(daemon.services, file)
      expect(await daemon.services.checkArchive('probe')).toMatchObject({ damage: null })
      await flipByte(entry()!.s9pk)
      expect((await daemon.services.checkArchive('probe')).damage).toContain('does not match its hash')
      await daemon.services.checkArchive('probe')
      expect(notices()).toMatchObject([
        { packageId: 'probe', data: { id: 'probe', version: '1.0.0:0', canRefetch: false } },
      ])

      await install(daemon.services, file)
      expect(await daemon.services.checkArchive('probe')).toMatchObject({ damage: null })
      expect(await readFile(entry()!.s9pk)).toEqual(await readFile(file))
    }, 90_000)

    it('that came from the web is repaired from there', async () => {
      const bytes = await readFile(await pack(world.scratch, { id: 'probe', version: '2.0.0:0' }))
      await using mirror = await MirrorServer.serve(bytes)
      const signal = new AbortController().signal
      await expect(daemon.services.refetch('probe', { signal, onProgress })).rejects.toThrow(
        'a file of yours',
      )
      await daemon.services.download([mirror.url], { signal, onProgress })
      await flipByte(entry()!.s9pk)
      expect(await daemon.services.checkArchive('probe')).not.toMatchObject({ damage: null })
      expect(notices().at(-1)).toMatchObject({ data: { canRefetch: true } })
      await daemon.services.refetch('probe', { signal, onProgress })
      expect(await daemon.services.checkArchive('probe')).toMatchObject({ damage: null })
    }, 90_000)

    it('that is gone is told of', async () => {
      await rm(entry()!.s9pk)
      expect(await daemon.services.checkArchive('probe')).toMatchObject({ damage: 'the file is gone' })
      expect(notices()).toHaveLength(3)
    })
  })

  it('says plainly that there is nothing to check', async () => {
    await expect(daemon.services.checkArchive('nothing')).rejects.toMatchObject({ kind: 'NotFound' })
  })
})

/** In the last file of the archive. */
async function flipByte(path: string): Promise<void> {
  await using handle = await open(path, 'r+')
  const { size } = await handle.stat()
  const byte = Buffer.alloc(1)
  await handle.read(byte, 0, 1, size - 3000)
  await handle.write(Buffer.of(byte[0]! ^ 1), 0, 1, size - 3000)
}
