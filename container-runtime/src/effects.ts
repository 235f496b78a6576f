import type { EffectName } from '@startd/base/effects.ts'
import type { EffectContext } from './context.ts'
import { EFFECT_TRAITS } from './effect-names.ts'

/** One call to the host; the answer's result, or an error. */
export type HostCall = (method: EffectName, params: Record<string, unknown>) => Promise<unknown>

type EffectMethod = (options?: Record<string, unknown>) => Promise<unknown>

/**
 * What package code gets to reach the host (sdk.md §2.1). A plain object with own enumerable members:
 * the SDK copies it by spreading and overrides members of the copy.
 */
export interface Effects {
  readonly eventId: string | null
  constRetry: (() => void) | undefined
  isInContext: boolean
  child(name: string): Effects
  onLeaveContext(hook: () => unknown): void
  restart: EffectMethod
  [member: string]: unknown
}

const NAMES = Object.keys(EFFECT_TRAITS) as EffectName[]

/**
 * Makes an effects object. Without a context (uninit) nothing can be watched: callbacks are sent as
 * null and `onLeaveContext` only warns.
 */
export function createEffects(
  call: HostCall,
  eventId: string | null,
  context: EffectContext | null,
  constRetry?: () => void,
): Effects {
  const live = context !== null && !context.left
  const methods: Record<string, unknown> = {}
  for (const name of NAMES) place(methods, name, effectMethod(call, eventId, context, name))
  const effects = {
    ...methods,
    eventId,
    constRetry,
    isInContext: live,
    child: (name: string) => createEffects(call, eventId, context?.child(name) ?? null, effects.constRetry),
    onLeaveContext: live ? (hook: () => unknown) => context.onLeave(hook) : warnNoContext,
  } as Effects
  if (live) {
    context.onLeave(() => {
      effects.constRetry = undefined
      effects.isInContext = false
      effects.onLeaveContext = warnNoContext
    })
  }
  return effects
}

function effectMethod(
  call: HostCall,
  eventId: string | null,
  context: EffectContext | null,
  name: EffectName,
): EffectMethod {
  const watch = EFFECT_TRAITS[name].watch === true
  return (options) => {
    const params: Record<string, unknown> = { ...options }
    if (eventId !== null) params['eventId'] = eventId
    if (watch) params['callback'] = context?.register(params['callback']) ?? null
    return call(name, params)
  }
}

/** Puts `plugin.url.export-url` at `plugin.url.exportUrl`. */
function place(root: Record<string, unknown>, name: string, method: EffectMethod): void {
  const path = name
    .split('.')
    .map((part) => part.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
  let group = root
  for (const part of path.slice(0, -1)) group = (group[part] ??= {}) as Record<string, unknown>
  group[path[path.length - 1] ?? name] = method
}

function warnNoContext(): void {
  console.warn('onLeaveContext was called outside of a context; the hook will not run')
}
