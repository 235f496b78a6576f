import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pruneCache } from './prune.ts'

const HOUR = 3_600_000

it('the cache keeps to its size, and what was used last or is in use', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'prune-test-'))
  try {
    const now = Date.now()
    const used = async (name: string, hoursAgo: number) =>
      utimes(join(cache, name), new Date(now), new Date(now - hoursAgo * HOUR))
    for (const [name, hoursAgo] of [
      ['image-a.squashfs', 50],
      ['image-b.squashfs', 3],
      ['image-c.squashfs', 2],
      ['image-d.squashfs', 0],
      ['hashes.json', 500],
    ] as const) {
      await writeFile(join(cache, name), Buffer.alloc(100))
      await used(name, hoursAgo)
    }
    for (const [name, hoursAgo] of [
      ['pack-old', 30],
      ['pack-now', 1],
      ['somebody', 30],
    ] as const) {
      await mkdir(join(cache, name))
      await used(name, hoursAgo)
    }
    await pruneCache(cache, 200, now)
    expect((await readdir(cache)).sort()).toEqual([
      'hashes.json',
      'image-c.squashfs',
      'image-d.squashfs',
      'pack-now',
      'somebody',
    ])
    // One that another packer may be reading stays, however little room there is.
    await pruneCache(cache, 0, now)
    expect((await readdir(cache)).filter((name) => name.startsWith('image'))).toEqual(['image-d.squashfs'])
  } finally {
    await rm(cache, { recursive: true })
  }
})
