import { isRecord } from '../source/plain.ts'
import type { ServiceContext } from './context.ts'

const LIMITS = 'Limits and reservations are not carried: the parts of a service share what its container has.'

/** `deploy`: what is about one machine is looked at, the rest is for clusters. */
export function carryDeploy(context: ServiceContext): void {
  const { deploy } = context.service
  for (const [key, value] of Object.entries(deploy ?? {})) {
    const rest = ['deploy', key]
    if (key === 'replicas') listReplicas(context, rest, Number(value))
    else if (key === 'resources' && isRecord(value)) {
      for (const [kind, amounts] of Object.entries(value)) {
        for (const name of Object.keys(isRecord(amounts) ? amounts : {})) {
          const path = [...rest, kind, name]
          if (!context.conversion.ledger.isCovered(context.path(...path))) context.list('left', path, LIMITS)
        }
      }
    } else if (key === 'restart_policy') context.list('changed', rest, RESTART)
    else if (!key.startsWith('x-'))
      context.list('none', rest, 'This is for clusters of machines; there is one machine here.')
  }
}

export const RESTART = 'A part that ends is always started again, ever later up to half a minute.'

export function listReplicas(
  context: ServiceContext,
  rest: readonly (string | number)[],
  count: number,
): void {
  if (count === 1) context.use(...rest)
  else if (count === 0)
    context.list(
      'problem',
      rest,
      'This service is not started in the compose file, but it is in the package. Take it out of startos/main.ts if it is not needed.',
    )
  else context.list('left', rest, 'One process runs instead of several; copies would use the same ports.')
}
