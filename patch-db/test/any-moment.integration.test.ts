import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PatchDb, type Migration } from '../src/index.ts'
import { layout1 } from './layout-1-writer.ts'
import { sickDisk } from './sick-disk.ts'

type Old = { name: string; n: number }
type New = { names: string[]; n: number }
const initial: Old = { name: 'box', n: 0 }
const migrations: Migration[] = [
  {
    name: 'several-names',
    migrate: (draft: Old & Partial<New>) => {
      draft.names = [draft.name]
      Reflect.deleteProperty(draft, 'name')
    },
  },
]

/** Opens what a moment left behind; undefined where the file had not been made yet. */
async function state(directory: string): Promise<{ sequence: number; value: unknown } | undefined> {
  const path = join(directory, 'x.db')
  if (!existsSync(path)) return undefined
  await using db = await PatchDb.open<unknown>(path)
  return { sequence: db.sequence, value: db.peek() }
}

describe('a kill or a power cut at any moment', () => {
  it('of a migration leaves the old document or the new one, and the migration can be repeated', async () => {
    const disk = await sickDisk()
    const path = join(disk.directory, 'x.db')
    const before = await PatchDb.open<Old>(path, { initial })
    await before.put('/n', 1)
    await before.close()
    await disk.record()
    const after = await PatchDb.open<New>(path, { migrations })
    await after.close()
    const moments = await disk.history()
    expect(moments.length).toBeGreaterThan(10)
    const old = { sequence: 1, value: { name: 'box', n: 1 } }
    const migrated = { sequence: 2, value: { names: ['box'], n: 1 } }
    let olds = 0
    for (const moment of moments) {
      const found = await state(moment)
      expect([old, migrated]).toContainEqual(found)
      if (found?.sequence === 1) olds++
      await using db = await PatchDb.open<New>(join(moment, 'x.db'), { migrations })
      expect({ sequence: db.sequence, value: db.peek() }).toEqual(migrated)
    }
    expect(olds).toBeGreaterThan(2)
    expect(olds).toBeLessThan(moments.length)
  })

  it('of an upgrade from the first layout leaves the old file, or the new one and a copy of the old', async () => {
    const disk = await sickDisk()
    const path = join(disk.directory, 'x.db')
    const { bytes } = layout1({
      snapshot: { id: 0, value: initial },
      records: [[{ id: 1, patch: [{ op: 'replace', path: '/n', value: 1 }] }]],
    })
    writeFileSync(path, bytes, { flush: true })
    await (await PatchDb.open(join(disk.directory, 'other.db'))).close() // syncs the directory
    await disk.record()
    await (await PatchDb.open(path)).close()
    let olds = 0
    const moments = await disk.history()
    for (const moment of moments) {
      const isOld = readFileSync(join(moment, 'x.db')).equals(bytes)
      if (isOld) olds++
      const copies = readdirSync(moment).filter((name) => /\.before-.*-layout-2$/.test(name))
      const whole = copies.filter((name) => readFileSync(join(moment, name)).equals(bytes))
      if (!isOld) expect(whole).toHaveLength(1)
      expect(await state(moment)).toEqual({ sequence: 1, value: { name: 'box', n: 1 } })
    }
    expect(olds).toBeGreaterThan(2)
    expect(olds).toBeLessThan(moments.length)
  })

  it('of a life keeps what was acknowledged, and nothing else but the write under way', async () => {
    const disk = await sickDisk()
    const path = join(disk.directory, 'x.db')
    await disk.record()
    const seen: number[] = []
    const db = await PatchDb.open<Old>(path, { initial })
    seen.push(await disk.mark())
    for (let n = 1; n <= 4; n++) {
      await db.put('/n', n)
      if (n === 2) await db.compact()
      seen.push(await disk.mark())
    }
    await db.close()
    const moments = await disk.history()
    for (const [at, moment] of moments.entries()) {
      const acknowledged = seen.filter((before) => before <= at).length - 1
      const found = await state(moment)
      if (acknowledged < 0) expect([undefined, 0]).toContain(found?.sequence)
      else expect([acknowledged, acknowledged + 1]).toContain(found?.sequence)
      if (found !== undefined) expect(found.value).toEqual({ name: 'box', n: found.sequence })
    }
  })
})
