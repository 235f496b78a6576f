import type { ImageDefaults } from '../../../oci/index.ts'
import type { ImageRecipe } from './recipe.ts'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What stands beside an image in the package (s9pk.md §7.4). */
export interface ImageMetadata {
  /** `<id>.json` */
  json: string
  /** `<id>.env`: one `NAME=value` a line. */
  env: string
  /** What could not be kept, as text for the author. */
  notes: string[]
}

/** Joins what the recipe says with what the container image says of itself; the recipe wins. */
export function metadataOf(id: string, recipe: ImageRecipe, defaults: ImageDefaults | null): ImageMetadata {
  const { workdir, user, entrypoint, cmd } = recipe
  const json = {
    workdir: workdir ?? defaults?.workdir ?? '/',
    user: user ?? defaults?.user ?? 'root',
    entrypoint: entrypoint === undefined ? (defaults?.entrypoint ?? null) : entrypoint,
    // The arguments of another program mean nothing to the one that replaces it.
    cmd: cmd === undefined ? (entrypoint === undefined ? (defaults?.cmd ?? null) : null) : cmd,
  }
  const notes: string[] = []
  const env = new Map([['PATH', DEFAULT_PATH]])
  for (const line of defaults?.env ?? []) {
    const at = line.indexOf('=')
    const [name, value] = at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
    if (name === '') continue
    if (/[\n\r\0]/.test(line)) notes.push(`Image ${id}: leaving out ${name}, whose value has several lines`)
    else env.set(name, value)
  }
  for (const [name, value] of Object.entries(recipe.env)) env.set(name, value)
  if (defaults && defaults.exposedPorts.length > 0) {
    notes.push(`Image ${id} says that it listens on ${defaults.exposedPorts.join(', ')}`)
  }
  if (defaults && defaults.volumes.length > 0) {
    notes.push(`Image ${id} keeps data in ${defaults.volumes.join(', ')}: mount volumes there`)
  }
  const lines = [...env].map(([name, value]) => `${name}=${value}`)
  return { json: JSON.stringify(json), env: lines.join('\n'), notes }
}
