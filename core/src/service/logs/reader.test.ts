import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { followLogs, readLogs } from './reader.ts'

const line = (message: string, bootId = 'boot-b') =>
  `${JSON.stringify({ timestamp: '2026-01-01T00:00:00.000000Z', message, bootId, stream: 'stdout' })}\n`

describe('the log of a service', () => {
  let directory: string
  const file = (number: number) => join(directory, `${String(number).padStart(10, '0')}.ndjson`)
  const messages = async (query: Parameters<typeof readLogs>[1]) =>
    (await readLogs(directory, query)).entries.map(({ message }) => message)

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'startd-logs-'))
    await writeFile(file(1), line('1', 'boot-a') + line('2', 'boot-a') + line('3'))
    await writeFile(file(2), `${line('4')}not a log line\n${line('ü'.repeat(100_000))}${line('6')}{"half":`)
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  it('ends with the newest lines, oldest first', async () => {
    expect(await messages({ limit: 2 })).toEqual(['ü'.repeat(100_000), '6'])
    expect(await messages({})).toHaveLength(6)
    expect(await messages({ limit: 0 })).toEqual([])
  })

  it('is paged forwards and backwards without gap or overlap', async () => {
    const last = await readLogs(directory, { limit: 2 })
    const middle = await readLogs(directory, { limit: 2, cursor: last.startCursor, before: true })
    expect(middle.entries.map(({ message }) => message)).toEqual(['3', '4'])
    expect(await messages({ limit: 9, cursor: middle.startCursor, before: true })).toEqual(['1', '2'])
    expect(await messages({ limit: 9, cursor: middle.endCursor })).toEqual(['ü'.repeat(100_000), '6'])
    expect(await messages({ limit: 1, cursor: middle.startCursor })).toEqual(['4'])
  })

  it('can be limited to one start of the container', async () => {
    expect(await messages({ boot: 0 })).toHaveLength(4)
    expect(await messages({ boot: -1 })).toEqual(['1', '2'])
    expect(await messages({ boot: '-1' })).toEqual(['1', '2'])
    expect(await messages({ boot: 'boot-a' })).toEqual(['1', '2'])
    expect(await messages({ boot: 1 })).toEqual(['1', '2'])
    expect(await messages({ boot: -2 })).toEqual([])
    expect(await messages({ boot: 'all' })).toHaveLength(6)
  })

  it('is empty where nothing was written', async () => {
    expect(await readLogs(join(directory, 'none'), {})).toEqual({
      entries: [],
      startCursor: null,
      endCursor: null,
    })
  })

  it('refuses a place that is none', async () => {
    await expect(readLogs(directory, { cursor: '../../etc' })).rejects.toMatchObject({
      kind: 'InvalidRequest',
    })
  })

  it('is followed from its last lines into the next file', async () => {
    const ends = new AbortController()
    const { startCursor, entries } = await followLogs(directory, { limit: 1 }, ends.signal)
    expect(startCursor).not.toBeNull()
    const iterator = entries[Symbol.asyncIterator]()
    const next = async () => ((await iterator.next()).value as { message: string }).message
    expect(await next()).toBe('6')
    await appendFile(file(2), `1}\n${line('7')}`)
    expect(await next()).toBe('7')
    await writeFile(file(3), line('8'))
    expect(await next()).toBe('8')
    ends.abort()
    expect((await iterator.next()).done).toBe(true)
  })

  it('is the same read from either end, whatever the lines are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 3000 }), { maxLength: 60 }),
        async (texts) => {
          const own = await mkdtemp(join(directory, 'run-'))
          await writeFile(join(own, '0000000001.ndjson'), texts.map((text) => line(text)).join(''))
          const { entries, startCursor } = await readLogs(own, { limit: 100 })
          expect(entries.map(({ message }) => message)).toEqual(texts)
          if (startCursor === null) return
          const rest = await readLogs(own, { limit: 100, cursor: startCursor })
          expect(rest.entries.map(({ message }) => message)).toEqual(texts.slice(1))
        },
      ),
      { numRuns: 30 },
    )
  })
})
