import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PatchDb } from '../src/index.ts'
import { temporaryDirectory } from './temporary.ts'

/** A file system of its own that holds 256 KiB. */
function smallDisk(): string {
  const directory = temporaryDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'patch-db-test', directory])
  onTestFinished(() => void execFileSync('umount', [directory]))
  return directory
}

describe('a full disk', () => {
  it('fails the writes that do not fit, keeps the rest, and works on when there is room', async () => {
    const disk = smallDisk()
    const path = join(disk, 'x.db')
    const filler = join(disk, 'filler')
    let db = await PatchDb.open<{ n: number; text: string }>(path, { initial: { n: 0, text: '' } })
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(filler, Buffer.alloc((bavail - 2) * bsize))
    const { subscription } = db.dumpAndSubscribe('')
    let written = 0
    const text = 'x'.repeat(3000)
    const failure: unknown = await (async () => {
      for (;;) {
        await db.mutate((draft) => {
          draft.n++
          draft.text = text + draft.n
        })
        written++
      }
    })().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'Io', cause: { code: 'ENOSPC' } })
    expect(db.sequence).toBe(written)
    expect(db.peek().n).toBe(written)
    const both = await Promise.allSettled([db.put('/text', text + 'a'), db.mutate((draft) => ++draft.n)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(db.peek().n).toBe(written)
    rmSync(filler)
    const { revision } = await db.mutate((draft) => void (draft.text = 'room'))
    expect(revision?.id).toBe(written + 1)
    expect(subscription.pending).toBe(written + 1)
    await db.close()
    db = await PatchDb.open(path, { onRecover: () => expect.unreachable() })
    expect(db.peek()).toEqual({ n: written, text: 'room' })
    await db.close()
  })

  it('leaves the old file in place when there is no room to compact', async () => {
    const disk = smallDisk()
    const path = join(disk, 'x.db')
    const db = await PatchDb.open<{ text: string }>(path, { initial: { text: 'x'.repeat(150_000) } })
    await expect(db.compact()).rejects.toMatchObject({ code: 'Io' })
    expect((await db.put('/more', 1))?.id).toBe(1)
    await db.close()
    await using again = await PatchDb.open(path)
    expect(again.sequence).toBe(1)
  })

  it('reports a rewrite that it began by itself, and takes writes all the same', async () => {
    const path = join(smallDisk(), 'x.db')
    const reported: unknown[] = []
    const onCompactionError = (error: unknown) => reported.push(error)
    const db = await PatchDb.open<{ text: string }>(path, { initial: { text: '' }, onCompactionError })
    const failure: unknown = await (async () => {
      for (let i = 0; ; i++) await db.put(`/${i}`, 'x'.repeat(8000))
    })().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'Io' })
    await db.close()
    expect(reported.length).toBeLessThan(3)
  })
})
