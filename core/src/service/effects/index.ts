import { EFFECTS, type EffectName } from '@startd/base/effects.ts'
import { RPC_CODES } from '@startd/base/errors.ts'
import { EffectError, type EffectHandler } from '../effects-server.ts'
import { actions } from './actions.ts'
import { control } from './control.ts'
import { dependencies } from './dependencies.ts'
import { files } from './files.ts'
import { health } from './health.ts'
import type { EffectCall, EffectsHost, Handlers } from './host.ts'
import { hosts } from './hosts.ts'
import { interfaces } from './interfaces.ts'
import { system } from './system.ts'
import { tasks } from './tasks.ts'

export type { BindingChanges, EffectsHost, PackageAccess } from './host.ts'

/** Answers every effect of one container: finds the method, checks its parameters, runs its handler. */
export function effectHandler(host: EffectsHost): EffectHandler {
  const handlers: Handlers<EffectName> = {
    ...actions(host),
    ...control(host),
    ...dependencies(host),
    ...files(host),
    ...health(host),
    ...hosts(host),
    ...interfaces(host),
    ...system(host),
    ...tasks(host),
  }
  return async (method, params) => {
    if (!isEffect(method)) throw new EffectError(RPC_CODES.methodNotFound, 'Method not found', method)
    const parsed = EFFECTS[method].params.safeParse(params)
    if (!parsed.success) {
      throw new EffectError(RPC_CODES.invalidParams, 'Invalid params', describe(parsed.error.issues))
    }
    // The table pairs each schema with its handler, which the compiler cannot follow through a variable name.
    const handle = handlers[method] as (params: unknown, call: EffectCall) => unknown
    return await handle(parsed.data, { eventId: eventIdOf(params) })
  }
}

const isEffect = (method: string): method is EffectName => Object.hasOwn(EFFECTS, method)

function describe(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.map(String).join('.') || 'params'}: ${message}`)
    .join('; ')
}

function eventIdOf(params: unknown): string | null {
  if (typeof params !== 'object' || params === null || !('eventId' in params)) return null
  return typeof params.eventId === 'string' ? params.eventId : null
}
