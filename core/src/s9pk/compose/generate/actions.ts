import type { ProjectPlan, Setting } from '../model.ts'
import { call, imports, quoted } from './code.ts'
import { formSettings } from './settings.ts'

/** `startos/actions/show-secrets.ts`; null where nothing is drawn. */
export function showSecretsFile(plan: ProjectPlan): string | null {
  const drawn = plan.settings.filter(({ generator }) => generator !== null)
  if (drawn.length === 0) return null
  const members = drawn.map((setting) =>
    call('secret', [quoted(setting.label), quoted(usedBy(setting)), `chosen.${setting.key}`], 10, ','),
  )
  return `import { sdk } from '../sdk.ts'
import { settings } from '../settings.ts'

export const showSecrets = sdk.Action.withoutInput(
  'show-secrets',
  {
    name: 'Show passwords and keys',
    description: 'What was drawn at random when the service was installed',
    warning: null,
    allowedStatuses: 'any',
    group: null,
    visibility: 'enabled',
  },
  async () => {
    const chosen = await settings.read().once()
    if (!chosen) throw new Error('There are no settings yet. Restart the service to have them made.')
    const secret = (name: string, description: string, value: string) =>
      ({ type: 'single', name, description, value, copyable: true, masked: true, qr: false }) as const
    return {
      version: '1',
      title: 'Passwords and keys',
      message: null,
      result: {
        type: 'group',
        value: [
${members.join('')}        ],
      },
    }
  },
)
`
}

function usedBy({ variable, services }: Setting): string {
  return `${variable} of ${[...services].join(', ')}`
}

/** `startos/actions/index.ts`. */
export function actionsFile(plan: ProjectPlan): string {
  const configure = formSettings(plan).length > 0
  const secrets = plan.settings.some(({ generator }) => generator !== null)
  return [
    imports(['sdk'], '../sdk.ts'),
    configure ? imports(['configure'], './configure.ts') : '',
    secrets ? imports(['showSecrets'], './show-secrets.ts') : '',
    `\nexport const actions = sdk.Actions.of()${configure ? '.addAction(configure)' : ''}${secrets ? '.addAction(showSecrets)' : ''}\n`,
  ].join('')
}
