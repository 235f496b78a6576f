import type { CommandPlan, Text } from '../model.ts'
import { splitWords } from '../source/words.ts'
import type { ServiceContext } from './context.ts'

/** What runs: the image's entrypoint, or what `entrypoint` and `command` say in its place. */
export function carryCommand(context: ServiceContext): CommandPlan {
  const { entrypoint, command } = context.service
  const words = wordsOf(context, 'command')
  if (entrypoint === undefined) return { kind: 'entrypoint', arguments: words }
  const first = wordsOf(context, 'entrypoint')
  // An empty entrypoint only takes the image's own away; the command has to be given then.
  const argv = [...(first ?? []), ...(words ?? [])]
  if (argv.length > 0) return { kind: 'argv', argv }
  if (command === undefined) return { kind: 'entrypoint', arguments: null }
  throw context.conversion.document.error(
    'InvalidRequest',
    context.path('entrypoint'),
    'is empty, and there is no command either; say what the service runs',
  )
}

function wordsOf(context: ServiceContext, key: 'command' | 'entrypoint'): Text[] | null {
  const given = context.service[key]
  if (given === undefined) return null
  context.use(key)
  if (given === null || given === '' || given.length === 0) return null
  const list = typeof given === 'string' ? splitWords(given) : given
  return withoutSecrets(context, key, list)
}

/** Words after which a password comes, as `redis-server --requirepass …`. */
const BEFORE_PASSWORD = /^--?(requirepass|masterauth|pass|password|pw|auth)$|^-a$/i
const WITH_PASSWORD = /^(--?(?:requirepass|pass|password)=|-p)(.+)$/

/** The words of a command; passwords that are spelled out become the secrets that they stand for. */
export function withoutSecrets(context: ServiceContext, key: string, words: readonly string[]): Text[] {
  const { settings } = context.conversion
  return words.map((word, i) => {
    const before = words[i - 1] ?? ''
    const spelledOut = BEFORE_PASSWORD.test(before) && !word.includes('$') && !word.startsWith('-')
    if (spelledOut) {
      const variable = `${context.name.toUpperCase().replaceAll(/\W/g, '_')}_PASSWORD`
      return [{ setting: settings.spelled({ service: context.name, variable }, word).key }]
    }
    const [, option, password = ''] = WITH_PASSWORD.exec(word) ?? []
    const known = settings.sample(password)
    if (option !== undefined && known) return [option, { setting: known.key }]
    const same = settings.sample(word)
    if (same && /pass|-p$|-a$/i.test(before)) return [{ setting: same.key }]
    return context.text([key], word)
  })
}
