import { spawnSync } from 'node:child_process'
import { openSync, read, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { SickDisk, type Ailment, type Files } from './sick-disk-contents.ts'

/**
 * Serves a `SickDisk` to the kernel through FUSE (linux/fuse.h, protocol 7.31) at the directory that it is given,
 * without any caching, so that every call of the program under test arrives here.
 */
const directory = process.argv[2] as string
const disk = new SickDisk()
const device = openSync('/dev/fuse', 'r+')
const HEADER = 40
const MAX_WRITE = 128 * 1024
const ROOT = 1n
const ENOENT = 2
const ENOSYS = 38
const DIRECT_IO = 1

export type Order = { ail: Ailment | null } | 'contents' | 'record' | 'mark' | 'history'

process.on('message', (order: Order) => process.send?.(obey(order)))
process.on('disconnect', () => process.exit())

function obey(order: Order): unknown {
  switch (order) {
    case 'contents':
      return asText(disk.afterPowerCut())
    case 'record':
      disk.history = []
      return 'done'
    case 'mark':
      return disk.mark()
    case 'history':
      return disk.history?.map(asText)
    default:
      disk.ailment = order.ail
      return 'done'
  }
}

function asText(files: Files): [string, string][] {
  return files.map(([name, bytes]) => [name, bytes.toString('base64')])
}

/** One struct of the protocol: fields of four or eight bytes. */
function struct(...fields: (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(
    fields.reduce<number>((sum, field) => sum + (typeof field === 'bigint' ? 8 : 4), 0),
  )
  let at = 0
  for (const field of fields)
    at = typeof field === 'bigint' ? bytes.writeBigUInt64LE(field, at) : bytes.writeUInt32LE(field, at)
  return bytes
}

function attributes(id: bigint): Buffer {
  const size = id === ROOT ? 0 : disk.size(id)
  const mode = id === ROOT ? 0o040700 : 0o100600
  return struct(id, BigInt(size), 0n, 0n, 0n, 0n, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)
}

const entry = (id: bigint) => Buffer.concat([struct(id, 0n, 0n, 0n, 0, 0), attributes(id)])
const opened = struct(0n, DIRECT_IO, 0)
const nothing = Buffer.alloc(0)

function list(offset: number): Buffer {
  const entries = disk
    .names()
    .slice(offset)
    .map(([name, id], place) => {
      const bytes = Buffer.from(name)
      const padding = Buffer.alloc((8 - (bytes.length % 8)) % 8)
      return Buffer.concat([struct(id, BigInt(offset + place + 1), bytes.length, 8), bytes, padding])
    })
  return Buffer.concat(entries)
}

/** The answer's body, or a negative error number; undefined where the kernel expects no answer. */
function answer(opcode: number, node: bigint, body: Buffer): Buffer | number | undefined {
  const texts = (from: number) => body.subarray(from).toString().split('\0')
  switch (opcode) {
    case 1: {
      const id = disk.lookup(texts(0)[0] as string)
      return id === undefined ? -ENOENT : entry(id)
    }
    case 2:
    case 36:
    case 42:
      return undefined
    case 3:
      return Buffer.concat([struct(0n, 0, 0), attributes(node)])
    case 4: {
      const resizes = (body.readUInt32LE(0) & 8) !== 0
      const failed = resizes ? disk.truncate(node, Number(body.readBigUInt64LE(16))) : 0
      return failed < 0 ? failed : Buffer.concat([struct(0n, 0, 0), attributes(node)])
    }
    case 10:
      return disk.unlink(texts(0)[0] as string) < 0 ? -ENOENT : nothing
    case 12:
    case 45: {
      const [from = '', to = ''] = texts(opcode === 12 ? 8 : 16)
      const failed = disk.rename(from, to)
      return failed < 0 ? failed : nothing
    }
    case 14:
    case 27:
      return opened
    case 15:
      return disk.read(node, Number(body.readBigUInt64LE(8)), body.readUInt32LE(16))
    case 16: {
      const written = disk.write(node, Number(body.readBigUInt64LE(8)), body.subarray(40))
      return written < 0 ? written : struct(written, 0)
    }
    case 17:
      return struct(1000n, 1000n, 1000n, 1000n, 1000n, 4096, 255, 4096, 0, 0, 0, 0, 0, 0, 0)
    case 18:
    case 25:
    case 29:
    case 34:
      return nothing
    case 20: {
      const failed = disk.sync(node)
      return failed < 0 ? failed : nothing
    }
    case 26:
      return struct(7, 31, 0, 0, 0, MAX_WRITE, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    case 28:
      return list(Number(body.readBigUInt64LE(8)))
    case 30: {
      const failed = disk.syncDirectory()
      return failed < 0 ? failed : nothing
    }
    case 35:
      return Buffer.concat([entry(disk.create(texts(16)[0] as string)), opened])
    default:
      return -ENOSYS
  }
}

async function serve(): Promise<void> {
  const request = Buffer.alloc(MAX_WRITE + 8192)
  for (;;) {
    const { bytesRead } = await promisify(read)(device, request, 0, request.length, null)
    const unique = request.readBigUInt64LE(8)
    const body = request.subarray(HEADER, bytesRead)
    const result = answer(request.readUInt32LE(4), request.readBigUInt64LE(16), body)
    if (result === undefined) continue
    disk.remember()
    const failed = typeof result === 'number'
    const head = Buffer.alloc(16)
    head.writeUInt32LE(16 + (failed ? 0 : result.length), 0)
    head.writeInt32LE(failed ? result : 0, 4)
    head.writeBigUInt64LE(unique, 8)
    writeSync(device, failed ? head : Buffer.concat([head, result]))
  }
}

const options = 'fd=3,rootmode=40000,user_id=0,group_id=0'
const mount = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'patch-db-test', directory], {
  stdio: ['ignore', 'inherit', 'inherit', device],
})
if (mount.status !== 0) process.exit(1)
process.send?.('done')
// Ends with ENODEV when the directory is unmounted.
await serve().catch(() => process.exit())
