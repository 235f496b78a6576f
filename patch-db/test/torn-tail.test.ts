import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PatchDb } from '../src/index.ts'
import { FILLER, frameOf } from '../src/log/frame.ts'
import { reopen, smallLog, STATES } from './small-log.ts'
import { temporaryFile } from './temporary.ts'

function keptBeside(path: string): string[] {
  return readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.damaged-`))
}

describe('a log whose last write was cut off', () => {
  it('opens without that write at every possible length, says so, and goes on', async () => {
    const { bytes, last, path } = await smallLog()
    for (const room of [0, 100])
      for (let length = last; length < bytes.length; length++) {
        const cut = Buffer.concat([bytes.subarray(0, length), Buffer.alloc(room, FILLER)])
        const { sequence, value, lost } = await reopen(path, cut)
        expect(sequence).toBe(2)
        expect(value).toEqual(STATES[2])
        const dropped = { path, sequence: 2, offset: last, droppedBytes: length - last, flaw: 'short' }
        expect(lost).toMatchObject(length === last ? [] : [dropped])
        await using again = await PatchDb.open(path, { onRecover: () => expect.unreachable() })
        expect(again.sequence).toBe(3)
      }
  })

  it('opens without that write wherever in it the bytes turn to zeros or garbage', async () => {
    const { bytes, last, path } = await smallLog()
    for (const fill of [0, 0xf1, 0xff])
      for (let from = last; from < bytes.length; from++) {
        const damaged = Buffer.from(bytes).fill(fill, from)
        if (damaged.equals(bytes)) continue
        const { sequence, value, lost } = await reopen(path, damaged)
        expect({ sequence, value }, `${fill} from ${from}`).toEqual({ sequence: 2, value: STATES[2] })
        expect(lost).toMatchObject([{ offset: last, droppedBytes: bytes.length - last }])
      }
  })

  it('forgives records in disorder after that place, if nobody was told that they were safe', async () => {
    const { bytes, last, path } = await smallLog()
    const torn = Buffer.concat([bytes.subarray(0, last), Buffer.alloc(30)])
    const later = Buffer.concat([torn, frameOf(Buffer.from([0x80]), last)])
    expect(await reopen(path, later)).toMatchObject({
      sequence: 2,
      lost: [{ offset: last, flaw: 'foreign' }],
    })
  })

  it('tells a record that breaks off from one that has its length and wrong bytes', async () => {
    const { bytes, path } = await smallLog()
    const { lost: short } = await reopen(path, bytes.subarray(0, -1))
    const wrong = Buffer.from(bytes)
    wrong[bytes.length - 1] = 0x55
    const { lost: full } = await reopen(path, wrong)
    expect([short[0]?.flaw, full[0]?.flaw]).toEqual(['short', 'checksum'])
  })

  it('keeps the dropped bytes beside the file, those of the last five times', async () => {
    const { bytes, last, path } = await smallLog()
    for (let cut = 1; cut <= 7; cut++) {
      const { lost } = await reopen(path, bytes.subarray(0, -cut))
      const kept = lost[0]?.keptAs ?? ''
      expect(readFileSync(kept).equals(bytes.subarray(last, -cut))).toBe(true)
      expect(keptBeside(path)).toContain(basename(kept))
    }
    expect(keptBeside(path)).toHaveLength(5)
  })

  it('opens also when the dropped bytes cannot be kept', async () => {
    const { bytes, path } = await smallLog()
    const far = `${dirname(path)}/${'x'.repeat(240)}`
    const { sequence, lost } = await reopen(far, bytes.subarray(0, -1))
    expect(sequence).toBe(2)
    expect(lost).toMatchObject([{ keptAs: null }])
  })
})

describe('the room ahead of the records', () => {
  it('is there while the program runs, and gone when it has closed the file', async () => {
    const path = temporaryFile()
    const db = await PatchDb.open(path, { initial: { n: 0 } })
    await db.put('/n', 1)
    const open = readFileSync(path)
    await db.put('/n', 2)
    expect(readFileSync(path).length).toBe(open.length)
    await db.close()
    expect(readFileSync(path).length).toBeLessThan(200)
  })

  it('is no loss when the program was killed', async () => {
    const { bytes, path } = await smallLog()
    const killed = Buffer.concat([bytes, Buffer.alloc(5000, FILLER)])
    expect(await reopen(path, killed)).toMatchObject({ sequence: 3, value: STATES[3], lost: [] })
  })

  it('does not hide that it begins too early, where a disk has lost a record', async () => {
    const { sealed, starts, path } = await smallLog()
    const lost = Buffer.from(sealed).fill(FILLER, starts[1], starts[2])
    writeFileSync(path, lost)
    await expect(PatchDb.open(path)).rejects.toMatchObject({ code: 'Corrupt' })
  })
})

describe('a crash during compaction', () => {
  it('lets the newest complete file win over a leftover snapshot', async () => {
    const { bytes, path } = await smallLog()
    writeFileSync(`${path}.tmp`, bytes.subarray(0, bytes.length - 5))
    expect(await reopen(path, bytes)).toMatchObject({ sequence: 3, value: { text: 'three' }, lost: [] })
    expect(existsSync(`${path}.tmp`)).toBe(false)
  })

  it('reports what stands in the way of the next one, and opens all the same', async () => {
    const { bytes, path } = await smallLog()
    writeFileSync(path, bytes)
    await using db = await PatchDb.open(path)
    mkdirSync(`${path}.tmp`)
    await expect(db.compact()).rejects.toMatchObject({ code: 'Io' })
    expect((await db.put('/n', 9))?.id).toBe(4)
  })
})
