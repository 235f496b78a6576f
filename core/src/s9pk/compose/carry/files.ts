import type { FilePlan, MountPlan } from '../model.ts'
import type { Content } from '../schema/compose-file.ts'
import type { Grant } from '../schema/service.ts'
import { isForeign, isSecret } from '../settings/classify.ts'
import { settingText } from '../settings/index.ts'
import type { ServiceContext } from './context.ts'

const CONTENT_KEYS = ['file', 'content', 'environment', 'external', 'name']

/** `configs` and `secrets`: files of the package, texts made from settings, or secrets that are drawn. */
export async function carryFiles(
  context: ServiceContext,
): Promise<{ files: FilePlan[]; mounts: MountPlan[] }> {
  const result = { files: [] as FilePlan[], mounts: [] as MountPlan[] }
  for (const kind of ['configs', 'secrets'] as const) {
    for (const [index, grant] of (context.service[kind] ?? []).entries()) {
      const content = context.conversion.file[kind]?.[grant.source]
      if (!content)
        throw context.conversion.document.error(
          'NotFound',
          context.path(kind, index),
          `“${grant.source}” is not declared below “${kind}:”`,
        )
      context.conversion.ledger.useKeys([kind, grant.source], content, CONTENT_KEYS)
      listOwner(context, kind, index, grant)
      await carryGrant(context, kind, grant, content, result)
    }
  }
  return result
}

function listOwner(context: ServiceContext, kind: 'configs' | 'secrets', index: number, grant: Grant): void {
  const rest = [kind, index]
  const raw = context.raw[kind]
  if (Array.isArray(raw) && typeof raw[index] === 'string') context.use(...rest)
  context.useKeys(rest, grant, ['source', 'target', 'mode'])
  for (const key of ['uid', 'gid'])
    if (key in grant)
      context.list('left', [...rest, key], 'The file belongs to root; its mode says who may read it.')
}

async function carryGrant(
  context: ServiceContext,
  kind: 'configs' | 'secrets',
  grant: Grant,
  content: Content,
  result: { files: FilePlan[]; mounts: MountPlan[] },
): Promise<void> {
  const { conversion, name: service } = context
  const path = [kind, grant.source]
  const usual = kind === 'secrets' ? `/run/secrets/${grant.source}` : `/${grant.source}`
  const given = grant.target ?? usual
  const target = given.startsWith('/') ? given : `/run/secrets/${given}`
  const mode = Number.parseInt(grant.mode ?? '0444', 8)
  const variable = grant.source.toUpperCase().replaceAll(/\W/g, '_')
  const use = { service, variable }
  if (content.content !== undefined) {
    result.files.push({ path: target, mode, content: context.text([kind], content.content) })
  } else if (content.environment !== undefined) {
    result.files.push({ path: target, mode, content: context.text([kind], `\${${content.environment}}`) })
  } else if (content.external) {
    const setting = conversion.settings.foreign(use, { required: '' })
    conversion.ledger.list('changed', path, 'The content is not known here; the form asks for it.')
    result.files.push({ path: target, mode, content: settingText(setting) })
  } else if (kind === 'secrets' && content.file !== undefined) {
    await mustBeInside(context, [...path, 'file'], content.file)
    const own = isSecret(variable, null) && !isForeign(variable)
    const setting = own
      ? conversion.settings.drawn(use, '')
      : conversion.settings.foreign(use, { required: '' })
    const meaning = own ? 'every install draws one of its own.' : 'the form asks for it.'
    conversion.ledger.list('changed', path, `The secret in its file is not taken over: ${meaning}`)
    result.files.push({ path: target, mode, content: settingText(setting) })
  } else if (content.file !== undefined) {
    const carried = await conversion.assets.carry(
      [...path, 'file'],
      conversion.fixed([...path, 'file'], content.file),
    )
    if (carried === 'missing')
      throw conversion.document.error('NotFound', [...path, 'file'], `there is no file “${content.file}”`)
    if (grant.mode !== undefined)
      conversion.ledger.list('left', path, 'The file keeps the mode that it has beside the compose file.')
    const file = carried.kind === 'file'
    result.mounts.push({ kind: 'assets', volume: null, subpath: carried.name, target, file, readonly: true })
  } else {
    throw conversion.document.error('Deserialization', path, 'needs a file, content, environment or external')
  }
}

async function mustBeInside({ conversion }: ServiceContext, path: string[], file: string): Promise<void> {
  const found = await conversion.files.find(conversion.fixed(path, file))
  if (found.kind === 'outside')
    throw conversion.document.error('InvalidRequest', path, `“${file}” is outside of the project directory`)
}
