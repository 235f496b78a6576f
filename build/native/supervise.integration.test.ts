import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { execa } from 'execa'
import { buildNative } from './index.ts'

/** Any program can stand where LXC stands: the supervisor only starts it and listens. */
describe('start-container supervise', () => {
  let helper: string
  let home: string

  beforeEach(async () => {
    helper = await buildNative({ cacheDir: join(homedir(), '.cache/startd'), log: () => undefined })
    home = await mkdtemp(join(tmpdir(), 'supervise-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  /** What the supervisor tells a client until it ends. */
  const supervise = async (script: string, ...options: string[]): Promise<string> => {
    const socket = join(home, 's')
    const words = ['--socket', socket, '--log-dir', home, '--boot-id', 'boot', '--owner', '0', ...options]
    await execa(helper, ['supervise', ...words, '--', 'bash', '-c', script])
    return text(createConnection(socket))
  }
  const files = async (): Promise<string[]> => (await readdir(home)).filter((name) => name !== 's').sort()
  const entries = async (): Promise<{ message: string; stream: string }[]> => {
    const texts = await Promise.all((await files()).map((name) => readFile(join(home, name), 'utf8')))
    const lines = texts.join('').split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as { message: string; stream: string })
  }

  it('tells how it ended also to a client that comes later', async () => {
    const events = await supervise('true')
    expect(events).toBe('{"event":"exited","code":1,"signal":null}\n')
  })

  it('tells what init says of itself, and keeps that out of the log', async () => {
    const events = await supervise(
      String.raw`printf '\001startd-init-ready\n'; printf 'half a line\001startd-init-exit 7\n'`,
    )
    expect(events).toContain('"code":7')
    expect((await entries()).map(({ message }) => message)).toEqual(['half a line'])
  })

  it('writes whatever bytes come as valid JSON', async () => {
    await supervise(
      String.raw`printf 'caf\303\251 \377 \001 "q" \\ \t\r\n\nlast without newline'; printf 'e\n' >&2`,
    )
    const found = await entries()
    const ofStream = (name: string): string[] =>
      found.filter(({ stream }) => stream === name).map(({ message }) => message)
    expect(ofStream('stdout')).toEqual(['café \ufffd \u0001 "q" \\ \t', '', 'last without newline'])
    expect(ofStream('stderr')).toEqual(['e'])
  })

  it('cuts endless lines', async () => {
    await supervise('head -c 40000 /dev/zero | tr "\\0" x')
    const lengths = (await entries()).map(({ message }) => message.length)
    expect(lengths).toEqual([16384, 16384, 7232])
  })

  it('keeps a bounded number of files and never uses a name again', async () => {
    const options = ['--max-bytes', '1000', '--keep', '3']
    await supervise('for i in {1..100}; do echo "line $i"; done', ...options)
    const first = await files()
    expect(first).toHaveLength(3)
    expect((await entries()).at(-1)?.message).toBe('line 100')
    await supervise('for i in {101..150}; do echo "line $i"; done', ...options)
    const second = await files()
    expect(second).toHaveLength(3)
    expect((second[0] ?? '') >= (first[2] ?? '')).toBe(true)
    expect((await entries()).at(-1)?.message).toBe('line 150')
  })

  it('goes on after its caller has ended', async () => {
    const socket = join(home, 's')
    const words = ['--socket', socket, '--log-dir', home, '--boot-id', 'b', '--owner', '0', '--']
    const parent = execa(
      'bash',
      ['-c', '"$@"; kill -9 $$', '-', helper, 'supervise', ...words, 'bash', '-c', 'read; echo x'],
      {
        reject: false,
      },
    )
    await parent
    expect(await text(createConnection(socket))).toContain('exited')
    expect((await entries()).map(({ message }) => message)).toEqual(['x'])
  })
})
