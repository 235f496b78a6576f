import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { downloadS9pk } from './index.ts'
import { MirrorServer } from './test/mirror-server.ts'
import { threeArches } from './test/three-arches.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'killed-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** Downloads in a process of its own and kills that when it has come so far. */
async function killedAt(url: string, bytes: number): Promise<void> {
  const program = join(import.meta.dirname, 'test/download-program.ts')
  const child = spawn(process.execPath, [program, url, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (Number(line) >= bytes) child.kill('SIGKILL')
  })
  expect(await ended).toEqual([null, 'SIGKILL'])
}

describe('a download whose process is killed', () => {
  it('is gone on with by the next one, also inside of a large file', async () => {
    const { bytes } = await threeArches({ assets: 20_000_000, image: 1000 })
    await using server = await MirrorServer.serve(bytes, {
      stallAfter: (_, length) => (length > 19_000_000 ? 18_000_000 : null),
    })
    await killedAt(server.url, 17_500_000)
    server.behaviour = {}
    const before = server.sent
    const received = await downloadS9pk([server.url], directory, { arch: 'x86_64' })
    await received.s9pk.verify()
    // It tells the journal every 16 MiB how far it is.
    expect(server.sent - before).toBeLessThan(4_000_000)
    expect(await readdir(join(directory, 'partial'))).toEqual([])
  })

  it('is whole in the end, wherever that happens', async () => {
    const { bytes } = await threeArches({ assets: 100_000, image: 500_000 })
    let large = 0
    const stallAfter = (_: number, length: number) => (length > 90_000 ? 40_000 * ++large : null)
    await using server = await MirrorServer.serve(bytes, { stallAfter })
    for (const share of [0.1, 0.2, 0.3]) await killedAt(server.url, share * 400_000)
    server.behaviour = {}
    const { path, s9pk, size } = await downloadS9pk([server.url], directory, { arch: 'x86_64' })
    await s9pk.verify()
    expect((await readFile(path)).length).toBe(size)
  })
})
