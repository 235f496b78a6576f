import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ServerLog } from './server-log.ts'
import type { LogQuery } from './source.ts'

describe('the log of the server', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'startd-log-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const open = (options = {}) => new ServerLog(directory, { echo: () => undefined, ...options })
  const messages = async (log: ServerLog, query: LogQuery = {}) =>
    (await log.read(query)).entries.map(({ message }) => message)

  it('begins a new file when one is full, and keeps as many as it may', async () => {
    using log = open({ fileSize: 200, files: 3 })
    for (let line = 0; line < 20; line++) log.info(`line ${line}`)
    expect(readdirSync(directory)).toHaveLength(3)
    const all = await messages(log)
    expect(all.at(-1)).toBe('INFO line 19')
    expect(all.length).toBeLessThan(20)
  })

  it('goes on in the full file when no new one can be made', async () => {
    using log = open({ fileSize: 100 })
    mkdirSync(join(directory, '0000000002.ndjson'))
    log.info('first', { text: 'x'.repeat(100) })
    log.info('second')
    expect(readFileSync(join(directory, '0000000001.ndjson'), 'utf8')).toContain('INFO second')
  })

  it('is paged from either end, over the borders of files', async () => {
    using log = open({ fileSize: 300, files: 100 })
    const lines = Array.from({ length: 100 }, (_, line) => `INFO line ${line}`)
    for (const line of lines) log.info(line.slice(5))
    const back: string[] = []
    let cursor: string | null = null
    for (;;) {
      const page = await log.read({ limit: 7, cursor, before: true })
      if (page.startCursor === null) break
      back.unshift(...page.entries.map(({ message }) => message))
      cursor = page.startCursor
    }
    expect(back).toEqual(lines)
    expect(await log.read({ limit: 1, cursor: 'nonsense' }).catch((error: unknown) => error)).toMatchObject({
      kind: 'InvalidRequest',
    })
  })

  it('shows only lines with a text in them, and only those that are serious enough', async () => {
    using log = open()
    log.info('A service has started', { id: 'one' })
    log.warn('a service is slow')
    log.error('a call failed')
    expect(await messages(log, { search: 'SERVICE' })).toHaveLength(2)
    expect(await messages(log, { level: 'warning' })).toEqual([
      'WARN a service is slow',
      'ERROR a call failed',
    ])
    expect(await messages(log, { level: 'error', search: 'service' })).toEqual([])
  })

  it('tells runs of the server apart', async () => {
    open()[Symbol.dispose]()
    using first = open()
    first.info('old')
    using second = open()
    second.info('new')
    expect(await messages(second, { boot: 0 })).toEqual(['INFO new'])
    expect(await messages(second, { boot: -1 })).toEqual(['INFO old'])
  })

  it('keeps its first line apart from what a crash has left of the last one', async () => {
    open()[Symbol.dispose]()
    appendFileSync(join(directory, '0000000001.ndjson'), '{"timestamp":"20')
    using log = open()
    log.info('after the crash')
    expect(await messages(log)).toEqual(['INFO after the crash'])
  })

  it('is followed without a gap after the first page, and only as far as was asked for', async () => {
    using log = open()
    for (let line = 0; line < 5; line++) log.info(`before ${line}`)
    const ends = new AbortController()
    const { entries, startCursor } = await log.follow({ limit: 2, search: 'before' }, ends.signal)
    expect(startCursor).not.toBeNull()
    log.info('something else')
    log.info('before long')
    const seen: string[] = []
    for await (const { message } of entries) {
      seen.push(message)
      if (seen.length === 3) ends.abort()
    }
    expect(seen).toEqual(['INFO before 3', 'INFO before 4', 'INFO before long'])
  })

  it('writes nowhere once it is closed, whoever has its file descriptor then', () => {
    const log = open()
    log[Symbol.dispose]()
    const other = join(directory, 'other')
    const descriptor = openSync(other, 'w')
    log.info('too late')
    closeSync(descriptor)
    expect(readFileSync(other, 'utf8')).toBe('')
  })
})
