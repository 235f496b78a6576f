import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buffer } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { newSeed } from '../keys.ts'
import { bytesContent } from '../write/content.ts'
import { printArchive } from '../write/index.ts'
import { treeOf } from '../write/source-tree.ts'
import { FileSink } from './file-sink.ts'
import { receiveS9pk } from './index.ts'

const execute = promisify(execFile)

const manifest = {
  id: 'large',
  version: '1:0',
  canMigrateTo: '!',
  canMigrateFrom: '*',
  title: 'Large',
  description: { short: 'Large', long: 'Large' },
  releaseNotes: '',
  license: 'MIT',
  upstreamRepo: 'https://example.com',
  images: {},
  volumes: [],
}

async function largePackage(size: number): Promise<Buffer> {
  const files = new Map([
    ['manifest.json', bytesContent(Buffer.from(JSON.stringify(manifest)))],
    ['icon.svg', bytesContent(Buffer.from('<svg/>'))],
    ['LICENSE.md', bytesContent(Buffer.from('MIT'))],
    ['javascript.squashfs', bytesContent(Buffer.from('hsqs'))],
    ['assets.squashfs', bytesContent(Buffer.alloc(size, 1))],
  ])
  return buffer(printArchive(treeOf(files), { signer: { seed: newSeed() } }))
}

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

it('refuses a package that does not fit on the disk before its contents arrive, and leaves nothing', async () => {
  const world = await mkdtemp(join(tmpdir(), 'full-disk-'))
  onTestFinished(() => rm(world, { recursive: true }))
  const disk = join(world, 'disk')
  await mkdir(disk)
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
  onTestFinished(async () => void (await execute('umount', [disk])))
  let received = 0
  const receiving = receiveS9pk(inChunks(await largePackage(9_000_000), 4096), disk, {
    arch: 'x86_64',
    onProgress: (done) => (received = done),
  })
  await expect(receiving).rejects.toMatchObject({
    kind: 'Filesystem',
    details: expect.stringMatching(/the disk is full \(9 MB more/),
  })
  expect(received).toBeLessThan(10_000)
  const left = await readdir(disk, { recursive: true, withFileTypes: true })
  expect(left.filter((entry) => entry.isFile())).toEqual([])
})

it('says that the disk is full when it fills up during the transfer', async () => {
  await using handle = await open('/dev/full', 'w')
  const sink = new FileSink(handle)
  const storing = async () => {
    await sink.write(Buffer.alloc(5_000_000))
    await sink.flush()
  }
  await expect(storing()).rejects.toMatchObject({
    kind: 'Filesystem',
    details: expect.stringMatching(/Free some space/),
  })
})
