import { describe, expect, it, onTestFinished } from 'vitest'
import { CommitQueue } from '../src/commit-queue.ts'
import type { Revision } from '../src/index.ts'
import { PatchDb } from '../src/index.ts'
import { openLog } from '../src/log/open.ts'
import { temporaryFile } from './temporary.ts'

describe('after a sync that failed', () => {
  it('the next commit rewrites the whole file from memory, since nobody knows what is on disk', async () => {
    const path = temporaryFile()
    const { log, head } = await openLog(path, { n: 0 })
    const published: number[] = []
    const queue = new CommitQueue(log, head, ({ id }) => published.push(id))
    const revision = (id: number): Revision => ({ id, patch: [{ op: 'replace', path: '/n', value: id }] })
    await queue.commit(revision(1), { n: 1 }, true)
    expect(log.size.tail).toBeGreaterThan(0)
    const tail = log.size.tail
    log.suspect = true
    await queue.commit(revision(2), { n: 2 }, true)
    expect(log.suspect).toBe(false)
    expect(log.size.tail).toBe(tail)
    await queue.idle()
    await log.close()
    expect(published).toEqual([1, 2])
    const db = await PatchDb.open(path)
    onTestFinished(() => db.close())
    expect(db.sequence).toBe(2)
    expect(db.peek()).toEqual({ n: 2 })
  })
})
