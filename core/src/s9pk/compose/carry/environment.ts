import type { VariablePlan } from '../model.ts'
import { literalText, settingText } from '../settings/index.ts'
import { isSecret } from '../settings/classify.ts'
import { parseEnvFile } from '../source/env-file.ts'
import { envText } from '../source/load.ts'
import { references } from '../source/template.ts'
import type { ServiceContext } from './context.ts'

/** `environment` and `env_file`: what is fixed stays in the code, what is not becomes a setting. */
export async function carryEnvironment(
  context: ServiceContext,
  infrastructure: boolean,
): Promise<VariablePlan[]> {
  const variables = new Map<string, VariablePlan>()
  for (const [name, value] of await fromFiles(context))
    variables.set(name, {
      name,
      text: literal(context, ['env_file'], name, value, infrastructure),
      onlyWhenSet: null,
    })
  const { environment } = context.service
  if (environment !== undefined) context.use('environment')
  for (const [name, value] of environment ?? []) {
    const path = ['environment', name]
    if (value === null) variables.set(name, passedThrough(context, name))
    else if (references(context.conversion.template(context.path(...path), value)).length > 0)
      variables.set(name, { name, text: context.text(path, value), onlyWhenSet: null })
    else
      variables.set(name, {
        name,
        text: literal(context, path, name, value.replaceAll('$$', '$'), infrastructure),
        onlyWhenSet: null,
      })
  }
  return [...variables.values()]
}

function literal(
  context: ServiceContext,
  rest: string[],
  name: string,
  value: string,
  infrastructure: boolean,
) {
  const { conversion, name: service } = context
  return literalText({ conversion, service, path: context.path(...rest) }, name, value, infrastructure)
}

/** A name alone: compose takes the value from the shell that starts it; here the owner may give one. */
function passedThrough(context: ServiceContext, name: string): VariablePlan {
  const { conversion } = context
  const use = { service: context.name, variable: name }
  const given = conversion.values.get(name) || null
  const setting = isSecret(name, given)
    ? conversion.settings.foreign(use)
    : conversion.settings.field(use, given, { optional: true })
  return { name, text: settingText(setting), onlyWhenSet: setting.key }
}

async function fromFiles(context: ServiceContext): Promise<Map<string, string>> {
  const all = new Map<string, string>()
  const { env_file: files = [] } = context.service
  for (const [i, given] of files.entries()) {
    const rest = typeof context.raw['env_file'] === 'string' ? ['env_file'] : ['env_file', i]
    const name = context.fixed(rest, given.path)
    context.useKeys(rest, given, ['path', 'required', 'format'])
    if (rest.length === 1) context.use('env_file')
    const found = await envText(context.conversion.files, name)
    if (
      !context.conversion.files.isInside(name) ||
      (await context.conversion.files.find(name)).kind === 'outside'
    ) {
      const what = `“${name}” is outside of the project directory`
      throw context.conversion.document.error('InvalidRequest', context.path(...rest), what)
    }
    if (found?.example)
      context.list('changed', rest, `There is no file ${name}; ${found.example} is taken in its place.`)
    if (found === null && given.required === false)
      context.list('none', rest, `There is no file ${name}, and it is optional.`)
    else if (found === null) {
      const advice = 'Add it (or fill in its example) and convert again.'
      context.list('problem', rest, `There is no file ${name}, so its variables are missing. ${advice}`)
    }
    for (const [key, value] of parseEnvFile(found?.text ?? '')) all.set(key, value)
  }
  return all
}
