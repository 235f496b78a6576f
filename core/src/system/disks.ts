import { readFile, statfs } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import type { DiskInfo, PartitionInfo } from '@startd/base/rpc/disk.ts'
import { execa } from 'execa'
import { z } from 'zod'

const COLUMNS = 'NAME,PATH,TYPE,SIZE,RO,LABEL,FSTYPE,PTTYPE,VENDOR,MODEL,MOUNTPOINTS'
/** How long a disk may take to answer before it is listed without, in ms. */
const PATIENCE = 10_000
/** Where the system of this machine lies; what it needs is not offered (system.md §8). */
const SYSTEM = /^\/(boot(\/.*)?|usr|var|home|\[SWAP\])?$|^\[SWAP\]$/
/** Read-only packings, in which no data can be kept. */
const PACKINGS = ['squashfs', 'erofs', 'iso9660', 'udf']

interface Device {
  name: string
  path: string
  type: string
  size: number
  ro: boolean
  label: string | null
  fstype: string | null
  pttype: string | null
  vendor: string | null
  model: string | null
  mountpoints: (string | null)[]
  children?: Device[] | undefined
}

const text = z.string().nullable().default(null)
const Device: z.ZodType<Device> = z.lazy(() =>
  z.object({
    name: z.string(),
    path: z.string(),
    type: z.string(),
    size: z
      .number()
      .nullable()
      .transform((size) => size ?? 0),
    ro: z.boolean(),
    label: text,
    fstype: text,
    pttype: text,
    vendor: text,
    model: text,
    mountpoints: z.array(z.string().nullable()).default([]),
    children: z.array(Device).optional(),
  }),
)
const Listing = z.object({ blockdevices: z.array(Device) })

/**
 * The disks that could hold something of the owner's, real and virtual ones. Of the disk with the system only what the
 * system does not use is listed, each part as a disk of its own; loop devices only when they can be written. What a
 * disk does not tell is null. Throws BlockDevice.
 */
export function listDisks(): Promise<DiskInfo[]> {
  listing ??= list().finally(() => (listing = null))
  return listing
}

/** The listing under way, which all who ask meanwhile share: before the set-up everybody may. */
let listing: Promise<DiskInfo[]> | null = null

async function list(): Promise<DiskInfo[]> {
  const devices = await readDevices()
  const found = await Promise.all(devices.map((device) => infosOf(device)))
  return found.flat()
}

async function readDevices(): Promise<Device[]> {
  const args = ['--json', '--bytes', '--output', COLUMNS]
  const { failed, stdout, stderr } = await execa('lsblk', args, {
    reject: false,
    stdin: 'ignore',
    timeout: PATIENCE,
  })
  if (failed)
    throw new CodedError('BlockDevice', 'The disks of this machine could not be listed', {
      cause: new Error(stderr),
    })
  const { blockdevices } = Listing.parse(JSON.parse(stdout))
  await fillIn(blockdevices)
  const own = await Promise.all(blockdevices.map((device) => isStorage(device)))
  return blockdevices.filter((_, index) => own[index])
}

/** What lsblk does not know where no device manager has looked at the disks: then the disks themselves are asked. */
async function fillIn(devices: readonly Device[]): Promise<void> {
  const all = devices.flatMap((device) => [device, ...(device.children ?? [])])
  const unknown = all.filter(({ fstype, pttype, size }) => fstype === null && pttype === null && size > 0)
  await Promise.all(
    unknown.map(async (device) => {
      const args = ['--probe', '--output', 'export', device.path]
      const { stdout } = await execa('blkid', args, { reject: false, stdin: 'ignore', timeout: PATIENCE })
      const rows = stdout
        .split('\n')
        .map((row) => [row.split('=', 1)[0], row.slice(row.indexOf('=') + 1)] as const)
      const found = new Map(rows)
      device.fstype = found.get('TYPE') ?? null
      device.label = found.get('LABEL') ?? null
      device.pttype = found.get('PTTYPE') ?? null
    }),
  )
}

async function isStorage({ name, type, size, ro, fstype }: Device): Promise<boolean> {
  if (size === 0 || ro || PACKINGS.includes(fstype ?? '') || /^(zram|ram|fd|nbd)\d/.test(name)) return false
  if (type === 'disk') return true
  if (type !== 'loop') return false
  const backing = await readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => '')
  return backing.trim() !== '' && !/\.(squashfs|snap|s9pk)( \(deleted\))?$/.test(backing.trim())
}

async function infosOf(device: Device): Promise<DiskInfo[]> {
  const { vendor, model, pttype } = device
  const parts = (device.children ?? []).filter(({ type }) => type === 'part')
  const named = { vendor: trimmed(vendor), model: trimmed(model) }
  if (isOfSystem(device)) {
    const free = parts.filter((part) => !isOfSystem(part) && !isPlumbing(part))
    return Promise.all(
      free.map(async (part) => ({
        ...named,
        logicalname: part.path,
        partitionTable: null,
        capacity: part.size,
        guid: guidOf(part),
        filesystem: part.fstype,
        partitions: [await partitionOf(part)],
      })),
    )
  }
  // A disk may hold a file system, or a group of volumes, without partitions.
  const guid = guidOf(device)
  const whole = parts.length === 0 && device.fstype !== null && guid === null ? [device] : parts
  const partitions = guid === null ? await Promise.all(whole.map(partitionOf)) : []
  const partitionTable = pttype === 'gpt' ? 'gpt' : pttype === 'dos' ? 'mbr' : null
  return [
    {
      ...named,
      logicalname: device.path,
      partitionTable,
      capacity: device.size,
      guid,
      filesystem: device.fstype,
      partitions,
    },
  ]
}

/** Backups on it are told by those who read backups. */
async function partitionOf(part: Device): Promise<PartitionInfo> {
  return {
    logicalname: part.path,
    label: part.label,
    capacity: part.size,
    used: await usedOf(part),
    startOs: {},
    legacyBackup: null,
    guid: guidOf(part),
    filesystem: part.fstype,
  }
}

/** Known without mounting only where it is mounted already. A lost network disk may never answer. */
async function usedOf({ mountpoints }: Device): Promise<number | null> {
  const place = mountpoints.find((path) => path?.startsWith('/'))
  if (place === undefined || place === null) return null
  const late = Promise.withResolvers<null>()
  const timer = setTimeout(() => late.resolve(null), PATIENCE)
  try {
    const found = await Promise.race([statfs(place), late.promise])
    return found && (found.blocks - found.bfree) * found.bsize
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}

/** The group of volumes of a server's data disk, which is its name (system.md §4.4). */
function guidOf({ children = [] }: Device): string | null {
  const volume = children.find(({ type }) => type === 'lvm')
  return /^((?:STARTOS|EMBASSY)_[A-Z2-7]+(?:_UNENC)?)-/.exec(volume?.name ?? '')?.[1] ?? null
}

function isOfSystem({ mountpoints, children = [] }: Device): boolean {
  return mountpoints.some((path) => path !== null && SYSTEM.test(path)) || children.some(isOfSystem)
}

/** Where firmware looks for a boot loader: nothing of the owner's goes there. */
const isPlumbing = ({ fstype, size }: Device) => fstype === null && size < 16 * 1024 * 1024

const trimmed = (value: string | null) => value?.trim() || null
