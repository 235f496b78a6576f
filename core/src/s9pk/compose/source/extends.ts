import { isRecord } from './plain.ts'
import { type ComposeDocument, parseDocument } from './document.ts'
import type { Path } from './place.ts'
import type { ProjectFiles } from './project-files.ts'

export type RawService = Record<string, unknown>

/** Keys whose lists of `NAME=value` are mappings written in another way. */
const PAIRS = new Set(['environment', 'labels', 'annotations', 'sysctls', 'extra_hosts'])
/** Keys of which the newer value replaces the older as a whole. */
const REPLACED = new Set(['command', 'entrypoint', 'test'])
/** How deep services may extend one another. */
const MAX_CHAIN = 20

/** A service with everything that it takes over from the one that it extends. */
export async function resolveExtends(
  document: ComposeDocument,
  files: ProjectFiles,
  name: string,
): Promise<RawService> {
  return resolve({ document, files, from: document, chain: [] }, name, ['services', name])
}

interface Search {
  /** The file that the user named: errors point there. */
  document: ComposeDocument
  files: ProjectFiles
  /** The file in which the service is looked for. */
  from: ComposeDocument
  chain: string[]
}

async function resolve(search: Search, name: string, path: Path): Promise<RawService> {
  const { document, files, from, chain } = search
  const step = `${from.file}#${name}`
  const where: Path = [...path, 'extends']
  if (chain.includes(step) || chain.length >= MAX_CHAIN) {
    const round = [...chain, step].map((one) => one.slice(one.indexOf('#') + 1)).join(' → ')
    throw document.error('InvalidRequest', where, `services extend each other in a circle: ${round}`)
  }
  const services = isRecord(from.value) ? from.value['services'] : null
  const own = isRecord(services) ? services[name] : undefined
  if (own === undefined)
    throw document.error('NotFound', where, `there is no service “${name}” in ${from.file} to extend`)
  if (own === null) return {}
  if (!isRecord(own)) throw document.error('Deserialization', path, 'must be a mapping (key: value)')
  const given = own['extends']
  if (given === undefined) return own
  const target = typeof given === 'string' ? { service: given } : given
  if (!isRecord(target) || typeof target['service'] !== 'string')
    throw document.error('Deserialization', where, 'must name a service')
  const file = target['file']
  const next = { ...search, chain: [...chain, step] }
  if (file !== undefined) next.from = await otherFile(document, files, String(file), [...where, 'file'])
  const base = await resolve(next, target['service'], path)
  const { extends: _done, ...rest } = own
  return mergeMaps(base, rest)
}

async function otherFile(
  document: ComposeDocument,
  files: ProjectFiles,
  file: string,
  where: Path,
): Promise<ComposeDocument> {
  const text = await files.text(file)
  if (text === 'outside')
    throw document.error('InvalidRequest', where, `“${file}” is outside of the project directory`)
  if (text === null) throw document.error('NotFound', where, `there is no file “${file}”`)
  return parseDocument(file, text)
}

function mergeMaps(base: RawService, own: RawService): RawService {
  const merged = { ...base }
  for (const [key, value] of Object.entries(own)) {
    const [before, after] = PAIRS.has(key) ? [asMap(base[key]), asMap(value)] : [base[key], value]
    if (REPLACED.has(key) || before === undefined) merged[key] = after
    else if (isRecord(before) && isRecord(after)) merged[key] = mergeMaps(before, after)
    else if (Array.isArray(before) && Array.isArray(after)) {
      const kept = before.filter((one) => !after.some((other) => sameEntry(one, other)))
      merged[key] = [...(kept as unknown[]), ...(after as unknown[])]
    } else merged[key] = after
  }
  return merged
}

/** Equal, or two mounts on the same place: the newer one counts. */
function sameEntry(a: unknown, b: unknown): boolean {
  if (JSON.stringify(a) === JSON.stringify(b)) return true
  const target = (one: unknown) =>
    typeof one === 'string' && /^[^:]*:\//.test(one) ? one.split(':')[1] : undefined
  return target(a) !== undefined && target(a) === target(b)
}

function asMap(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return Object.fromEntries(
    value.map((line) => {
      const text = String(line)
      const at = text.indexOf('=')
      return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
