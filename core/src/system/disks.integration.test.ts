import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskInfo } from '@startd/base/rpc/disk.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listDisks } from './disks.ts'

const SIZE = 64 * 1024 * 1024
const run = (program: string, args: string[], input?: string) =>
  execFileSync(program, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] }).trim()

let directory: string
let undo: DisposableStack
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'startd-disks-'))
  undo = new DisposableStack()
  undo.defer(() => rmSync(directory, { recursive: true }))
})
afterEach(() => undo.dispose())

/** A disk that is a file; `table` is what sfdisk(8) is told. */
function disk(name: string, table?: string): string {
  const file = join(directory, name)
  writeFileSync(file, '')
  truncateSync(file, SIZE)
  if (table !== undefined) run('sfdisk', ['--quiet', file], table)
  const device = run('losetup', ['--find', '--show', file])
  undo.defer(() => run('losetup', ['--detach', device]))
  if (table !== undefined) {
    // Not every kernel reads tables itself.
    run('partx', ['--update', device])
    undo.defer(() => run('partx', ['--delete', device]))
  }
  return device
}

const find = async (device: string) => (await listDisks()).find(({ logicalname }) => logicalname === device)

describe('the disks of this machine', () => {
  it('are told with their partitions, whatever table they have', async () => {
    const gpt = disk('gpt', 'label: gpt\n,20M,L,\n,,L,\n')
    const mbr = disk('mbr', 'label: dos\n,,L\n')
    const all = await listDisks()
    for (const info of all) expect(DiskInfo.parse(info)).toEqual(info)
    expect(await find(gpt)).toMatchObject({
      partitionTable: 'gpt',
      capacity: SIZE,
      filesystem: null,
      guid: null,
      partitions: [
        { logicalname: `${gpt}p1`, capacity: 20 * 1024 * 1024, used: null, filesystem: null, startOs: {} },
        { logicalname: `${gpt}p2` },
      ],
    })
    expect(await find(mbr)).toMatchObject({
      partitionTable: 'mbr',
      partitions: [{ logicalname: `${mbr}p1` }],
    })
  })

  it('are told without any table, and how full they are where they are in use', async () => {
    const empty = disk('empty')
    expect(await find(empty)).toMatchObject({ partitionTable: null, filesystem: null, partitions: [] })
    const device = disk('whole')
    run('mkfs.ext4', ['-q', '-L', 'attic', device])
    const mount = join(directory, 'mount')
    mkdirSync(mount)
    run('mount', [device, mount])
    undo.defer(() => run('umount', [mount]))
    writeFileSync(join(mount, 'file'), Buffer.alloc(10_000_000, 1))
    run('sync', ['-f', mount])
    const found = await find(device)
    expect(found?.filesystem).toBe('ext4')
    expect(found?.partitions).toMatchObject([{ logicalname: device, label: 'attic', filesystem: 'ext4' }])
    expect(found?.partitions[0]?.used).toBeGreaterThan(10_000_000)
  })

  it('leave out what holds the system, what is read-only, and what is memory', async () => {
    const root = run('findmnt', ['-n', '-o', 'SOURCE', '/'])
    const all = await listDisks()
    const names = all.flatMap(({ logicalname, partitions }) => [
      logicalname,
      ...partitions.map((part) => part.logicalname),
    ])
    expect(names).not.toContain(root)
    expect(names.filter((name) => /zram|ram\d/.test(name))).toEqual([])
    const packing = disk('packing')
    run('mksquashfs', [directory, packing, '-noappend', '-quiet', '-no-progress', '-e', 'packing'])
    expect(await find(packing)).toBeUndefined()
  })
})
