import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'
import { Digest } from './digest.ts'

/** The documents of OCI image-spec 1.1 and of Docker's manifest version 2 schema 2, as far as they are used. */

/** Programs in Go write `null` for what is not there. */
const orAbsent = <T extends z.ZodType>(schema: T) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional()
const orEmpty = <T extends z.ZodType>(schema: T) =>
  z
    .array(schema)
    .nullish()
    .transform((value) => value ?? [])

const Platform = z.object({
  os: z.string().default(''),
  architecture: z.string().default(''),
  variant: z.string().optional(),
})
export type Platform = z.infer<typeof Platform>

export const Descriptor = z.object({
  mediaType: z.string().default(''),
  digest: Digest,
  size: z.int().min(0),
  platform: orAbsent(Platform),
  annotations: orAbsent(z.record(z.string(), z.string())),
})
export type Descriptor = z.infer<typeof Descriptor>

export const ImageIndex = z.object({ manifests: z.array(Descriptor).max(10_000) })
export type ImageIndex = z.infer<typeof ImageIndex>

export const ImageManifest = z.object({ config: Descriptor, layers: orEmpty(Descriptor) })
export type ImageManifest = z.infer<typeof ImageManifest>

const strings = z.array(z.string())
const keys = z.record(z.string(), z.unknown()).nullish()

/** What an image says of how it is run. */
const RunConfig = z.object({
  User: z.string().nullish(),
  Env: strings.nullish(),
  Entrypoint: strings.nullish(),
  Cmd: strings.nullish(),
  WorkingDir: z.string().nullish(),
  ExposedPorts: keys,
  Volumes: keys,
  Labels: z.record(z.string(), z.string()).nullish(),
})

export const ImageConfiguration = z.object({
  os: z.string().default(''),
  architecture: z.string().default(''),
  variant: z.string().optional(),
  config: RunConfig.nullish(),
  rootfs: z.object({ diff_ids: orEmpty(Digest) }),
})
export type ImageConfiguration = z.infer<typeof ImageConfiguration>

/** What a service's container needs to know of an image (s9pk.md §7.4), and what its author may like to know. */
export interface ImageDefaults {
  workdir: string
  user: string
  entrypoint: string[] | null
  cmd: string[] | null
  /** `NAME=value`. */
  env: string[]
  /** As images write them: `80/tcp`. */
  exposedPorts: string[]
  /** Directories that the image's makers mean to be kept. */
  volumes: string[]
  labels: Record<string, string>
}

export function defaultsOf({ config }: ImageConfiguration): ImageDefaults {
  return {
    workdir: config?.WorkingDir || '/',
    user: config?.User || 'root',
    entrypoint: config?.Entrypoint ?? null,
    cmd: config?.Cmd ?? null,
    env: config?.Env ?? [],
    exposedPorts: Object.keys(config?.ExposedPorts ?? {}).sort(),
    volumes: Object.keys(config?.Volumes ?? {}).sort(),
    labels: config?.Labels ?? {},
  }
}

export function parseDocument<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString())
  } catch (cause) {
    throw new CodedError('Deserialization', `${what} is not JSON`, { cause })
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new CodedError('Deserialization', `${what} is not valid (${problems.join('; ')})`)
}
