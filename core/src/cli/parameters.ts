import { z } from 'zod'
import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'

/** The parts of JSON Schema that parameters are described with. */
interface Shape {
  type?: string | string[]
  enum?: string[]
  items?: Shape
  anyOf?: Shape[]
  description?: string
  short?: string
  /** A secret, which is plain text here. */
  secret?: boolean
  /** A flag that can also be turned off: it takes “true” or “false”. */
  value?: boolean
}

/** How a value is written on the command line. */
type Kind = 'flag' | 'yes-or-no' | 'text' | 'number' | 'number-or-text' | 'json'

interface Parameter {
  name: string
  kind: Kind
  choices: string[] | null
  list: boolean
  required: boolean
  description: string
  short: string | null
  secret: boolean
}

/** Gives a command the arguments and flags of a method's parameters; answers how to read them back. */
export function addParameters(
  command: Command,
  definition: MethodDefinition,
): (command: Command) => Record<string, unknown> {
  const all = describe(definition.params)
  const parameters = new Map(all.map((parameter) => [parameter.name, parameter]))
  const positional = (definition.cli?.positional ?? []).map((text) => {
    const name = text.replace(/[?…]+$/, '')
    const parameter = parameters.get(name)
    if (!parameter) throw new Error(`no parameter is called ${name}`)
    parameters.delete(name)
    command.addArgument(argumentFor(parameter, text))
    return parameter
  })
  for (const parameter of parameters.values()) command.addOption(optionFor(parameter))
  return (parsed) => {
    const flags = parsed.opts()
    const given = positional.map(({ name }, index) => [name, parsed.processedArgs[index] as unknown])
    const named = [...parameters.keys()].map((name) => [name, flags[name] as unknown])
    return {
      // What the server must be told, and a command line leaves out: a flag that is off, an empty list.
      ...Object.fromEntries(all.filter(({ required }) => required).flatMap(silence)),
      ...Object.fromEntries([...given, ...named].filter(([, value]) => value !== undefined)),
    }
  }
}

/**
 * Adds the secrets that a method needs and that were not given as flags, where everybody on the machine could read
 * them: from `$PASSWORD`, else `ask` is called for each.
 */
export async function addSecrets(
  params: Record<string, unknown>,
  definition: MethodDefinition,
  ask: (question: string) => Promise<string>,
): Promise<Record<string, unknown>> {
  const added: Record<string, unknown> = {}
  for (const { name, required, secret, description } of describe(definition.params)) {
    if (!secret || !required || params[name] !== undefined) continue
    added[name] = process.env['PASSWORD'] ?? (await ask(`${description}: `))
  }
  return { ...params, ...added }
}

function describe(schema: z.ZodType): Parameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, property]) => {
    const outer = property as Shape
    const shape = withoutNull(outer)
    const list = shape.type === 'array'
    const element = list ? withoutNull(shape.items ?? {}) : shape
    return {
      name,
      kind: kindOf(element, { ...element, ...shape, ...outer }),
      choices: element.enum ?? null,
      list,
      required: required.includes(name),
      description: outer.description ?? shape.description ?? '',
      short: outer.short ?? null,
      secret: outer.secret ?? shape.secret ?? false,
    }
  })
}

/** What it means to leave a required parameter out; nothing for those that must be given. */
function silence({ name, kind, list }: Parameter): [string, unknown][] {
  return list ? [[name, []]] : kind === 'flag' ? [[name, false]] : []
}

function withoutNull(shape: Shape): Shape {
  const types = [shape.type ?? []].flat().filter((type) => type !== 'null')
  const options = shape.anyOf?.filter(({ type }) => type !== 'null')
  const only = options?.length === 1 ? options[0] : undefined
  if (only) return withoutNull(only)
  return {
    ...shape,
    ...(types[0] === undefined ? {} : { type: types[0] }),
    ...(options ? { anyOf: options } : {}),
  }
}

function kindOf({ type, anyOf }: Shape, { secret, value }: Shape): Kind {
  if (secret) return 'text'
  if (type === 'boolean') return value ? 'yes-or-no' : 'flag'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'string') return 'text'
  const types = anyOf?.map((option) => option.type) ?? []
  return types.length === 2 && types.includes('integer') && types.includes('string')
    ? 'number-or-text'
    : 'json'
}

function optionFor(parameter: Parameter): Option {
  const short = parameter.short === null ? '' : `-${parameter.short}, `
  const value = parameter.kind === 'flag' ? '' : ` <${placeholder(parameter)}${parameter.list ? '...' : ''}>`
  const option = new Option(`${short}--${kebab(parameter.name)}${value}`, parameter.description)
  if (parameter.choices) option.choices(parameter.choices)
  else if (parameter.kind !== 'flag') option.argParser(parserFor(parameter))
  const needed = parameter.required && !parameter.secret && silence(parameter).length === 0
  return needed ? option.makeOptionMandatory() : option
}

function argumentFor(parameter: Parameter, text: string): Argument {
  const name = `${kebab(parameter.name)}${parameter.list ? '...' : ''}`
  const argument = new Argument(text.includes('?') ? `[${name}]` : `<${name}>`, parameter.description)
  return parameter.choices ? argument.choices(parameter.choices) : argument.argParser(parserFor(parameter))
}

function parserFor({ kind, list }: Parameter): (text: string, before: unknown) => unknown {
  return (text, before) => {
    const value = parse(kind, text)
    return list ? [...(Array.isArray(before) ? (before as unknown[]) : []), value] : value
  }
}

function parse(kind: Kind, text: string): unknown {
  switch (kind) {
    case 'number':
      if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('This must be a number.')
      return Number(text)
    case 'yes-or-no':
      if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('This must be true or false.')
      return text === 'true'
    case 'number-or-text':
      return /^-?\d+$/.test(text) ? Number(text) : text
    case 'json':
      try {
        return JSON.parse(text) as unknown
      } catch {
        throw new InvalidArgumentError('This must be JSON; put text in double quotes.')
      }
    case 'text':
    case 'flag':
      return text
    default:
      return kind satisfies never
  }
}

function placeholder({ kind, name }: Parameter): string {
  const words: Partial<Record<Kind, string>> = { number: 'number', json: 'json', 'yes-or-no': 'true|false' }
  return words[kind] ?? kebab(name)
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
