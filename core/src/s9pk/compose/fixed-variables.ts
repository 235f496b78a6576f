import type { Loaded } from './source/load.ts'

/** Keys whose texts are known only when the service starts. */
const MADE_LATER = new Set([
  'environment',
  'env_file',
  'command',
  'entrypoint',
  'healthcheck',
  'labels',
  'x-',
])
const NAMES = /(?<!\$)\$(?:\{([A-Za-z_]\w*)|([A-Za-z_]\w*))/g

/** Names of the variables in images, ports, mounts and the like, of which none is used in a text that is made later. */
export function fixedVariables({ services }: Pick<Loaded, 'services'>): Set<string> {
  const early = new Set<string>()
  const late = new Set<string>()
  for (const service of services.values()) {
    for (const [key, value] of Object.entries(service)) {
      const names = MADE_LATER.has(key) ? late : early
      for (const [, braced, bare] of JSON.stringify(value ?? null).matchAll(NAMES))
        names.add(braced ?? bare ?? '')
    }
  }
  return early.difference(late)
}
