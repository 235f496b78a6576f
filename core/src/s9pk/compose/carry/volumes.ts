import { posix } from 'node:path'
import type { MountPlan } from '../model.ts'
import { idOf, unique } from '../names.ts'
import { splitColons } from '../source/colons.ts'
import { bindSource, volumePlace } from './bind-roots.ts'
import type { ServiceContext } from './context.ts'
import { hostPlace } from './host-places.ts'

/** A mount as compose files say it, in either form. */
interface Given {
  rest: readonly (string | number)[]
  type: 'volume' | 'bind'
  source: string
  target: string
  readonly: boolean
  subpath: string | null
  /** A variable in the source that has no value. */
  open: string | null
  /** Begins with what the image has at its place. */
  copied: boolean
}

/** `volumes` and `tmpfs`: lasting storage becomes volumes, files beside the compose file become assets. */
export async function carryVolumes(context: ServiceContext, image: string): Promise<MountPlan[]> {
  const { volumes = [], tmpfs = [] } = context.service
  const mounts: MountPlan[] = []
  for (const [index] of volumes.entries()) {
    const given = read(context, index)
    if (!given) continue
    const mount = await carryMount(context, given, image)
    useMount(context, index)
    if (mount) mounts.push(mount)
  }
  if (tmpfs.length > 0) context.list('changed', ['tmpfs'], TMPFS)
  // A volume inside another has to come after it.
  const sorted = mounts.toSorted((a, b) => a.target.split('/').length - b.target.split('/').length)
  return sorted.filter((mount, i) => {
    const first = sorted.findIndex(({ target }) => target === mount.target) === i
    if (!first)
      context.list('problem', ['volumes'], `${mount.target} is mounted twice; only the first mount is made.`)
    return first
  })
}

const TMPFS =
  'Kept on disk instead of in memory, and gone when the service stops, as everything outside of volumes is.'

function read(context: ServiceContext, index: number): Given | null {
  const given = context.service.volumes?.[index]
  const rest = ['volumes', index]
  const error = (what: string) =>
    context.conversion.document.error('Deserialization', context.path(...rest), what)
  if (given === undefined) return null
  if (typeof given !== 'string') {
    if (given.type === 'tmpfs') {
      context.list('changed', rest, TMPFS)
      return null
    }
    if (given.type !== 'volume' && given.type !== 'bind') {
      context.list(
        'problem',
        rest,
        `A mount of type ${given.type} cannot be made here; the service must do without.`,
      )
      return null
    }
    if (given.target === undefined) throw error('a mount needs a target')
    const subpath = given.volume?.subpath ?? null
    return {
      rest,
      type: given.type,
      ...sourceOf(context, [...rest, 'source'], given.source ?? ''),
      target: given.target,
      readonly: given.read_only ?? false,
      copied: given.volume?.nocopy !== true,
      subpath,
    }
  }
  const parts = splitColons(given)
  if (parts.length > 3) throw error(`“${given}” is not a mount; write [source:]target[:options]`)
  const [source = '', target = '', options = ''] = parts.length === 1 ? ['', parts[0]] : parts
  const place = sourceOf(context, rest, source)
  const readonly = options.split(',').includes('ro')
  const type = /^[./~]/.test(place.source) || source.includes('/') ? 'bind' : 'volume'
  return {
    rest,
    type,
    ...place,
    target: context.fixed(rest, target),
    readonly,
    copied: !options.split(',').includes('nocopy'),
    subpath: null,
  }
}

/** Options of the long form; those of bind mounts are about the host, which is not touched. */
function useMount(context: ServiceContext, index: number): void {
  const given = context.service.volumes?.[index]
  const rest = ['volumes', index]
  context.useKeys(rest, given, ['type', 'source', 'target', 'read_only', 'consistency'])
  if (typeof given !== 'object') return
  context.useKeys([...rest, 'volume'], given.volume, ['subpath', 'nocopy'])
  context.useKeys([...rest, 'bind'], given['bind'], [
    'create_host_path',
    'propagation',
    'selinux',
    'recursive',
  ])
}

/** Where a mount comes from; `open` is a variable in it that has no value. */
function sourceOf(
  context: ServiceContext,
  rest: readonly (string | number)[],
  raw: string,
): Pick<Given, 'source' | 'open'> {
  const { conversion } = context
  const { text, open } = bindSource(conversion.template(context.path(...rest), raw), conversion.fixedValues)
  return { source: open === null ? context.fixed(rest, raw) : text, open }
}

async function carryMount(context: ServiceContext, given: Given, image: string): Promise<MountPlan | null> {
  const { conversion } = context
  const { rest, source, readonly } = given
  const target = posix.normalize(given.target).replace(/(.)\/$/, '$1')
  if (!target.startsWith('/'))
    throw conversion.document.error(
      'Deserialization',
      context.path(...rest),
      `“${given.target}” must be an absolute path in the container`,
    )
  const mount = { target, readonly, file: false, subpath: given.subpath }
  if (given.type === 'volume') {
    const anonymous = source === ''
    const declared = conversion.file.volumes?.[source]
    if (!anonymous && declared === undefined && !Object.hasOwn(conversion.file.volumes ?? {}, source))
      throw conversion.document.error(
        'NotFound',
        context.path(...rest),
        `the volume “${source}” is not declared below “volumes:”`,
      )
    if (declared?.external)
      conversion.ledger.list(
        'changed',
        ['volumes', source],
        'The volume is not taken from outside: the service begins with an empty one.',
      )
    const volume = volumeFor(
      context,
      anonymous ? `${context.name} ${target}` : `named ${source}`,
      anonymous ? `${context.name}-${posix.basename(target)}` : source,
    )
    fill(context, { image, volume, target, seed: null }, given)
    return { kind: 'volume', volume, ...mount }
  }
  const special = hostPlace(source)
  if (special) {
    context.list(special.weight, rest, special.meaning)
    return null
  }
  if (/^[/~]/.test(source)) {
    const { volume, subpath } = bindVolume(context, source)
    const origin =
      given.open === null ? `The directory ${source} of the host` : `\${${given.open}}, which has no value,`
    context.list(
      'changed',
      rest,
      `${origin} becomes the volume “${volume}” of the service${subpath === null ? '' : ` (${subpath} in it)`}. What is in it can be copied there once the service is installed.`,
    )
    fill(context, { image, volume, target, seed: null }, { ...given, subpath })
    return { kind: 'volume', ...mount, volume, subpath }
  }
  return relativeMount(context, given, { ...mount, image })
}

/** A file or directory beside the compose file. */
async function relativeMount(
  context: ServiceContext,
  given: Given,
  { image, ...mount }: Omit<MountPlan, 'kind' | 'volume'> & { image: string },
): Promise<MountPlan> {
  const { conversion } = context
  const { rest, source } = given
  const carried = await conversion.assets.carry(context.path(...rest), source)
  if (carried === 'missing' || (carried.kind === 'directory' && !mount.readonly)) {
    const { volume, subpath } = bindVolume(context, source)
    const seed = carried === 'missing' ? null : carried.name
    if (seed === null && /\.(conf|ya?ml|json|toml|ini|cfg|sh|sql|env|crt|pem|key)$/.test(source))
      context.list(
        'problem',
        rest,
        `There is no file ${source} beside the compose file. Add it and convert again; for now it is an empty volume.`,
      )
    if (seed !== null)
      context.list(
        'changed',
        rest,
        `The files in ${source} are in the package; a new install begins with them, and keeps its own changes.`,
      )
    fill(context, { image, volume, target: mount.target, seed }, { ...given, subpath })
    return { kind: 'volume', ...mount, volume, subpath }
  }
  if (!mount.readonly)
    context.list('changed', rest, `${source} is part of the package and can only be read by the service.`)
  return {
    kind: 'assets',
    volume: null,
    ...mount,
    subpath: carried.name,
    file: carried.kind === 'file',
    readonly: true,
  }
}

/** The volume of a place of the host. Places inside of one another share it, as they do on the host. */
function bindVolume(context: ServiceContext, source: string): { volume: string; subpath: string | null } {
  const { root, subpath } = volumePlace(source, context.conversion.bindRoots)
  const name = posix.basename(root).replace(/^\.+/, '') || 'host'
  return { volume: volumeFor(context, `bind ${root}`, name), subpath }
}

function volumeFor({ conversion }: ServiceContext, origin: string, name: string): string {
  const known = conversion.volumes.get(origin)
  if (known !== undefined) return known
  const id = unique(idOf(name, 'data'), conversion.volumeIds)
  conversion.volumes.set(origin, id)
  return id
}

function fill(
  { conversion, service }: ServiceContext,
  plan: { image: string; volume: string; target: string; seed: string | null },
  { readonly, copied, subpath }: Given,
): void {
  const known = conversion.fills.some(({ volume }) => volume === plan.volume)
  if (known || readonly || !copied || subpath !== null) return
  const owner = service.user !== undefined && /^\d+(:\d+)?$/.test(service.user) ? service.user : null
  conversion.fills.push({ ...plan, owner })
}
