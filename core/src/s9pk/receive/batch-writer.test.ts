import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BATCH, BatchWriter, newBatch } from './batch-writer.ts'

describe('the writing thread', () => {
  it('can be ended at any moment, also while it is only starting', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'batch-writer-'))
    const file = join(directory, 'file')
    try {
      for (let turns = 0; turns < 4000; turns = turns * 2 + 1) {
        await using handle = await open(file, 'w')
        const writer = new BatchWriter(handle.fd, () => undefined)
        const hash = writer.hash({ position: 0, size: 8 * BATCH })
        hash.catch(() => undefined)
        await writer.exchange({ bytes: newBatch(), length: BATCH, position: 0 })
        for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
        await writer.close()
        await writer.close()
        expect((await handle.stat()).size).toBe(BATCH)
      }
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
