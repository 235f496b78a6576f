import { writePage } from '../page.ts'
import { sdk } from '../sdk.ts'
import { COLOURS, settings } from '../settings.ts'

const { InputSpec, Value } = sdk

const form = InputSpec.of({
  greeting: Value.text({
    name: 'Greeting',
    description: 'What your page says',
    required: true,
    default: 'Hello, World!',
    placeholder: 'Hello, World!',
    minLength: 1,
    maxLength: 100,
  }),
  colour: Value.select({
    name: 'Colour',
    description: 'The colour of the page',
    default: 'sky',
    values: COLOURS,
  }),
  showDate: Value.toggle({
    name: 'Show the date',
    description: 'Says on the page when it was last changed',
    default: false,
  }),
})

export const setGreeting = sdk.Action.withInput(
  'set-greeting',
  {
    name: 'Set greeting',
    description: 'Changes what your page says and how it looks',
    warning: null,
    allowedStatuses: 'any',
    group: null,
    visibility: 'enabled',
  },
  form,
  async () => settings.read().once(),
  async ({ effects, input }) => {
    await settings.merge(effects, input)
    await writePage(effects, input)
    return {
      version: '1',
      title: 'Greeting changed',
      message: 'Your page now says:',
      result: { type: 'single', value: input.greeting, copyable: true, masked: false, qr: false },
    }
  },
)
