import { z } from 'zod'
import { ActionId, Guid, PackageId, ReplayId } from '../ids.ts'
import { ActionInput, ActionResultV1 } from '../service-schemas.ts'
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
  Url,
} from './params.ts'

const id = PackageId.describe('Id of the service, from “package list”')
const byId = z.object({ id })
const version = z.string().max(1024)
const acceptSigner = maybe(z.string().max(256)).describe(
  'Fingerprint of the new key, where an update is signed by another one than before',
)
const force = orElse(z.boolean(), false)

export const PackageStatus = z.enum(['installed', 'installing', 'updating', 'restoring', 'removing', 'error'])
export const PackageListEntry = z.object({ status: PackageStatus, id: z.string(), version })
export type PackageListEntry = z.infer<typeof PackageListEntry>

/** MiB; the keys are snake_case on the wire. */
export const PackageStats = z.record(
  z.string(),
  z
    .object({
      container_id: z.string(),
      memory_usage: z.number(),
      memory_limit: z.number(),
      cpu_seconds: z.number(),
      processes: z.number(),
      disk_read: z.number(),
      disk_written: z.number(),
    })
    .nullable(),
)
export type PackageStats = z.infer<typeof PackageStats>

/** rpc-methods.md §3.3. */
export const packageMethods = {
  'package.list': method('Show the installed services', None, z.array(PackageListEntry), {
    cli: { positional: [], custom: true, examples: ['start-cli package list'] },
  }),
  'package.installed-version': method(
    'Show which version of a service is installed',
    byId,
    version.nullable(),
    {
      cli: { positional: ['id'], examples: ['start-cli package installed-version hello-world'] },
    },
  ),
  'package.install': method(
    'Install a service from a package file, here or on the web',
    z.object({ registry: Url, id: PackageId, version }),
    Nothing,
    {
      sync: true,
      cli: {
        positional: ['id'],
        custom: true,
        examples: [
          'start-cli package install ./hello-world.s9pk',
          'start-cli package install https://example.com/hello-world.s9pk',
          'start-cli package install -s ./hello-world.s9pk',
        ],
      },
    },
  ),
  'package.sideload': method(
    'Open a place to upload a package file to',
    z.object({ acceptSigner }),
    z.object({ upload: Guid, progress: Guid }),
    {
      getSession: true,
    },
  ),
  'package.install-url': method(
    'Install a service from a package file on the web; answers when the package is known to fit',
    z.object({
      urls: z.array(Url).min(1).max(32).describe('Addresses of the same file, best first'),
      acceptSigner,
    }),
    z.object({ id: z.string(), progress: Guid }),
    {
      sync: true,
      getSession: true,
    },
  ),
  'package.cancel-install': method('Stop an install that is under way', byId, Nothing, {
    cli: { positional: ['id'], examples: ['start-cli package cancel-install hello-world'] },
  }),
  'package.uninstall': method(
    'Remove a service and its data',
    z.object({
      id,
      soft: force.describe('Keep its data'),
      force: force.describe('Go on when its own clean-up fails'),
    }),
    Nothing,
    {
      sync: true,
      cli: {
        positional: ['id'],
        examples: [
          'start-cli package uninstall hello-world',
          'start-cli package uninstall hello-world --soft',
        ],
      },
    },
  ),
  'package.start': method(
    'Start a service',
    z.object({ id, force: force.describe('Even while a required task is open') }),
    Nothing,
    { sync: true, cli: { positional: ['id'], examples: ['start-cli package start hello-world'] } },
  ),
  'package.stop': method('Stop a service', byId, Nothing, {
    sync: true,
    cli: { positional: ['id'], examples: ['start-cli package stop hello-world'] },
  }),
  'package.restart': method('Stop a service and start it again', byId, Nothing, {
    sync: true,
    cli: { positional: ['id'], examples: ['start-cli package restart hello-world'] },
  }),
  'package.rebuild': method('Make a service’s container anew; its data stays', byId, Nothing, {
    sync: true,
    cli: { positional: ['id'], examples: ['start-cli package rebuild hello-world'] },
  }),
  'package.refetch': method(
    'Download and install the same package once more, when its stored file is damaged',
    byId,
    z.object({ id: z.string(), progress: Guid }),
    {
      getSession: true,
      cli: { positional: ['id'], custom: true, examples: ['start-cli package refetch hello-world'] },
    },
  ),
  'package.signer': method(
    'Show the fingerprint of the key that a service’s packages are signed by',
    byId,
    z.string().nullable(),
    { cli: { positional: ['id'], examples: ['start-cli package signer hello-world'] } },
  ),
  'package.verify': method(
    'Check that the stored package file of a service is what its author has signed',
    byId,
    z.object({ checkedAt: z.string(), s9pk: z.string(), damage: z.string().nullable() }),
    { cli: { positional: ['id'], custom: true, examples: ['start-cli package verify hello-world'] } },
  ),
  'package.stats': method('Show what services use of the machine', None, PackageStats, {
    cli: {
      positional: [],
      table: [
        'id',
        'container_id',
        'memory_usage',
        'memory_limit',
        'cpu_seconds',
        'processes',
        'disk_read',
        'disk_written',
      ],
      units: {
        memory_usage: 'MiB',
        memory_limit: 'MiB',
        cpu_seconds: 's',
        disk_read: 'MiB',
        disk_written: 'MiB',
      },
      examples: ['start-cli package stats'],
    },
  }),
  'package.logs': method('Show what a service has logged', LogsParams.extend({ id }), LogResponse, {
    cli: {
      positional: ['id'],
      custom: true,
      examples: ['start-cli package logs hello-world', 'start-cli package logs hello-world -f'],
    },
  }),
  'package.logs.follow': method(
    'Watch what a service logs',
    LogsFollowParams.extend({ id }),
    LogFollowResponse,
    {
      getSession: true,
    },
  ),
  'package.action.get-input': method(
    'Show the form of an action and what is filled in',
    z.object({
      packageId: id,
      actionId: ActionId.describe('Id of the action'),
      prefill: maybe(z.record(z.string(), z.unknown())).describe('JSON object with values to start from'),
    }),
    ActionInput.nullable(),
    {
      cli: {
        positional: ['packageId', 'actionId'],
        examples: ['start-cli package action get-input hello-world set-greeting'],
      },
    },
  ),
  'package.action.run': method(
    'Run an action of a service',
    z.object({
      packageId: id,
      actionId: ActionId.describe('Id of the action'),
      eventId: maybe(z.string().max(256)).describe('From “get-input”; asked for by itself when missing'),
      input: maybe(z.unknown()).describe(
        'JSON object with the answers to the action’s form; else read from standard input',
      ),
    }),
    ActionResultV1.nullable(),
    {
      cli: {
        positional: ['packageId', 'actionId'],
        custom: true,
        examples: [
          'start-cli package action run syncthing show-credentials',
          'start-cli package action run hello-world set-greeting --input \'{"greeting":"Hi"}\'',
        ],
      },
    },
  ),
  'package.action.clear-task': method(
    'Dismiss a task',
    z.object({
      packageId: id,
      replayId: ReplayId.describe('Id of the task'),
      force: force.describe('Even if it is required'),
    }),
    Nothing,
    {
      cli: {
        positional: ['packageId', 'replayId'],
        examples: ['start-cli package action clear-task hello-world set-greeting'],
      },
    },
  ),
} as const satisfies Methods
