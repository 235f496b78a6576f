import { z } from 'zod'
import { method, type Methods } from './method.ts'
import { maybe, Url } from './params.ts'

/** The three calls of the marketplace pages (rpc-methods.md §3.13, §5.6). */
export const registryMethods = {
  'registry.info': method(
    'Ask a registry who it is',
    z.object({ registry: Url }),
    z.object({
      name: z.string().nullable(),
      icon: z.string().nullable(),
      categories: z.record(z.string(), z.unknown()),
    }),
  ),
  'registry.package.get': method(
    'Ask a registry for packages',
    z.object({
      registry: Url,
      id: maybe(z.string().max(256)),
      targetVersion: maybe(z.string().max(4096)),
      sourceVersion: maybe(z.string().max(1024)),
      otherVersions: maybe(z.enum(['none', 'short', 'full'])),
    }),
    z.record(z.string(), z.unknown()),
  ),
  'registry.os.version.get': method(
    'Ask a registry for newer versions of the server itself',
    z.object({
      registry: Url,
      sourceVersion: maybe(z.string().max(256)),
      targetVersion: maybe(z.string().max(4096)),
      serverId: maybe(z.string().max(256)),
      platform: maybe(z.string().max(256)),
    }),
    z.record(z.string(), z.unknown()),
  ),
} as const satisfies Methods
