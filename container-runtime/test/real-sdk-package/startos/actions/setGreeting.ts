import { settings } from '../fileModels/settings.json'
import { sdk } from '../sdk'

const { InputSpec, Value } = sdk

export const inputSpec = InputSpec.of({
  name: Value.text({
    name: 'Name',
    description: 'Whom the page greets',
    required: true,
    default: 'World',
    patterns: [{ regex: '^[A-Za-z ]+$', description: 'Letters and spaces only' }],
  }),
  times: Value.number({
    name: 'Times',
    description: 'How often the greeting stands on the page',
    required: true,
    default: 1,
    integer: true,
    min: 1,
    max: 9,
  }),
  loud: Value.toggle({ name: 'Loud', default: false }),
  language: Value.select({
    name: 'Language',
    default: 'en',
    values: { en: 'English', de: 'Deutsch' },
  }),
})

export const setGreeting = sdk.Action.withInput(
  'set-greeting',
  async () => ({
    name: 'Set Greeting',
    description: 'Choose whom and how the page greets',
    warning: null,
    allowedStatuses: 'any',
    group: null,
    visibility: 'enabled',
  }),
  inputSpec,
  async () => settings.read().once(),
  async ({ effects, input }) => {
    await settings.merge(effects, input)
  },
)
