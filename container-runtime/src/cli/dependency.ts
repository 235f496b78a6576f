import type { DependencyRequirement } from '@startd/base/service-schemas.ts'

/** `id:exists`, `id:e`, or `id[:running|:r][:check+check]`; any version will do (effects.md §14). */
export function parseDependency(text: string): { [K in keyof DependencyRequirement]: unknown } {
  const [id = '', kind = 'running', checks] = text.split(':')
  if (kind === 'exists' || kind === 'e') return { kind: 'exists', id, versionRange: '*' }
  if (kind !== 'running' && kind !== 'r') throw new Error(`unknown dependency kind ${kind}`)
  const healthChecks = checks ? checks.split('+') : []
  return { kind: 'running', id, versionRange: '*', ...{ healthChecks } }
}
