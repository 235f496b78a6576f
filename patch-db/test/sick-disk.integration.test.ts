import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PatchDb } from '../src/index.ts'
import { sickDisk, type MountedDisk } from './sick-disk.ts'
import type { Call } from './sick-disk-contents.ts'

type Model = { n: number; text: string }
const EIO = 5
const initial: Model = { n: 0, text: '' }
const increment = (draft: Model) => void draft.n++

/** What somebody would find who opened the database after a power cut now. */
async function survives(disk: MountedDisk): Promise<{ sequence: number; value: Model }> {
  await using db = await PatchDb.open<Model>(join(await disk.afterPowerCut(), 'x.db'))
  return { sequence: db.sequence, value: db.peek() }
}

describe('a disk that fails', () => {
  it.each<[string, readonly Call[], boolean]>([
    ['to write', ['write'], false],
    ['in the middle of a write', ['write'], true],
    ['in the middle of a write, and cannot take it back', ['write', 'truncate'], true],
    ['to sync', ['sync'], false],
    ['to sync, and cannot take the write back', ['sync', 'truncate'], false],
    ['in every way', ['write', 'sync', 'truncate', 'rename', 'syncDirectory'], false],
  ])(
    'refuses mutations when it fails %s, keeps all before, and takes new ones when it is well',
    async (_, calls, half) => {
      const disk = await sickDisk()
      const path = join(disk.directory, 'x.db')
      const db = await PatchDb.open<Model>(path, { initial })
      const { subscription } = db.dumpAndSubscribe('')
      for (let i = 0; i < 3; i++) await db.mutate(increment)
      await disk.ail({ calls, error: EIO, half })
      for (let i = 0; i < 2; i++) {
        const both = await Promise.allSettled([db.mutate(increment), db.put('/text', 'never')])
        for (const outcome of both)
          expect(outcome).toMatchObject({
            status: 'rejected',
            reason: { code: 'Io', cause: { code: 'EIO' } },
          })
        expect({ sequence: db.sequence, value: db.peek() }).toEqual({
          sequence: 3,
          value: { n: 3, text: '' },
        })
        expect(await survives(disk)).toEqual({ sequence: 3, value: { n: 3, text: '' } })
      }
      await disk.ail(null)
      expect((await db.mutate(increment)).revision?.id).toBe(4)
      expect(await survives(disk)).toEqual({ sequence: 4, value: { n: 4, text: '' } })
      expect((await db.put('/text', 'well'))?.id).toBe(5)
      expect(await survives(disk)).toEqual({ sequence: 5, value: { n: 4, text: 'well' } })
      expect(subscription.pending).toBe(5)
      await db.close()
      expect(readdirSync(disk.directory).sort()).toEqual(['x.db', 'x.db.lock'])
      await using again = await PatchDb.open<Model>(path, { onRecover: () => expect.unreachable() })
      expect(again.peek()).toEqual({ n: 4, text: 'well' })
    },
  )

  it('brings relaxed commits to disk after a failed sync, though the kernel has forgotten them', async () => {
    const disk = await sickDisk()
    const db = await PatchDb.open<Model>(join(disk.directory, 'x.db'), { initial })
    await db.mutate(increment)
    // Long enough to fill pages that no later write touches.
    const text = 'x'.repeat(20_000)
    await db.put('/text', text, { durable: false })
    await disk.ail({ calls: ['sync'], error: EIO })
    await expect(db.mutate(increment)).rejects.toMatchObject({ code: 'Io' })
    await disk.ail(null)
    await db.mutate(increment)
    expect(await survives(disk)).toEqual({ sequence: 3, value: { n: 2, text } })
    await db.close()
    expect(await survives(disk)).toEqual({ sequence: 3, value: { n: 2, text } })
  })

  it('is made good by close, if it is well again by then', async () => {
    const disk = await sickDisk()
    const db = await PatchDb.open<Model>(join(disk.directory, 'x.db'), { initial })
    const text = 'x'.repeat(20_000)
    await db.put('/text', text, { durable: false })
    await disk.ail({ calls: ['sync'], error: EIO })
    await expect(db.mutate(increment)).rejects.toMatchObject({ code: 'Io' })
    await disk.ail(null)
    await db.close()
    expect(await survives(disk)).toEqual({ sequence: 1, value: { n: 0, text } })
  })

  it('is reported by close, which gives the file free all the same', async () => {
    const disk = await sickDisk()
    const path = join(disk.directory, 'x.db')
    const db = await PatchDb.open<Model>(path, { initial })
    await db.mutate(increment)
    await db.mutate(increment, { durable: false })
    await disk.ail({ calls: ['write', 'sync'], error: EIO })
    await expect(db.close()).rejects.toMatchObject({ code: 'Io' })
    await disk.ail(null)
    await using again = await PatchDb.open<Model>(path)
    expect(again.sequence).toBe(2)
  })

  it('does not fool the next program: what it reads is on disk before it goes on', async () => {
    const disk = await sickDisk()
    const path = join(disk.directory, 'x.db')
    const first = await PatchDb.open<Model>(path, { initial })
    await first.mutate(increment, { durable: false })
    await disk.ail({ calls: ['sync'], error: EIO })
    await expect(first.close()).rejects.toMatchObject({ code: 'Io' })
    await disk.ail(null)
    await using second = await PatchDb.open<Model>(path)
    expect(second.peek().n).toBe(1)
    expect(await survives(disk)).toEqual({ sequence: 1, value: { n: 1, text: '' } })
  })

  it.each<Call>(['write', 'sync', 'rename', 'syncDirectory'])(
    'leaves the old file or the new one when a rewrite fails at %s',
    async (call) => {
      const disk = await sickDisk()
      const db = await PatchDb.open<Model>(join(disk.directory, 'x.db'), { initial })
      await db.mutate(increment)
      await disk.ail({ calls: [call], error: EIO })
      await expect(db.compact()).rejects.toMatchObject({ code: 'Io' })
      expect(await survives(disk)).toEqual({ sequence: 1, value: { n: 1, text: '' } })
      await disk.ail(null)
      await db.mutate(increment)
      expect(await survives(disk)).toEqual({ sequence: 2, value: { n: 2, text: '' } })
      await db.close()
    },
  )

  it('cannot be used for a new database, and leaves nothing half-made there', async () => {
    const disk = await sickDisk()
    const path = join(disk.directory, 'x.db')
    await disk.ail({ calls: ['sync'], error: EIO })
    await expect(PatchDb.open(path, { initial })).rejects.toMatchObject({ code: 'Io' })
    expect(readdirSync(disk.directory)).toEqual(['x.db.lock'])
    await disk.ail(null)
    await using db = await PatchDb.open<Model>(path, { initial })
    expect((await db.mutate(increment)).revision?.id).toBe(1)
  })
})
