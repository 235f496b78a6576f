import { z } from 'zod'
import { method, type Methods } from './method.ts'
import { None, Time } from './params.ts'

/** A part of the machine that packages may ask for. */
export const LshwDevice = z.union([
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
export type LshwDevice = z.infer<typeof LshwDevice>

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
} as const satisfies Methods
