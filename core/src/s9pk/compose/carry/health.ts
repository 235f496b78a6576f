import type { HealthPlan } from '../model.ts'
import { joined } from '../settings/index.ts'
import { milliseconds } from '../source/quantities.ts'
import { withoutSecrets } from './command.ts'
import type { ServiceContext } from './context.ts'

/** Compose's own defaults. */
const TIMEOUT = 30_000
const RETRIES = 3
const KEYS = ['test', 'interval', 'timeout', 'start_period', 'start_interval', 'retries', 'disable']

/** `healthcheck`; null where there is none, or it is switched off. */
export function carryHealth(context: ServiceContext): HealthPlan | null {
  const { healthcheck: given } = context.service
  if (!given) return null
  const kind = Array.isArray(given.test) ? given.test[0] : undefined
  context.useKeys(['healthcheck'], given, KEYS)
  if (given.disable || kind === 'NONE') return null
  if (given.test === undefined) {
    context.list(
      'changed',
      ['healthcheck'],
      'The image’s own check is not known here, so the service counts as well when its port answers.',
    )
    return null
  }
  return {
    command: commandOf(context, given.test),
    interval: time(context, 'interval'),
    startInterval: time(context, 'start_interval'),
    timeout: time(context, 'timeout') ?? TIMEOUT,
    retries: Number(given.retries ?? RETRIES) || RETRIES,
    startPeriod: time(context, 'start_period'),
  }
}

function commandOf(context: ServiceContext, test: string | string[]): HealthPlan['command'] {
  const line = (text: string) => ({
    kind: 'shell' as const,
    line: joined(context.text(['healthcheck', 'test'], text)),
  })
  if (typeof test === 'string') return line(test)
  const [kind, ...words] = test
  if (kind === 'CMD-SHELL') return line(words.join(' '))
  if (kind !== 'CMD' || words.length === 0) {
    const what = 'must begin with CMD, CMD-SHELL or NONE'
    throw context.conversion.document.error('Deserialization', context.path('healthcheck', 'test'), what)
  }
  return { kind: 'argv', argv: withoutSecrets(context, 'healthcheck', words) }
}

function time(
  context: ServiceContext,
  key: 'interval' | 'timeout' | 'start_period' | 'start_interval',
): number | null {
  const given = context.service.healthcheck?.[key]
  if (given === undefined) return null
  const found = milliseconds(context.fixed(['healthcheck', key], given))
  if (found === null)
    throw context.conversion.document.error(
      'Deserialization',
      context.path('healthcheck', key),
      `“${given}” is not a duration such as 30s or 1m30s`,
    )
  return found
}
