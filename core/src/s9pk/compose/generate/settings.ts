import type { ProjectPlan, Setting } from '../model.ts'
import { comment, imports, object, print, quoted } from './code.ts'
import { isNullable } from './text-code.ts'

/** `startos/settings.ts`: what is chosen or drawn, with its defaults; null where there is nothing. */
export function settingsFile(plan: ProjectPlan): string | null {
  if (plan.settings.length === 0) return null
  const kinds = new Set(plan.settings.flatMap(({ generator }) => (generator ? [generator.kind] : [])))
  const crypto = [
    ...(kinds.has('base64') || kinds.has('laravel') ? ['randomBytes'] : []),
    ...(kinds.has('uuid') ? ['randomUUID'] : []),
  ]
  const text = kinds.has('letters') || kinds.has('hex')
  const fields = plan.settings.map(
    (setting) => `  /** ${comment(setting.variable)} */\n  ${setting.key}: ${fieldShape(setting)},\n`,
  )
  return [
    crypto.length > 0 ? imports(crypto, 'node:crypto') : '',
    imports(['FileHelper', ...(text ? ['utils'] : []), 'z'], '@startd/sdk'),
    imports(['sdk'], './sdk.ts'),
    kinds.has('letters')
      ? `\nconst letters = (len: number) => utils.getDefaultString({ charset: 'a-z,A-Z,0-9', len })\n`
      : '',
    kinds.has('hex')
      ? `\nconst hex = (len: number) => utils.getDefaultString({ charset: '0-9,a-f', len })\n`
      : '',
    '\n/** Whatever is missing begins with its default; passwords and keys are drawn once and kept. */\n',
    `const shape = z.object({\n${fields.join('')}})\n`,
    '\nexport type Settings = z.output<typeof shape>\n',
    '\n/** Kept in a volume of the service, and part of its backup. */\n',
    `export const settings = FileHelper.json({ base: ${volumeCode(plan.settingsVolume)}, subpath: 'settings.json' }, shape)\n`,
  ].join('')
}

export function volumeCode(id: string): string {
  return /^[a-z][a-z0-9]*$/.test(id) ? `sdk.volumes.${id}` : `sdk.volumes[${quoted(id)}]`
}

function fieldShape(setting: Setting): string {
  const { generator, kind } = setting
  if (generator) return `z.string().catch(() => ${drawn(generator)})`
  if (kind === 'toggle') return `z.boolean().catch(${setting.default === setting.words?.[0]})`
  const type = kind === 'number' ? 'z.number()' : 'z.string()'
  if (isNullable(setting)) return `${type}.nullable().catch(null)`
  return `${type}.catch(${kind === 'number' ? setting.default : quoted(setting.default ?? '')})`
}

function drawn({ kind, length }: NonNullable<Setting['generator']>): string {
  switch (kind) {
    case 'letters':
      return `letters(${length})`
    case 'hex':
      return `hex(${length})`
    case 'base64':
      return `randomBytes(${length}).toString('base64')`
    case 'laravel':
      return `\`base64:\${randomBytes(${length}).toString('base64')}\``
    case 'uuid':
      return 'randomUUID()'
    default:
      return kind satisfies never
  }
}

/** Fields of the form: everything that is not drawn. */
export function formSettings(plan: ProjectPlan): Setting[] {
  return plan.settings.filter(({ generator }) => generator === null)
}

/** `startos/actions/configure.ts`; null where nothing can be chosen. */
export function configureFile(plan: ProjectPlan): string | null {
  const fields = formSettings(plan)
  if (fields.length === 0) return null
  const form = fields.map((setting) => `  ${setting.key}: ${formField(setting)},\n`)
  const keys = fields.map(({ key }) => key)
  const shown = keys.length <= 4 ? `{ ${keys.join(', ')} }` : `{\n      ${keys.join(',\n      ')},\n    }`
  const required = fields.filter((setting) => setting.required)
  const values = [
    ...keys.filter((key) => !required.some((one) => one.key === key)),
    ...required.map(({ key }) => `${key}: ${key} ?? undefined`),
  ]
  const given =
    values.length <= 3 ? `{ ${values.join(', ')} }` : `{\n      ${values.join(',\n      ')},\n    }`
  return `import { sdk } from '../sdk.ts'
import { settings } from '../settings.ts'

const { InputSpec, Value } = sdk

const form = InputSpec.of({
${form.join('')}})

/** What the form is filled in with: everything but the passwords and keys that were drawn. */
const shown = async () =>
  settings
    .read((${shown}) => (${given}))
    .once()

export const configure = sdk.Action.withInput(
  'configure',
  {
    name: 'Settings',
    description: ${quoted(`Changes how ${plan.title} behaves`)},
    warning: null,
    allowedStatuses: 'any',
    group: null,
    visibility: 'enabled',
  },
  form,
  shown,
  async ({ effects, input }) => {
    await settings.merge(effects, input)
    return {
      version: '1',
      title: 'Settings saved',
      message: 'A running service starts again to take them over.',
      result: null,
    }
  },
)
`
}

function formField(setting: Setting): string {
  const { kind, label, variable, default: value, note } = setting
  const description = quoted(
    note === null
      ? `${variable} of ${[...setting.services].join(', ')}`
      : `${capitalised(note)} (${variable})`,
  )
  const common = [
    ['name', quoted(label)],
    ['description', description],
  ] as const
  switch (kind) {
    case 'toggle':
      return `Value.toggle(${print(object([...common, ['default', String(value === setting.words?.[0])]]), 2, 100)})`
    case 'number': {
      const integer = value === null || !value.includes('.')
      const options = object([
        ...common,
        ['required', String(!isNullable(setting) || setting.required)],
        ['default', value ?? 'null'],
        ['integer', String(integer)],
      ])
      return `Value.number(${print(options, 2, 100)})`
    }
    case 'text':
    case 'secret': {
      const options = object([
        ...common,
        ['required', String(!isNullable(setting) || setting.required)],
        ['default', value === null ? 'null' : quoted(value)],
        kind === 'secret' ? ['masked', 'true'] : null,
      ])
      return `Value.text(${print(options, 2, 100)})`
    }
    default:
      return kind satisfies never
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
