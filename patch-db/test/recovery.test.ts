import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PatchDb, type Recovery } from '../src/index.ts'
import { frameHeader } from '../src/log/frame.ts'
import { temporaryDirectory, temporaryFile } from './temporary.ts'

type Model = { n: number; text: string }
const CHILD = join(import.meta.dirname, 'crash-child.ts')

/** A small log: a snapshot, then three records. Answers its bytes and where the last record begins. */
async function smallLog(): Promise<{ bytes: Buffer; last: number; path: string }> {
  const path = temporaryFile()
  await using db = await PatchDb.open<Model>(path, { initial: { n: 0, text: '' } })
  let last = 0
  for (const text of ['one', 'two', 'three']) {
    last = readFileSync(path).length
    await db.mutate((draft) => {
      draft.n++
      draft.text = text
    })
  }
  return { bytes: readFileSync(path), last, path: join(temporaryDirectory(), 'copy.db') }
}

async function reopen(
  path: string,
  bytes: Buffer,
): Promise<{ sequence: number; value: Model; lost: Recovery[] }> {
  writeFileSync(path, bytes)
  const lost: Recovery[] = []
  await using db = await PatchDb.open<Model>(path, { onRecover: (recovery) => lost.push(recovery) })
  const answer = { sequence: db.sequence, value: db.peek(), lost }
  await db.mutate((draft) => void draft.n++)
  return answer
}

describe('a log whose last write was cut off', () => {
  it('opens without that write at every possible length, says so, and goes on', async () => {
    const { bytes, last, path } = await smallLog()
    for (let length = last; length < bytes.length; length++) {
      const { sequence, value, lost } = await reopen(path, bytes.subarray(0, length))
      expect(sequence).toBe(2)
      expect(value).toEqual({ n: 2, text: 'two' })
      const dropped = { path, sequence: 2, offset: last, droppedBytes: length - last }
      expect(lost).toEqual(length === last ? [] : [dropped])
      await using again = await PatchDb.open<Model>(path, { onRecover: () => expect.unreachable() })
      expect(again.sequence).toBe(3)
    }
  })

  it('opens without that write if its bytes arrived as zeros or garbage', async () => {
    const { bytes, last, path } = await smallLog()
    for (const fill of [0, 0xf1, 0xff]) {
      const damaged = Buffer.from(bytes)
      damaged.fill(fill, last + 3)
      expect(await reopen(path, damaged)).toMatchObject({ sequence: 2, lost: [{ offset: last }] })
    }
  })

  it('forgives records in disorder after that place, if nobody was told that they were safe', async () => {
    const { bytes, last, path } = await smallLog()
    const torn = Buffer.concat([bytes.subarray(0, last), Buffer.alloc(30)])
    const payload = Buffer.from([0x80])
    const later = Buffer.concat([torn, frameHeader(payload, last), payload])
    expect(await reopen(path, later)).toMatchObject({ sequence: 2, lost: [{ offset: last }] })
  })
})

describe('a log that was damaged', () => {
  it('is refused, and left alone, for every flipped byte in front of the last record', async () => {
    const { bytes, last, path } = await smallLog()
    for (let at = 0; at < last; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 0x40
      writeFileSync(path, damaged)
      const error: unknown = await PatchDb.open(path).catch((cause: unknown) => cause)
      expect((error as { code?: string }).code, `byte ${at}`).toMatch(/^(Corrupt|Unsupported)$/)
      expect(readFileSync(path).equals(damaged)).toBe(true)
    }
  })

  it.each<[string, Buffer]>([
    ['an empty file', Buffer.alloc(0)],
    ['JSON', Buffer.from('{"id":1}')],
    ['a SQLite file', Buffer.from('SQLite format 3\0')],
    ['CBOR without our header', Buffer.from([0x00, 0xf6])],
  ])('is refused when it is %s', async (_, bytes) => {
    const path = temporaryFile()
    writeFileSync(path, bytes)
    await expect(PatchDb.open(path)).rejects.toMatchObject({ code: 'Corrupt' })
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('is refused with a clear message when a newer program wrote it', async () => {
    const { bytes, path } = await smallLog()
    bytes[7] = 2
    writeFileSync(path, bytes)
    await expect(PatchDb.open(path)).rejects.toThrow(/newer version/)
  })

  it('gives an Io error where there is no directory', async () => {
    await expect(PatchDb.open(join(temporaryDirectory(), 'no', 'x.db'))).rejects.toMatchObject({ code: 'Io' })
  })
})

describe('a crash during compaction', () => {
  it('lets the newest complete file win over a leftover snapshot', async () => {
    const { bytes, path } = await smallLog()
    writeFileSync(`${path}.tmp`, bytes.subarray(0, bytes.length - 5))
    expect(await reopen(path, bytes)).toMatchObject({ sequence: 3, value: { text: 'three' }, lost: [] })
    expect(existsSync(`${path}.tmp`)).toBe(false)
  })
})

describe('kill -9', () => {
  it('never loses a revision that was acknowledged', { timeout: 90_000 }, async () => {
    const path = temporaryFile()
    const acknowledged = new Map<string, number>()
    let highest = 0
    for (let round = 0; round < 30; round++) {
      const child = spawn(process.execPath, [CHILD, path, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      let output = ''
      const lines = 5 + ((round * 29) % 120)
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.split('\n').length > lines) child.kill('SIGKILL')
      })
      await once(child, 'close')
      for (const line of output.split('\n').slice(0, -1)) {
        if (line.startsWith('open')) {
          expect(Number(line.slice(5))).toBeGreaterThanOrEqual(highest)
          continue
        }
        const [id, writer, count] = line.split(' ').map(Number) as [number, number, number]
        highest = Math.max(highest, id)
        acknowledged.set(`w${writer}`, count)
      }
      copyFileSync(path, `${path}.copy`)
      await using db = await PatchDb.open<{ counters: { [id: string]: number } }>(`${path}.copy`)
      expect(db.sequence).toBeGreaterThanOrEqual(highest)
      const { counters } = db.peek()
      for (const [writer, count] of acknowledged) expect(counters[writer]).toBeGreaterThanOrEqual(count)
      const total = Object.values(counters).reduce((sum, count) => sum + count, 0)
      expect(total).toBe(db.sequence)
    }
    expect(highest).toBeGreaterThan(500)
  })
})
