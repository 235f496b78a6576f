import { z } from 'zod'

/** `null` not started, `false` running without measure, `true` done, a measure, or a nested tree (db-model.md §2.2). */
export type Progress =
  null | boolean | { done: number; total: number | null; units: 'bytes' | 'steps' | null } | FullProgress

export interface FullProgress {
  overall: Progress
  phases: { name: string; progress: Progress }[]
}

const count = z.number().nonnegative()

export const Progress: z.ZodType<Progress> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    FullProgress,
    z.object({
      done: count,
      total: count.nullish().transform((total) => total ?? null),
      units: z
        .enum(['bytes', 'steps'])
        .nullish()
        .transform((units) => units ?? null),
    }),
  ]),
)

export const FullProgress: z.ZodType<FullProgress> = z.object({
  overall: Progress,
  phases: z.array(z.object({ name: z.string().max(256), progress: Progress })).max(1000),
})

/** Share of a progress that is done, 0…1; `null` where it cannot be known. */
export function ratio(progress: Progress): number | null {
  if (progress === null) return 0
  if (typeof progress === 'boolean') return progress ? 1 : null
  if ('overall' in progress) return ratio(progress.overall)
  return progress.total ? Math.min(1, progress.done / progress.total) : null
}
