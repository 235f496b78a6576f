import { z } from 'zod'
import { method, type Methods } from './method.ts'
import { None, Nothing, Time } from './params.ts'

/** A server whose backup lies on a disk or share. */
export const StartOsRecoveryInfo = z.object({
  hostname: z.string(),
  version: z.string(),
  timestamp: Time,
  passwordHash: z.string().nullable(),
  wrappedKey: z.string().nullable(),
})
export type StartOsRecoveryInfo = z.infer<typeof StartOsRecoveryInfo>
/** By server id. */
export const RecoveryInfos = z.record(z.string(), StartOsRecoveryInfo)
/** A backup of the older format; bytes. */
export const LegacyBackup = z.object({ size: z.number(), available: z.number() }).nullable()

/** Sizes are bytes (rpc-methods.md §5.5). */
export const PartitionInfo = z.object({
  logicalname: z.string(),
  label: z.string().nullable(),
  capacity: z.number(),
  used: z.number().nullable(),
  startOs: RecoveryInfos,
  legacyBackup: LegacyBackup,
  guid: z.string().nullable(),
  filesystem: z.string().nullable(),
})
export type PartitionInfo = z.infer<typeof PartitionInfo>
export const DiskInfo = z.object({
  logicalname: z.string(),
  partitionTable: z.enum(['mbr', 'gpt']).nullable(),
  vendor: z.string().nullable(),
  model: z.string().nullable(),
  partitions: z.array(PartitionInfo),
  capacity: z.number(),
  guid: z.string().nullable(),
  filesystem: z.string().nullable(),
})
export type DiskInfo = z.infer<typeof DiskInfo>

/** Columns of the table of disks. */
export const DISK_TABLE = ['logicalname', 'vendor', 'model', 'capacity', 'filesystem'] as const

/** rpc-methods.md §3.7. */
export const diskMethods = {
  'disk.list': method(
    'Show the disks of this machine that its system does not use',
    None,
    z.array(DiskInfo),
    {
      cli: {
        positional: [],
        table: DISK_TABLE,
        units: { capacity: 'bytes' },
        examples: ['start-cli disk list'],
      },
    },
  ),
  'disk.repair': method('Check and repair the data disk at the next start', None, Nothing, {
    mark: 'HW',
    contexts: ['running', 'init', 'diagnostic', 'setup'],
    cli: { positional: [], examples: ['start-cli disk repair'] },
  }),
} as const satisfies Methods
