import { mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ServerLog } from './server-log.ts'

/** More than one file of the log holds. */
const MUCH = 5 * 1024 * 1024

describe('the log of the server', () => {
  let directory: string
  let path: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'startd-log-'))
    path = join(directory, 'startd.log')
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const messages = (log: ServerLog) => log.read({}).entries.map(({ message }) => message)

  it('begins a new file when one is full, and reads on from the one before', () => {
    using log = new ServerLog(path, () => undefined)
    log.info('first', { text: 'x'.repeat(MUCH) })
    log.info('second')
    expect(readFileSync(path, 'utf8')).not.toContain('first')
    expect(messages(log)).toEqual([expect.stringContaining('first'), 'INFO second'])
  })

  it('goes on in the full file when it cannot be put aside', () => {
    mkdirSync(`${path}.1`)
    using log = new ServerLog(path, () => undefined)
    log.info('first', { text: 'x'.repeat(MUCH) })
    log.info('second')
    expect(messages(log)).toEqual([expect.stringContaining('first'), 'INFO second'])
  })

  it('writes nowhere once it is closed, whoever has its file descriptor then', () => {
    const log = new ServerLog(path, () => undefined)
    log[Symbol.dispose]()
    const other = join(directory, 'other')
    const descriptor = openSync(other, 'w')
    log.info('too late')
    closeSync(descriptor)
    expect(readFileSync(other, 'utf8')).toBe('')
  })
})
