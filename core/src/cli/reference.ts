import { CONTRACT } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import { type JsonSchema, jsonSchema } from './json-schema.ts'

const WHO: Record<MethodDefinition['auth'], string> = {
  public: 'For anybody',
  session: 'After login',
  login: 'For anybody, slowed down after wrong passwords',
  setup: 'For anybody, as long as that stage lasts',
}

const HEAD = `# API of the server

This page is made from the contract in \`sdk/base/src/rpc\` by \`sh build/run.sh build/api-reference.ts\`.

Calls are \`POST /rpc/v1\` with \`{"method": …, "params": {…}}\`; the answer has \`result\` or \`error\` and always HTTP
status 200. \`params\` must be there. Keys that are not listed are ignored; a key with \`?\` may be missing or
null. Log in with \`auth.login\`; the session comes as a cookie. \`guid\` in a result opens \`/ws/rpc/<guid>\` (one JSON text per frame) or takes an upload at
\`/rest/rpc/<guid>\`, once, within 30 seconds. Synchronised methods answer with the header \`X-Patch-Sequence\`: the state
that \`db.subscribe\` streams has the effect of the call once it has reached that number. Why the envelope is as it is:
[0008](decisions/0008-rpc-envelope.md).
`

/** The API reference as Markdown, from the same table that the server and the command line are made from. */
export function reference(): string {
  const groups = Map.groupBy(Object.entries<MethodDefinition>(CONTRACT), ([name]) =>
    name.includes('.') ? (name.split('.')[0] ?? name) : 'General',
  )
  const sections = [...groups].map(([group, methods]) => `## ${group}\n\n${methods.map(section).join('\n')}`)
  return `${HEAD}\n${sections.join('\n')}`
}

function section([name, definition]: [string, MethodDefinition]): string {
  const { summary, params, result, auth, contexts, sync, cli } = definition
  const facts = [WHO[auth], `stage ${contexts.join(', ')}`, ...(sync ? ['synchronised'] : [])]
  const example = cli?.examples?.[0]
  return [
    `### ${name}\n`,
    `${summary}. ${facts.join('; ')}.\n`,
    '```ts',
    `params: ${typeText(jsonSchema(params, 'input'))}`,
    `result: ${typeText(jsonSchema(result, 'output'))}`,
    '```\n',
    ...(example === undefined ? [] : [`\`${example}\`\n`]),
  ].join('\n')
}

/** A schema in TypeScript's notation. */
function typeText(schema: JsonSchema, indent = ''): string {
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
