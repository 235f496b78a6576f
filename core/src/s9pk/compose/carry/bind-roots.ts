import { posix } from 'node:path'
import type { Conversion } from '../conversion.ts'
import { hostPlace } from './host-places.ts'
import { splitColons } from '../source/colons.ts'
import type { RawService } from '../source/extends.ts'
import type { Path } from '../source/place.ts'
import { isRecord } from '../source/plain.ts'
import { type Template, fillIn, references } from '../source/template.ts'

/**
 * A source of a bind mount. A variable in it that nobody has given a value to stands for a place that the server
 * chooses: `${DATA}/db` is `~/data/db`.
 */
export function bindSource(
  template: Template,
  values: ReadonlyMap<string, string>,
): { text: string; open: string | null } {
  const open = references(template).find(({ name, fallback }) => !values.get(name) && fallback === null)
  if (!open) return { text: fillIn(template, values).text, open: null }
  const place = `~/${open.name.toLowerCase().replaceAll('_', '-')}`
  const parts = template.map((piece) =>
    typeof piece !== 'string' && piece.name === open.name ? place : piece,
  )
  return { text: posix.normalize(fillIn(parts, values).text), open: open.name }
}

/** All places of the host that services mount. One inside another is a part of the same volume. */
export function bindRoots(
  {
    fixedValues,
    template,
  }: Pick<Conversion, 'fixedValues'> & { template(path: Path, raw: string): Template },
  services: ReadonlyMap<string, RawService>,
): string[] {
  const places = new Set<string>()
  for (const [name, { volumes }] of services) {
    for (const [i, given] of (Array.isArray(volumes) ? (volumes as unknown[]) : []).entries()) {
      const source = sourceIn(given)
      if (source === null) continue
      const { text } = bindSource(template(['services', name, 'volumes', i], source), fixedValues)
      if (/^[./~]/.test(text) && hostPlace(text) === null) places.add(placeOf(text))
    }
  }
  return [...places]
}

function sourceIn(given: unknown): string | null {
  const long = isRecord(given) ? given['source'] : null
  if (typeof given !== 'string') return typeof long === 'string' ? long : null
  const parts = splitColons(given)
  return parts.length > 1 ? (parts[0] ?? null) : null
}

/** The volume that a place of the host belongs to, and where it is in there. */
export function volumePlace(
  source: string,
  roots: readonly string[],
): { root: string; subpath: string | null } {
  const place = placeOf(source)
  const [root = place] = roots
    .filter((one) => place === one || place.startsWith(`${one}/`))
    .sort((a, b) => a.length - b.length)
  return { root, subpath: root === place ? null : place.slice(root.length + 1) }
}

function placeOf(source: string): string {
  return posix.normalize(source).replace(/(.)\/$/, '$1')
}
