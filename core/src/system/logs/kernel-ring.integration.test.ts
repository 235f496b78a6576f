import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KernelRing } from './kernel-ring.ts'

const NOTICE = 5
const say = (text: string, priority = NOTICE) =>
  writeFileSync('/dev/kmsg', `<${priority}>startd-test: ${text}\n`)

/** Our own children that read the device. */
const readers = () =>
  execFileSync('ps', ['-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    .split('\n')
    .filter((args) => args === 'cat /dev/kmsg')

describe('the log of the kernel', () => {
  const ring = new KernelRing()

  it('is paged both ways, and tells when each line was said', async () => {
    const run = randomUUID()
    for (const word of ['one', 'two', 'three']) say(`${run} ${word}`)
    const mine = await ring.read({ search: run })
    expect(mine.entries.map(({ message }) => message.split(' ').at(-1))).toEqual(['one', 'two', 'three'])
    const since = Date.now() - Date.parse(mine.entries[0]?.timestamp ?? '')
    expect(Math.abs(since)).toBeLessThan(60_000)
    const last = await ring.read({ search: run, limit: 1 })
    const before = await ring.read({ search: run, limit: 1, cursor: last.startCursor, before: true })
    expect(before.entries[0]?.message).toContain('two')
    const after = await ring.read({ search: run, cursor: before.endCursor })
    expect(after.entries.map(({ message }) => message.split(' ').at(-1))).toEqual(['three'])
  })

  it('leaves out what is not serious enough, and starts that it does not know', async () => {
    const run = randomUUID()
    say(`${run} plain`)
    say(`${run} grave`, 3)
    const grave = await ring.read({ search: run, level: 'error' })
    expect(grave.entries.map(({ message }) => message)).toEqual([`startd-test: ${run} grave`])
    expect(await ring.read({ search: run, boot: -1 })).toEqual({
      entries: [],
      startCursor: null,
      endCursor: null,
    })
    expect((await ring.read({ search: run, boot: 0 })).entries).toHaveLength(2)
    await expect(ring.read({ cursor: 'nonsense' })).rejects.toMatchObject({ kind: 'InvalidRequest' })
  })

  it('has one reader of its device for all who follow, and none for nobody', async () => {
    const run = randomUUID()
    const ends = new AbortController()
    const follow = async () => {
      const { entries } = await ring.follow({ limit: 0, search: run }, ends.signal)
      return entries[Symbol.asyncIterator]()
    }
    const all = await Promise.all(Array.from({ length: 100 }, follow))
    const waiting = all.map((entries) => entries.next())
    say(run)
    for (const next of await Promise.all(waiting))
      expect(next.value).toMatchObject({ message: `startd-test: ${run}` })
    expect(readers()).toHaveLength(1)
    const more = all.map((entries) => entries.next())
    ends.abort()
    for (const next of await Promise.all(more)) expect(next.done).toBe(true)
    await expect.poll(readers).toEqual([])
  })

  it('is followed from its last lines on, and ends with its reader', async () => {
    const run = randomUUID()
    say(`${run} before`)
    const ends = new AbortController()
    const { entries, startCursor } = await ring.follow({ search: run }, ends.signal)
    expect(startCursor).not.toBeNull()
    say(`${run} after\tü`)
    const seen: string[] = []
    for await (const { message } of entries) {
      seen.push(message.replace(`startd-test: ${run} `, ''))
      if (seen.length === 2) ends.abort()
    }
    expect(seen).toEqual(['before', 'after\tü'])
  })
})
