import { z } from 'zod'
import { CifsShare } from './backup.ts'
import { DISK_TABLE, DiskInfo, RecoveryInfos } from './disk.ts'
import { method, type Methods } from './method.ts'
import {
  LogFollowResponse,
  LogResponse,
  LogsFollowParams,
  LogsParams,
  maybe,
  None,
  Nothing,
  orElse,
  Password,
  password,
  ProgressStream,
  PublicJwk,
} from './params.ts'
import { KeyboardOptions, Language } from './server-settings.ts'

const setup = { auth: 'setup', contexts: ['setup'] } as const
const guid = z.string().max(256).describe('Data disk')
const kiosk = orElse(z.boolean(), false).describe('Show the interface on a screen of this machine')

export const SetupResult = z.object({ hostname: z.string(), rootCa: z.string(), needsRestart: z.boolean() })
export type SetupResult = z.infer<typeof SetupResult>
/** What the server knows of its disks before the set-up. */
export const SetupInfo = z.object({
  guid: z.string().nullable(),
  attach: z.boolean(),
  mokEnrolled: z.boolean(),
  osDrive: z.string().nullable(),
})
export const SetupStatus = z.union([
  z.object({ status: z.literal('needs-install') }),
  SetupInfo.extend({ status: z.literal('incomplete') }),
  ProgressStream.extend({ status: z.literal('running') }),
  SetupResult.extend({ status: z.literal('complete') }),
])
export type SetupStatus = z.infer<typeof SetupStatus>

/** Where a new server takes its state from. */
export const RecoverySource = z.discriminatedUnion('type', [
  z.object({ type: z.literal('migrate'), guid: z.string().max(256) }),
  z.object({
    type: z.literal('backup'),
    target: z.discriminatedUnion('type', [
      z.object({ type: z.literal('disk'), logicalname: z.string().max(4096) }),
      z.object({ type: z.literal('cifs'), ...CifsShare, password: maybe(z.string().max(1024)) }),
    ]),
    password: Password,
    serverId: z.string().max(256),
  }),
])
export type RecoverySource = z.infer<typeof RecoverySource>

/** rpc-methods.md §3.12; the plain first boot, where the data directory is the disk. */
export const setupMethods = {
  'setup.status': method('Show how far the set-up is', None, SetupStatus, {
    ...setup,
    cli: { positional: [], examples: ['start-cli setup status'] },
  }),
  'setup.execute': method(
    'Set the server up: choose its password and name',
    z.object({
      password: Password.nullish(),
      name: maybe(z.string().max(256)).describe('Name for people, such as “Attic Server”'),
      hostname: maybe(z.string().max(256)).describe('Name on the network: a-z, 0-9 and dashes'),
      guid: maybe(guid),
      kiosk,
      recoverySource: maybe(RecoverySource).describe('Backup or disk to start from'),
    }),
    ProgressStream,
    {
      ...setup,
      cli: {
        positional: [],
        custom: true,
        examples: [
          'start-cli setup execute --name "Attic Server"',
          'PASSWORD=… start-cli setup execute --name "Attic Server"',
        ],
      },
    },
  ),
  'setup.complete': method('Show the result of the set-up', None, SetupResult, {
    ...setup,
    cli: { positional: [], examples: ['start-cli setup complete'] },
  }),
  'setup.exit': method('Leave the set-up and run the server', None, Nothing, {
    ...setup,
    cli: { positional: [], examples: ['start-cli setup exit'] },
  }),
  'setup.set-language': method(
    'Choose the new server’s language',
    z.object({ language: Language }),
    Nothing,
    { ...setup, cli: { positional: ['language'], examples: ['start-cli setup set-language de_DE'] } },
  ),
  'setup.set-keyboard': method('Choose the layout of a keyboard at this machine', KeyboardOptions, Nothing, {
    ...setup,
    mark: 'HW',
    cli: { positional: ['layout'], examples: ['start-cli setup set-keyboard de'] },
  }),
  'setup.disk.list': method('Show the disks that could be used', None, z.array(DiskInfo), {
    ...setup,
    cli: {
      positional: [],
      table: DISK_TABLE,
      units: { capacity: 'bytes' },
      examples: ['start-cli setup disk list'],
    },
  }),
  'setup.install-os': method(
    'Install the server on the disks of this machine',
    z.object({
      osDrive: maybe(z.string().max(4096)).describe('Disk for the system'),
      dataDrive: maybe(z.object({ logicalname: z.string().max(4096), wipe: z.boolean() })).describe(
        'Disk for the data, and whether it is emptied, as JSON',
      ),
    }),
    SetupInfo,
    {
      ...setup,
      mark: 'HW',
      cli: { positional: ['osDrive?'], examples: ['start-cli setup install-os /dev/sda'] },
    },
  ),
  'setup.attach': method(
    'Set the server up from a disk that already holds one',
    z.object({ password: maybe(password('New password; the old one stays unless given')), guid, kiosk }),
    ProgressStream,
    {
      ...setup,
      mark: 'HW',
      cli: { positional: [], examples: ['start-cli setup attach --guid STARTOS_ABCDEFGHIJKLMNOP'] },
    },
  ),
  'setup.cifs.verify': method(
    'Show the backups on a shared folder of another machine',
    z.object({ ...CifsShare, password: maybe(password('Password of the share')) }),
    RecoveryInfos,
    setup,
  ),
  'setup.get-pubkey': method('Get the key that secrets can be wrapped with', None, PublicJwk, {
    ...setup,
    cli: { positional: [], examples: ['start-cli setup get-pubkey'] },
  }),
  'setup.restart': method('Start this machine again', None, Nothing, {
    ...setup,
    mark: 'HW',
    cli: { positional: [], examples: ['start-cli setup restart'] },
  }),
  'setup.shutdown': method('Switch this machine off', None, Nothing, {
    ...setup,
    mark: 'HW',
    cli: { positional: [], examples: ['start-cli setup shutdown'] },
  }),
  'setup.logs': method('Show what the new server has logged', LogsParams, LogResponse, {
    ...setup,
    cli: { positional: [], custom: true, examples: ['start-cli setup logs'] },
  }),
  'setup.logs.follow': method('Watch what the new server logs', LogsFollowParams, LogFollowResponse, setup),
} as const satisfies Methods
