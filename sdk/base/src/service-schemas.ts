import { z } from 'zod'
import { ActionId, HealthCheckId, PackageId } from './ids.ts'

const text = z.string().max(65536)
const orNull = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null)

/** One text, or one for each locale (s9pk.md §7.1). */
export const LocaleString = z.union([z.string(), z.record(z.string(), z.string())])
export type LocaleString = z.infer<typeof LocaleString>

/** The text of a locale: exact match, then the same language, then the first. */
export function localize(value: LocaleString, locale = 'en_US'): string {
  if (typeof value === 'string') return value
  const exact = value[locale]
  if (exact !== undefined) return exact
  const language = locale.includes('_') ? locale.slice(0, locale.indexOf('_') + 1) : locale
  const key = Object.keys(value).find((candidate) => candidate.startsWith(language)) ?? Object.keys(value)[0]
  return key === undefined ? '' : (value[key] ?? '')
}

/** What a service says of one of its parts; `loading` and `failure` always carry a message (effects.md §8). */
export const HealthCheckResult = z.union([
  z.object({ result: z.enum(['success', 'disabled', 'starting', 'waiting']), message: orNull(text) }),
  z.object({ result: z.enum(['loading', 'failure']), message: text }),
])
export type HealthCheckResult = z.infer<typeof HealthCheckResult>
export type NamedHealthCheckResult = { name: string } & HealthCheckResult

/** effects.md §5. */
export const ActionMetadata = z.object({
  name: text,
  description: text,
  warning: orNull(text),
  visibility: z
    .union([z.enum(['enabled', 'hidden']), z.object({ disabled: text })])
    .nullish()
    .transform((visibility) => visibility ?? ('enabled' as const)),
  allowedStatuses: z.enum(['any', 'only-running', 'only-stopped']),
  hasInput: z.boolean(),
  group: orNull(text),
  access: orNull(z.enum(['public', 'dependent', 'user'])),
})
export type ActionMetadata = z.infer<typeof ActionMetadata>

export const ActionInput = z.object({
  eventId: z.string().max(256),
  spec: z.record(z.string(), z.unknown()),
  value: orNull(z.record(z.string(), z.unknown())),
})
export type ActionInput = z.infer<typeof ActionInput>

export type ActionResultValue =
  | { type: 'single'; value: string; copyable: boolean; qr: boolean; masked: boolean }
  | { type: 'group'; value: ({ name: string; description: string | null } & ActionResultValue)[] }

export const ActionResultValue: z.ZodType<ActionResultValue> = z.lazy(() =>
  z.union([
    z.object({
      type: z.literal('single'),
      value: z.string().max(1 << 20),
      copyable: z.boolean(),
      qr: z.boolean(),
      masked: z.boolean(),
    }),
    z.object({
      type: z.literal('group'),
      value: z
        .array(z.intersection(z.object({ name: text, description: orNull(text) }), ActionResultValue))
        .max(1000),
    }),
  ]),
)

export const ActionResultV1 = z.object({
  version: z.literal('1'),
  title: text,
  message: orNull(z.string().max(1 << 20)),
  result: orNull(ActionResultValue),
})
export type ActionResultV1 = z.infer<typeof ActionResultV1>

export const ActionResultV0 = z.object({
  version: z.literal('0'),
  message: z.string().max(1 << 20),
  value: orNull(z.string().max(1 << 20)),
  copyable: z.boolean(),
  qr: z.boolean(),
})
export const ActionResult = z.union([ActionResultV1, ActionResultV0])
export type ActionResult = z.infer<typeof ActionResult>

const partial = z.record(z.string(), z.unknown())

/** The older form `{value}` is read as `{accept: [value], set: value}` (effects.md §6). */
export const TaskInput = z
  .union([
    z.object({ kind: z.literal('partial'), accept: z.array(partial).max(100), set: partial }),
    z.object({ kind: z.literal('partial'), value: partial }),
  ])
  .transform((input) =>
    'value' in input ? { kind: 'partial' as const, accept: [input.value], set: input.value } : input,
  )
export type TaskInput = z.infer<typeof TaskInput>

export const Task = z.object({
  packageId: PackageId,
  actionId: ActionId,
  severity: z
    .enum(['optional', 'important', 'critical'])
    .nullish()
    .transform((severity) => severity ?? ('important' as const)),
  reason: orNull(text),
  when: orNull(
    z.object({
      once: z
        .boolean()
        .nullish()
        .transform((once) => once ?? false),
      condition: z.literal('input-not-matches'),
    }),
  ),
  input: orNull(TaskInput),
})
export type Task = z.infer<typeof Task>

export interface TaskEntry {
  active: boolean
  task: Task
}

/** effects.md §7. */
export const DependencyRequirement = z.union([
  z.object({
    kind: z.literal('running'),
    id: PackageId,
    healthChecks: z.array(HealthCheckId).max(1000),
    versionRange: z.string().max(4096),
  }),
  z.object({ kind: z.literal('exists'), id: PackageId, versionRange: z.string().max(4096) }),
])
export type DependencyRequirement = z.infer<typeof DependencyRequirement>

export type CurrentDependencyInfo = {
  title: LocaleString | null
  icon: string | null
  versionRange: string
} & ({ kind: 'exists' } | { kind: 'running'; healthChecks: string[] })
