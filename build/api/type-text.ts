import type { JsonSchema } from '../../core/src/cli/json-schema.ts'

/** A schema in TypeScript's notation. */
export function typeText(schema: JsonSchema, indent = ''): string {
  if (schema.$ref !== undefined) return 'Json'
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const options = schema.anyOf ?? schema.oneOf
  if (options) return [...new Set(options.map((option) => typeText(option, indent)))].join(' | ')
  if (schema.allOf) return schema.allOf.map((part) => typeText(part, indent)).join(' & ')
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => typeText({ ...schema, type }, indent)).join(' | ')
  }
  switch (schema.type) {
    case 'object':
      return objectText(schema, indent)
    case 'array':
      return `(${typeText(schema.items ?? {}, indent)})[]`.replace(/^\((\w+|\{[^|&]*\})\)/s, '$1')
    case 'integer':
      return 'number'
    case undefined:
      return 'Json'
    default:
      return schema.type
  }
}

function objectText({ properties, required = [], additionalProperties }: JsonSchema, indent: string): string {
  const members = Object.entries(properties ?? {})
  if (members.length === 0) {
    return typeof additionalProperties === 'object'
      ? `Record<string, ${typeText(additionalProperties, indent)}>`
      : '{}'
  }
  const deeper = `${indent}  `
  const lines = members.map(
    ([name, member]) => `${deeper}${name}${required.includes(name) ? '' : '?'}: ${typeText(member, deeper)}`,
  )
  return `{\n${lines.join('\n')}\n${indent}}`
}
