import { z } from 'zod'

export { CONTAINER_PATHS } from './container-paths.ts'

/**
 * The calls from the host to a container's runtime over `service.sock`, one JSON object a line
 * (service-runtime.md §4).
 */
const eventId = z.string().max(256)

export const RUNTIME_METHODS = {
  init: z.object({ id: eventId, kind: z.enum(['install', 'update', 'restore']).nullable() }),
  start: z.object({}),
  stop: z.object({}),
  exit: z.object({ id: eventId, target: z.string().max(4096).nullable() }),
  execute: z.object({
    id: eventId,
    procedure: z.string().max(1024),
    input: z.unknown(),
    timeout: z.number().nonnegative().nullish(),
  }),
  sandbox: z.object({
    id: eventId,
    procedure: z.string().max(1024),
    input: z.unknown(),
    timeout: z.number().nonnegative().nullish(),
  }),
  callback: z.object({ id: z.int().nonnegative(), args: z.array(z.unknown()) }),
} as const

export type RuntimeMethod = keyof typeof RUNTIME_METHODS
export type RuntimeParams<M extends RuntimeMethod> = z.output<(typeof RUNTIME_METHODS)[M]>
export type InitKind = RuntimeParams<'init'>['kind']
