import { z } from 'zod'
import { Guid } from '../ids.ts'
import { method, type Methods } from './method.ts'
import { None, Time } from './params.ts'

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

/** rpc-methods.md §3.2: what the machine is and does. */
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
} as const satisfies Methods
