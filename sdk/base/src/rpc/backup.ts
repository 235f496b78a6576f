import { z } from 'zod'
import { PackageId } from '../ids.ts'
import { LegacyBackup, PartitionInfo, RecoveryInfos } from './disk.ts'
import { method, type Methods } from './method.ts'
import { maybe, None, Nothing, password, secret, Time } from './params.ts'

/** `disk-<device path>` or `cifs-<number>`; another text is InvalidBackupTargetId and not a wrong parameter. */
export const BackupTargetId = z.string().max(4096)
const targetId = BackupTargetId.describe('From “backup target list”')
const id = targetId
const serverId = z.string().max(256).describe('Server that was backed up, from “backup target list”')
const ids = z.array(PackageId).max(10_000)

export const CifsShare = {
  hostname: z.string().min(1).max(253).describe('Name or address of the machine with the share'),
  path: z.string().max(4096).describe('Share and folder'),
  username: z.string().max(1024),
}

export const BackupTarget = z.discriminatedUnion('type', [
  PartitionInfo.extend({
    type: z.literal('disk'),
    vendor: z.string().nullable(),
    model: z.string().nullable(),
  }),
  z.object({
    type: z.literal('cifs'),
    hostname: z.string(),
    path: z.string(),
    username: z.string(),
    mountable: z.boolean(),
    startOs: RecoveryInfos,
    legacyBackup: LegacyBackup,
  }),
])
export type BackupTarget = z.infer<typeof BackupTarget>
const BackupTargets = z.record(z.string(), BackupTarget)

/** What a backup holds. */
export const BackupInfo = z.object({
  version: z.string(),
  timestamp: Time.nullable(),
  packageBackups: z.record(
    z.string(),
    z.object({ title: z.string(), version: z.string(), osVersion: z.string(), timestamp: Time }),
  ),
})
export type BackupInfo = z.infer<typeof BackupInfo>

/** rpc-methods.md §3.9, and the restore of §3.3. */
export const backupMethods = {
  'backup.create': method(
    'Back up services and the server itself',
    z.object({
      targetId,
      oldPassword: maybe(password('Password that the backup there was made with, if it was another')),
      packageIds: maybe(ids).describe('Only these services; all unless given'),
      password: password('The server’s password'),
    }),
    Nothing,
    {
      cli: {
        positional: ['targetId'],
        examples: ['start-cli backup create disk-/dev/sdb1'],
      },
    },
  ),
  'backup.target.list': method('Show where backups can be kept', None, BackupTargets, {
    cli: { positional: [], examples: ['start-cli backup target list'] },
  }),
  'backup.target.info': method(
    'Show what a backup holds',
    z.object({ targetId, serverId, password: secret('Password that the backup was made with') }),
    BackupInfo,
    {
      cli: {
        positional: ['targetId', 'serverId'],
        table: ['version', 'timestamp', 'packageBackups'],
        examples: ['start-cli backup target info disk-/dev/sdb1 7e3f1c2a-9b7d-4c11-8f36-0d5f1c7b2a90'],
      },
    },
  ),
  'backup.target.mount': method(
    'Open a backup to look into it; tells where it is found',
    z.object({
      targetId,
      serverId: maybe(serverId),
      password: secret('Password that the backup was made with'),
      allowPartial: z.boolean().describe('Keep the target open even if the backup cannot be read'),
    }),
    z.string(),
    {
      mark: 'LATER',
      cli: {
        positional: ['targetId'],
        examples: ['start-cli backup target mount disk-/dev/sdb1'],
      },
    },
  ),
  'backup.target.umount': method(
    'Close backups that were opened to look into them',
    z.object({ targetId: maybe(BackupTargetId).describe('Only this one; all unless given') }),
    Nothing,
    {
      mark: 'LATER',
      cli: { positional: ['targetId?'], examples: ['start-cli backup target umount'] },
    },
  ),
  'backup.target.delete-legacy': method(
    'Delete a backup of the older format',
    z.object({ targetId }),
    Nothing,
    {
      cli: {
        positional: ['targetId'],
        examples: ['start-cli backup target delete-legacy disk-/dev/sdb1'],
      },
    },
  ),
  'backup.target.cifs.add': method(
    'Keep backups on a shared folder of another machine',
    z.object({ ...CifsShare, password: maybe(secret('Password of the share')) }),
    BackupTargets,
    {
      cli: {
        positional: ['hostname', 'path', 'username'],
        examples: ['start-cli backup target cifs add nas.home.arpa backups attic'],
      },
    },
  ),
  'backup.target.cifs.update': method(
    'Change how a shared folder is reached',
    z.object({ id, ...CifsShare, password: maybe(secret('Password of the share')) }),
    BackupTargets,
    {
      cli: {
        positional: ['id', 'hostname', 'path', 'username'],
        examples: ['start-cli backup target cifs update cifs-1 nas.home.arpa backups attic'],
      },
    },
  ),
  'backup.target.cifs.remove': method(
    'No longer keep backups on a shared folder; what is there stays',
    z.object({ id }),
    Nothing,
    { cli: { positional: ['id'], examples: ['start-cli backup target cifs remove cifs-1'] } },
  ),
  'package.backup.restore': method(
    'Bring services back from a backup',
    z.object({
      targetId,
      password: secret('Password that the backup was made with'),
      ids: ids.describe('Services to bring back'),
      serverId: maybe(serverId),
    }),
    Nothing,
    {
      cli: {
        positional: ['targetId', 'ids…'],
        examples: ['start-cli package backup restore disk-/dev/sdb1 hello-world'],
      },
    },
  ),
} as const satisfies Methods
