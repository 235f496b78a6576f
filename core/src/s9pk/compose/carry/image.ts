import { repositoryName } from '../known-images.ts'
import type { ImagePlan, ImageSource } from '../model.ts'
import { idOf, unique } from '../names.ts'
import { isRecord } from '../source/plain.ts'
import { carryBuild } from './build.ts'
import type { ServiceContext } from './context.ts'
import { localRecipe } from './local-image.ts'

const ARCHES = ['x86_64', 'aarch64']
const PLATFORMS: Record<string, string> = {
  amd64: 'x86_64',
  x86_64: 'x86_64',
  arm64: 'aarch64',
  aarch64: 'aarch64',
  riscv64: 'riscv64',
}

/** The image of a service; services with the same one share it. */
export async function carryImage(context: ServiceContext): Promise<{ id: string; reference: string }> {
  const { service, name, conversion } = context
  const { image, build, platform } = service
  const arch = platform === undefined ? ARCHES : platformArch(context, platform)
  const reference = image === undefined ? null : context.fixed(['image'], image)
  if (image !== undefined) context.use('image')
  const local = conversion.localImages.get(name) ?? (reference && conversion.localImages.get(reference))
  const nvidia = wantsNvidia(context)
  const described = reference ?? name
  if (local) {
    if (build !== undefined)
      context.list('changed', ['build'], `The image comes from ${local}, as --image says.`)
    const source: ImageSource = { kind: 'recipe', recipe: await localRecipe(local) }
    return register(context, described, `local ${local}`, { source, arch, nvidia })
  }
  if (build !== undefined) {
    const { origin, source } = await carryBuild(context, build)
    if (image !== undefined) context.list('none', ['image'], 'The image is built, so its name is not needed.')
    return register(context, `${described} (built here)`, origin, { source, arch, nvidia })
  }
  if (reference === null) {
    const what = 'has neither an image nor a build; say what the service runs'
    throw conversion.document.error('InvalidRequest', context.path(), what)
  }
  if (!/^[a-z0-9][\w.\-/:@]*$/i.test(reference))
    throw conversion.document.error(
      'InvalidRequest',
      context.path('image'),
      `“${reference}” is not the name of an image`,
    )
  return register(context, reference, `tag ${reference}`, {
    source: { kind: 'tag', tag: reference },
    arch,
    nvidia,
  })
}

function register(
  { conversion }: ServiceContext,
  reference: string,
  origin: string,
  image: Omit<ImagePlan, 'id'>,
): { id: string; reference: string } {
  const key = [origin, image.arch, image.nvidia].join(' ')
  const known = conversion.images.get(key)
  if (known) return { id: known.id, reference }
  const taken = new Set([...conversion.images.values()].map(({ id }) => id))
  const id = unique(idOf(repositoryName(reference)), taken)
  conversion.images.set(key, { id, ...image })
  return { id, reference }
}

function platformArch(context: ServiceContext, platform: string): string[] {
  const name = context.fixed(['platform'], platform)
  context.use('platform')
  const arch = PLATFORMS[name.split('/')[1] ?? '']
  if (arch === undefined || !name.startsWith('linux/'))
    throw context.conversion.document.error(
      'InvalidRequest',
      context.path('platform'),
      `services run on linux/amd64, linux/arm64 or linux/riscv64, not on ${name}`,
    )
  return [arch]
}

/** A graphics card is asked for in three ways. */
function wantsNvidia(context: ServiceContext): boolean {
  const { service, conversion } = context
  const byRuntime = service.runtime === 'nvidia'
  if (byRuntime) context.use('runtime')
  const byGpus = service.gpus !== undefined
  if (byGpus) context.use('gpus')
  const reservations = isRecord(service.deploy?.['resources'])
    ? service.deploy['resources']['reservations']
    : null
  const byDeploy = isRecord(reservations) && JSON.stringify(reservations['devices'] ?? '').includes('gpu')
  const card = ['deploy', 'resources', 'reservations', 'devices']
  if (byDeploy)
    context.list(
      'changed',
      card,
      'Graphics cards are asked for as a whole; which and how many is not chosen.',
    )
  const wants = byRuntime || byGpus || byDeploy
  if (wants) conversion.devices.hardwareAcceleration = true
  return wants
}
