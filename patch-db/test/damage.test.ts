import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PatchDb } from '../src/index.ts'
import { reopen, smallLog, STATES } from './small-log.ts'
import { temporaryDirectory, temporaryFile } from './temporary.ts'

const LAYOUT_BYTE = 7

async function refusal(path: string, bytes: Buffer): Promise<string | undefined> {
  writeFileSync(path, bytes)
  const opened: unknown = await PatchDb.open(path).catch((error: unknown) => error)
  if (opened instanceof PatchDb) {
    await opened.close()
    return undefined
  }
  expect(readFileSync(path).equals(bytes)).toBe(true)
  expect(readdirSync(dirname(path)).sort()).toEqual(['copy.db', 'copy.db.lock'])
  return (opened as { code?: string }).code
}

function flipped(bytes: Buffer, at: number, mask: number): Buffer {
  const damaged = Buffer.from(bytes)
  damaged[at] = (damaged[at] ?? 0) ^ mask
  return damaged
}

function codeAt(at: number): RegExp {
  if (at < LAYOUT_BYTE) return /^Foreign$/
  return at === LAYOUT_BYTE ? /^(Corrupt|Unsupported)$/ : /^Corrupt$/
}

describe('a log with a flipped bit', () => {
  it('is refused and left alone, wherever before the last record that is', async () => {
    const { bytes, last, path } = await smallLog()
    for (let at = 0; at < last; at++)
      for (const mask of [0x01, 0x40, 0x80])
        expect(await refusal(path, flipped(bytes, at, mask)), `byte ${at}`).toMatch(codeAt(at))
  })

  it('is refused also in the last record, once the log was quiet or closed', async () => {
    const { sealed, bytes, path } = await smallLog()
    expect(sealed.length).toBeGreaterThan(bytes.length)
    for (let at = 0; at < bytes.length; at++)
      for (const mask of [0x01, 0x80])
        expect(await refusal(path, flipped(sealed, at, mask)), `byte ${at}`).toMatch(codeAt(at))
  })

  it('in the seal loses nothing', async () => {
    const { sealed, bytes, path } = await smallLog()
    for (let at = bytes.length; at < sealed.length; at++) {
      const { sequence, value, lost } = await reopen(path, flipped(sealed, at, 0x04))
      expect({ sequence, value }, `byte ${at}`).toEqual({ sequence: 3, value: STATES[3] })
      expect(lost).toMatchObject([{ offset: bytes.length }])
    }
  })

  it('in the last record of a program that was killed is never served: that record is put aside', async () => {
    const { bytes, last, path } = await smallLog()
    for (let at = last; at < bytes.length; at++) {
      const damaged = flipped(bytes, at, 0x01)
      const { sequence, value, lost } = await reopen(path, damaged)
      expect({ sequence, value }, `byte ${at}`).toEqual({ sequence: 2, value: STATES[2] })
      expect(readFileSync(lost[0]?.keptAs ?? '').equals(damaged.subarray(last))).toBe(true)
    }
  })
})

describe('a log with a hole', () => {
  it('is refused for every byte from which a record before the last one is zeros', async () => {
    const { sealed, starts, path } = await smallLog()
    for (let at = starts[0] ?? 0; at < (starts[2] ?? 0); at++) {
      const holed = Buffer.from(sealed)
      holed.fill(0, at, starts[2])
      if (!holed.equals(sealed)) expect(await refusal(path, holed), `byte ${at}`).toBe('Corrupt')
    }
  })

  it('is refused when a record is missing or comes twice', async () => {
    const { bytes, starts, path } = await smallLog()
    const [first = 0, second = 0, third = 0] = starts
    const without = Buffer.concat([bytes.subarray(0, first), bytes.subarray(second)])
    const twice = Buffer.concat([bytes.subarray(0, third), bytes.subarray(second)])
    expect([await refusal(path, without), await refusal(path, twice)]).toEqual(['Corrupt', 'Corrupt'])
  })
})

describe('a file that is no log of this program', () => {
  it.each<[string, Buffer]>([
    ['an empty file', Buffer.alloc(0)],
    ['JSON', Buffer.from('{"id":1}')],
    ['a SQLite file', Buffer.from('SQLite format 3\0')],
    ['CBOR without our header', Buffer.from([0x00, 0xf6])],
    ['the beginning of our header', Buffer.from('PATCH')],
  ])('is refused and left alone when it is %s', async (_, bytes) => {
    const path = temporaryFile()
    writeFileSync(path, bytes)
    await expect(PatchDb.open(path)).rejects.toMatchObject({ code: 'Foreign' })
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('is refused with advice when a newer program wrote it', async () => {
    const { bytes, path } = await smallLog()
    bytes[LAYOUT_BYTE] = 3
    writeFileSync(path, bytes)
    await expect(PatchDb.open(path)).rejects.toThrow(/newer version.*Use the newer program again/)
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('gives an Io error where there is no directory, and where a directory stands', async () => {
    await expect(PatchDb.open(join(temporaryDirectory(), 'no', 'x.db'))).rejects.toMatchObject({ code: 'Io' })
    await expect(PatchDb.open(temporaryDirectory())).rejects.toMatchObject({ code: 'Io' })
  })
})
