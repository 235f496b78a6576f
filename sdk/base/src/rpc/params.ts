import { z } from 'zod'
import { Guid } from '../ids.ts'
import { FullProgress } from '../progress.ts'

/** No parameters; unknown keys are ignored, as everywhere. */
export const None = z.object({})
/** The answer of a method that has nothing to say. */
export const Nothing = z.null()

/** A key that may be missing or null; the handler always sees a value or null. */
export function maybe<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? null)
}

/** A key that may be missing or null and then has this value. */
export function orElse<T extends z.ZodType>(schema: T, fallback: z.output<T>) {
  return schema.nullish().transform((value) => value ?? fallback)
}

/** Takes keys by other names as well, which older clients send; the new name counts where both are there. */
export function alsoNamed<T extends z.ZodObject>(others: Readonly<Record<string, string>>, schema: T) {
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const renamed = Object.entries(value).map(([key, member]) => [others[key] ?? key, member] as const)
    return { ...Object.fromEntries(renamed.filter(([key]) => !(key in value))), ...value }
  }, schema)
}

/** RFC 3339 time in UTC. */
export const Time = z.string().max(64)
export const Url = z.url().max(4096)
export const JsonPointer = z.string().max(4096)

/** A secret in a JWE envelope (rpc.md §7.6). */
export const EncryptedWire = z.object({ encrypted: z.record(z.string(), z.unknown()) })
/** Length is bounded so that hashing cannot be used to burn the processor. */
export const Password = z.union([z.string().max(1024), EncryptedWire])
export type Password = z.infer<typeof Password>
/** A secret as plain text; the command line may ask for it instead of taking it as a flag. */
export function secret(description: string) {
  return z.string().max(1024).meta({ description, secret: true })
}
/** A secret as plain text or in an envelope. */
export function password(description: string) {
  return Password.meta({ description, secret: true })
}

/** How serious a line of a log is. */
export const LogLevel = z.enum(['error', 'warning', 'info', 'debug'])
export type LogLevel = z.infer<typeof LogLevel>

/** rpc-methods.md §5.1; `search` and `level` are ours. */
const logFields = {
  limit: maybe(z.int().min(0).max(100_000)).meta({
    description: 'Number of lines, 50 unless given',
    short: 'l',
  }),
  boot: maybe(z.union([z.int(), z.string().max(64)])).meta({
    description: 'Only this start: 0 the current one, -1 the one before, or its id',
    short: 'b',
  }),
  search: maybe(z.string().max(1024)).meta({ description: 'Only lines with this text in them', short: 's' }),
  level: maybe(LogLevel).meta({ description: 'Only lines that are at least this serious' }),
}
const cursor = maybe(z.string().max(1024)).meta({ description: 'Continue from this place', short: 'c' })
const before = orElse(z.boolean(), false).meta({
  description: 'Lines before the cursor instead of after it',
  short: 'B',
})

export const LogsParams = z.object({ ...logFields, cursor, before })
export type LogsParams = z.output<typeof LogsParams>
export const LogsFollowParams = z.object({ ...logFields, cursor })
export type LogsFollowParams = z.output<typeof LogsFollowParams>

export const LogEntry = z.object({ timestamp: Time, message: z.string(), bootId: z.string() })
export type LogEntry = z.infer<typeof LogEntry>
/** Entries are oldest first. */
export const LogResponse = z.object({
  entries: z.array(LogEntry),
  startCursor: z.string().nullable(),
  endCursor: z.string().nullable(),
})
export type LogResponse = z.infer<typeof LogResponse>
export const LogFollowResponse = z.object({ startCursor: z.string().nullable(), guid: Guid })
export type LogFollowResponse = z.infer<typeof LogFollowResponse>

/** Where long work stands now, and the stream of how it goes on. */
export const ProgressStream = z.object({ progress: FullProgress, guid: Guid })

/** The public key that an `EncryptedWire` is made for (rpc.md §7.6). */
export const PublicJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
})
