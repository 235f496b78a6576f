import { z } from 'zod'
import { Guid } from '../ids.ts'
import { method, type Methods } from './method.ts'
import {
  LogFollowResponse,
  LogResponse,
  LogsFollowParams,
  LogsParams,
  maybe,
  None,
  Nothing,
  Time,
} from './params.ts'

/** A measured value; `value` is decimal text. */
const Leaf = z.object({ value: z.string(), unit: z.enum(['°C', '%', 'MiB', 'GB']) })
export type Leaf = z.infer<typeof Leaf>

/** rpc-methods.md §5.1. */
export const Metrics = z.object({
  general: z.object({ temperature: Leaf.nullable() }),
  memory: z.object({
    percentageUsed: Leaf,
    total: Leaf,
    available: Leaf,
    used: Leaf,
    zramTotal: Leaf,
    zramAvailable: Leaf,
    zramUsed: Leaf,
  }),
  cpu: z.object({ percentageUsed: Leaf, idle: Leaf, userSpace: Leaf, kernelSpace: Leaf, wait: Leaf }),
  disk: z.object({ percentageUsed: Leaf, used: Leaf, available: Leaf, capacity: Leaf }),
})
export type Metrics = z.infer<typeof Metrics>

const LshwDevice = z.union([
  z.object({
    class: z.literal('processor'),
    product: z.string().nullable(),
    vendor: z.string().nullable(),
    capabilities: z.array(z.string()),
  }),
  z.object({
    class: z.literal('display'),
    product: z.string().nullable(),
    vendor: z.string().nullable(),
    capabilities: z.array(z.string()),
    driver: z.string().nullable(),
  }),
])
export const DeviceInfo = z.object({
  os: z.object({
    version: z.string(),
    compat: z.string(),
    platform: z.string(),
    language: z.string().nullable(),
  }),
  hardware: z
    .object({ arch: z.string(), ram: z.number(), devices: z.array(LshwDevice).nullable() })
    .nullable(),
})
export type DeviceInfo = z.infer<typeof DeviceInfo>

/** rpc-methods.md §3.2. */
export const serverMethods = {
  'server.time': method('Show the server’s clock', None, z.object({ now: Time, uptime: z.number() }), {
    cli: { positional: [], table: ['now', 'uptime'], examples: ['start-cli server time'] },
  }),
  'server.device-info': method('Describe this machine', None, DeviceInfo, {
    cli: { positional: [], table: ['os', 'hardware'], examples: ['start-cli server device-info'] },
  }),
  'server.metrics': method('Show load, memory, disk and temperature', None, Metrics, {
    cli: { positional: [], examples: ['start-cli server metrics', 'start-cli server metrics --format yaml'] },
  }),
  'server.metrics.follow': method(
    'Watch load, memory, disk and temperature',
    None,
    z.object({ guid: Guid, metrics: Metrics }),
    {
      getSession: true,
    },
  ),
  'server.set-hostname': method(
    'Give the server another name',
    z.object({
      name: maybe(z.string().max(256)).describe('Name for people, such as “Attic Server”'),
      hostname: maybe(z.string().max(256)).describe('Name on the network: a-z, 0-9 and dashes'),
    }),
    Nothing,
    {
      cli: {
        positional: ['name?', 'hostname?'],
        examples: ['start-cli server set-hostname "Attic Server"', 'start-cli server set-hostname "" attic'],
      },
    },
  ),
  'server.set-language': method(
    'Choose the server’s language',
    z.object({ language: z.enum(['en_US', 'de_DE', 'es_ES', 'fr_FR', 'pl_PL']) }),
    Nothing,
    { cli: { positional: ['language'], examples: ['start-cli server set-language de_DE'] } },
  ),
  'server.logs': method('Show what the server has logged', LogsParams, LogResponse, {
    cli: {
      positional: [],
      custom: true,
      examples: ['start-cli server logs', 'start-cli server logs --limit 200', 'start-cli server logs -f'],
    },
  }),
  'server.logs.follow': method('Watch what the server logs', LogsFollowParams, LogFollowResponse, {
    getSession: true,
  }),
} as const satisfies Methods
