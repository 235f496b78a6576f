import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { bytesSource, openS9pk } from '@startd/base/s9pk/index.ts'
import { printArchive } from '../write/index.ts'
import { treeOfArchive } from '../write/source-tree.ts'
import { downloadS9pk } from './index.ts'
import { MirrorServer } from './test/mirror-server.ts'
import { threeArches } from './test/three-arches.ts'

const OTHER_KEY = { seed: new Uint8Array(32).fill(7) }

describe('a mirror with the same files under another signature', () => {
  it('cannot end what another one has begun', async () => {
    await using undo = new AsyncDisposableStack()
    const directory = undo.adopt(await mkdtemp(join(tmpdir(), 'signer-')), (path) =>
      rm(path, { recursive: true }),
    )
    const { bytes } = await threeArches()
    const { archive } = await openS9pk(bytesSource(bytes))
    const resigned = await buffer(printArchive(treeOfArchive(archive), { signer: OTHER_KEY, order: 'name' }))
    const first = undo.use(await MirrorServer.serve(bytes, { noRanges: true, cutAfter: () => 1_250_000 }))
    const second = undo.use(await MirrorServer.serve(resigned, { noRanges: true }))
    let shown = 0
    const options = { arch: 'x86_64', retryDelay: 1, onHeader: () => void shown++ }
    await expect(downloadS9pk([first.url, second.url], directory, options)).rejects.toThrow(/another key/)
    expect(shown).toBe(1)
    expect(await readdir(join(directory, 'installed'))).toEqual([])
  })
})
