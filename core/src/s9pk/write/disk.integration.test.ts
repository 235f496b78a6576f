import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newSeed } from '../keys.ts'
import { fileContent } from './content.ts'
import { writeArchive } from './index.ts'
import { treeOf } from './source-tree.ts'

const execute = promisify(execFile)
const signer = { seed: newSeed() }
let world: string
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'write-disk-'))
})
afterEach(() => rm(world, { recursive: true }))

async function treeWith(bytes: number) {
  const source = join(world, 'source')
  await writeFile(source, '')
  await truncate(source, bytes)
  return treeOf(new Map([['content', await fileContent(source)]]))
}

it('says at once how much does not fit on the disk, and keeps the older package', async () => {
  const disk = join(world, 'disk')
  await mkdir(disk)
  await using undo = new AsyncDisposableStack()
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
  undo.defer(async () => void (await execute('umount', [disk])))
  const path = join(disk, 'out.s9pk')
  await writeFile(path, 'older')
  await expect(writeArchive(await treeWith(9_000_000), path, { signer })).rejects.toMatchObject({
    kind: 'Filesystem',
    details: expect.stringMatching(/the disk is full \(10 MB more are needed, 5 MB are free\)/),
  })
  expect(await readdir(disk)).toEqual(['out.s9pk'])
  expect(await readFile(path, 'utf8')).toBe('older')
})

it('says which place is wrong', async () => {
  const tree = await treeWith(10)
  const nowhere = join(world, 'no/where/out.s9pk')
  await expect(writeArchive(tree, nowhere, { signer })).rejects.toThrow(
    `there is no directory ${join(world, 'no/where')}`,
  )
  await mkdir(join(world, 'out.s9pk'))
  await expect(writeArchive(tree, join(world, 'out.s9pk'), { signer })).rejects.toThrow('is no file')
  await rm(join(world, 'source'))
  const large = await treeWith(2_000_000)
  await rm(join(world, 'source'))
  await expect(writeArchive(large, join(world, 'a.s9pk'), { signer })).rejects.toThrow(
    /could not read .*source/,
  )
})

it('keeps the rights of what it replaces', async () => {
  const path = join(world, 'out.s9pk')
  await writeFile(path, 'older')
  await chmod(path, 0o640)
  await writeArchive(await treeWith(10), path, { signer })
  expect((await stat(path)).mode & 0o777).toBe(0o640)
})
