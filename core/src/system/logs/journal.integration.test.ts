import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Journal } from './journal.ts'

/**
 * The real journal service, in a mount namespace of its own with its own /run, so that the machine’s, if it has one,
 * knows nothing of it. Each line on its input becomes a line of the journal: priority, then text.
 */
const SERVICE = `
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/log/journal
mount --bind "$1" /run/log/journal
/lib/systemd/systemd-journald & journald=$!
until [ -S /run/systemd/journal/socket ]; do :; done
echo ready
while read -r priority text; do
  printf 'SYSLOG_IDENTIFIER=startd-journal\\nPRIORITY=%s\\nMESSAGE=%s\\n\\n' "$priority" "$text" | logger --journald
  echo said
done
kill $journald
wait $journald
`

describe('the journal of the system', () => {
  let directory: string
  let service: ReturnType<typeof spawn>
  let answers: AsyncIterator<string>
  let journal: Journal

  const say = async (text: string, priority = 6) => {
    service.stdin?.write(`${priority} ${text}\n`)
    await answers.next()
  }
  const read = (...args: Parameters<Journal['read']>) => journal.read(...args)

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'startd-journal-'))
    service = spawn('unshare', ['--mount', 'sh', '-c', SERVICE, 'sh', directory], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    answers = createInterface({ input: service.stdout ?? process.stdin })[Symbol.asyncIterator]()
    await answers.next()
    journal = new Journal(['-D', directory, '-t', 'startd-journal'])
    // The service writes what it was told soon, but tells nobody.
    for (const word of ['one', 'two', 'three', 'four']) await say(`line ${word}`)
    await say('something grave', 3)
    await vi.waitFor(async () => expect((await read({})).entries).toHaveLength(5), { timeout: 10_000 })
  })
  afterAll(async () => {
    service.stdin?.end()
    await once(service, 'exit')
    await rm(directory, { recursive: true })
  })

  const words = async (query: Parameters<Journal['read']>[0]) =>
    (await read(query)).entries.map(({ message }) => message.split(' ').at(-1))

  it('is paged both ways without gap or overlap', async () => {
    expect(await words({ limit: 2 })).toEqual(['four', 'grave'])
    const last = await read({ limit: 2 })
    const middle = await read({ limit: 2, cursor: last.startCursor, before: true })
    expect(middle.entries.map(({ message }) => message)).toEqual(['line two', 'line three'])
    expect(await words({ cursor: middle.startCursor, before: true })).toEqual(['one'])
    expect(await words({ cursor: middle.endCursor })).toEqual(['four', 'grave'])
    expect(await read({ limit: 0 })).toEqual({ entries: [], startCursor: null, endCursor: null })
    const first = await read({ limit: 1, cursor: middle.startCursor, before: true })
    expect(await read({ cursor: first.startCursor, before: true })).toMatchObject({ startCursor: null })
  })

  it('is filtered by text, by how serious lines are, and by the start of the machine', async () => {
    expect(await words({ search: 'LINE' })).toEqual(['one', 'two', 'three', 'four'])
    expect(await words({ level: 'error' })).toEqual(['grave'])
    const { bootId = '' } = (await read({ limit: 1 })).entries[0] ?? {}
    expect(bootId).toMatch(/^[0-9a-f]{32}$/)
    expect(await words({ boot: bootId, limit: 1 })).toEqual(['grave'])
    expect(await words({ boot: 'f'.repeat(32) })).toEqual([])
  })

  it('takes no cursor and no start that could be something else to its program', async () => {
    for (const query of [{ cursor: '--file=/etc/shadow x' }, { boot: '-o export' }, { boot: 'garbage' }]) {
      await expect(read(query)).rejects.toMatchObject({ kind: 'InvalidRequest' })
    }
  })

  it('is followed from its last lines on, and its program ends with the reader', async () => {
    const ends = new AbortController()
    const { entries, startCursor } = await journal.follow({ limit: 1, search: 'line' }, ends.signal)
    expect(startCursor).not.toBeNull()
    await say('other words')
    await say('line five')
    const seen: string[] = []
    for await (const { message } of entries) {
      seen.push(message)
      if (seen.length === 2) ends.abort()
    }
    expect(seen).toEqual(['line four', 'line five'])
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    expect(left).not.toContain(`-D ${directory}`)
  })

  it('has the messages of the kernel as well', async () => {
    const kernel = new Journal(['-D', directory, '-k'])
    expect((await kernel.read({ limit: 3 })).entries).toHaveLength(3)
  })
})
