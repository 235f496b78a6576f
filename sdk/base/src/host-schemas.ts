import { z } from 'zod'
import { HostId, Port, ServiceInterfaceId } from './ids.ts'

const text = z.string().max(4096)
const orNull = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null)

const ProxyAuth = z.union([
  z.object({ type: z.literal('bearer'), tokens: z.array(text).max(100), realm: orNull(text) }),
  z.object({
    type: z.literal('basic'),
    credentials: z.array(z.object({ username: text, password: text })).max(100),
    realm: orNull(text),
  }),
])

/** TLS that the server adds in front of a plain port (effects.md §11.1). */
export const AddSslOptions = z.object({
  preferredExternalPort: Port,
  addXForwardedHeaders: z
    .boolean()
    .nullish()
    .transform((on) => on ?? false),
  alpn: orNull(
    z.union([
      z.literal('reflect'),
      z.object({ specified: z.array(z.union([text, z.array(z.int().min(0).max(255))])).max(32) }),
    ]),
  ),
  upstreamCertValidation: orNull(
    z.union([z.literal('disable'), z.object({ certificate: z.string().max(65536) })]),
  ),
  auth: orNull(ProxyAuth),
})
export type AddSslOptions = z.infer<typeof AddSslOptions>

/** How a person or program reaches one port of a service. */
export const ServiceInterface = z.object({
  id: ServiceInterfaceId,
  name: text,
  description: z.string().max(65536),
  masked: z.boolean(),
  type: z.enum(['ui', 'p2p', 'api']),
  addressInfo: z.object({
    username: orNull(text),
    hostId: HostId,
    internalPort: Port,
    scheme: orNull(text),
    sslScheme: orNull(text),
    suffix: text,
  }),
})
export type ServiceInterface = z.infer<typeof ServiceInterface>

export type HostnameMetadata =
  | { kind: 'ipv4'; gateway: string }
  | { kind: 'ipv6'; gateway: string; scopeId: number }
  | { kind: 'mdns'; gateways: string[] }
  | { kind: 'private-domain'; gateways: string[] }
  | { kind: 'public-domain'; gateway: string }
  | {
      kind: 'plugin'
      packageId: string
      removeAction: string | null
      overflowActions: string[]
      info: unknown
    }

/** One name or address under which a binding answers (db-model.md §4). */
export interface HostnameInfo {
  ssl: boolean
  public: boolean
  hostname: string
  port: number | null
  metadata: HostnameMetadata
}
