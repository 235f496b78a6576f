import type { ImagePlan, ProjectPlan } from '../model.ts'
import { type Code, array, imports, object, print, quoted } from './code.ts'

/** `startos/manifest.ts`. */
export function manifestFile(plan: ProjectPlan): string {
  const source = upstreamOf(plan.mainImage)
  const manifest = object([
    ['id', quoted(plan.id)],
    ['title', quoted(plan.title)],
    ['license', quoted('LicenseRef-unknown')],
    ['packageRepo', quoted(`https://example.com/${plan.id}`)],
    ['upstreamRepo', quoted(source)],
    ['marketingUrl', quoted(source)],
    ['donationUrl', 'null'],
    [
      'description',
      object([
        ['short', quoted(`${plan.title} as a service`)],
        [
          'long',
          quoted(
            `${plan.title}, made from its compose file: ${plan.services.map(({ name }) => name).join(', ')}.`,
          ),
        ],
      ]),
    ],
    ['volumes', array([...settingsVolumes(plan), ...plan.volumes].map(quoted))],
    ['images', object(plan.images.map((image) => [image.id, imageCode(image)] as const))],
    plan.hardwareAcceleration ? ['hardwareAcceleration', 'true'] : null,
    plan.userspaceFilesystems ? ['userspaceFilesystems', 'true'] : null,
    plan.virtualNetworking ? ['virtualNetworking', 'true'] : null,
    ['dependencies', '{}'],
  ])
  return `${imports(['setupManifest'], '@startd/sdk')}\nexport const manifest = setupManifest(${expanded(manifest)})\n`
}

/** The volume of the settings, for packages that have any. */
export function settingsVolumes(plan: ProjectPlan): string[] {
  return plan.settings.length > 0 ? [plan.settingsVolume] : []
}

function imageCode({ source, arch, nvidia }: ImagePlan): Code {
  return object([
    ['source', sourceCode(source)],
    ['arch', array(arch.map(quoted))],
    nvidia ? ['nvidiaContainer', 'true'] : null,
  ])
}

function sourceCode(source: ImagePlan['source']): Code {
  switch (source.kind) {
    case 'tag':
      return object([['dockerTag', quoted(source.tag)]])
    case 'recipe':
      return quoted('packed')
    case 'build': {
      const args = [...source.args].map(([name, value]) => [name, quoted(value)] as const)
      const build = object([
        ['workdir', quoted(source.workdir)],
        source.dockerfile === null ? null : ['dockerfile', quoted(source.dockerfile)],
        args.length === 0 ? null : ['buildArgs', object(args)],
      ])
      return object([['dockerBuild', build]])
    }
    default:
      return source satisfies never
  }
}

/** Always over several lines, as one writes a manifest. */
function expanded(code: Code): string {
  if (typeof code === 'string' || code.kind !== 'object') return print(code)
  const lines = code.entries.map((entry) => {
    if ('raw' in entry) return `  ${entry.raw},\n`
    return `  ${entry[0]}: ${print(entry[1], 2, entry[0].length + 4)},\n`
  })
  return `{\n${lines.join('')}}`
}

/** Where an image is at home, as far as its name tells. */
export function upstreamOf(reference: string): string {
  if (reference.includes(' ')) return 'https://example.com/'
  const path = (reference.split('@')[0] ?? '').replace(/:[^:/]*$/, '')
  const [first = '', ...rest] = path.split('/')
  if (first === 'ghcr.io' && rest.length >= 2) return `https://github.com/${rest[0]}`
  if (/[.:]/.test(first) && rest.length > 0 && first !== 'docker.io') return `https://${path}`
  const names = first === 'docker.io' ? rest : [first, ...rest]
  if (names.length >= 2) return `https://hub.docker.com/r/${names.slice(0, 2).join('/')}`
  return names[0] ? `https://hub.docker.com/_/${names[0]}` : 'https://example.com/'
}
