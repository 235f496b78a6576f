import { type JsonSchema, jsonSchema } from '../../core/src/cli/json-schema.ts'
import { ABSENT } from '../../core/src/api/absent.ts'
import type { Absence, Absences } from '../../core/src/rpc/handlers.ts'
import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import { EXAMPLES } from './examples.ts'
import type { Answers } from './record.ts'
import type { Answer } from './server.ts'
import { typeText } from './type-text.ts'

const absences: Absences = ABSENT

const WHO: Record<MethodDefinition['auth'], string> = {
  public: 'For anybody',
  session: 'After login',
  login: 'For anybody, slowed down after wrong passwords',
  setup: 'For anybody, as long as that stage lasts',
}

const MARK: Record<MethodDefinition['mark'], string> = {
  CORE: '',
  HW: 'for dedicated hardware',
  LATER: 'for special needs',
}

const HEAD = `# API of the server

These pages are made from the contract in \`sdk/base/src/rpc\`. The examples are what a real server answered: \`sh build/run.sh build/api-reference.ts --record\` asks one anew, and without \`--record\` only the pages are written. \`start-cli api methods --format json\` prints the same contract with parameters and results as JSON Schema.

Calls are \`POST /rpc/v1\` with \`{"method": …, "params": {…}}\`; the answer has \`result\` or \`error\` and always HTTP status 200. \`params\` must be there. Keys that are not listed are ignored; a key with \`?\` may be missing or null. Log in with \`auth.login\`; the session comes as a cookie. \`guid\` in a result opens \`/ws/rpc/<guid>\` (one JSON text per frame) or takes an upload at \`/rest/rpc/<guid>\`, once, within 30 seconds. Synchronised methods answer with the header \`X-Patch-Sequence\`: the state that \`db.subscribe\` streams has the effect of the call once it has reached that number. Why the envelope is as it is: [0008](decisions/0008-rpc-envelope.md).

Each method is there at some stages of the server’s life: while it is set up (\`setup\`), while it starts (\`init\`), when it runs (\`running\`), and after a start that has failed (\`diagnostic\`). At others it does not exist. Methods that are declared but that this server cannot do answer an error that says why; \`data.info.missing\` is \`machine\` when the machine lacks the part, and \`release\` when this startd cannot do it yet.
`

/** The API reference: Markdown pages by their path below \`docs\`. */
export function pages(answers: Answers): Map<string, string> {
  const groups = Map.groupBy(Object.keys(CONTRACT) as MethodName[], groupOf)
  const written = new Map([['api.md', index(groups)]])
  for (const [group, names] of groups) {
    const sections = names.map((name) => section(name, answers))
    written.set(`api/${group}.md`, `# ${group}\n\n[All methods](../api.md)\n\n${sections.join('\n')}`)
  }
  return written
}

function groupOf(name: MethodName): string {
  return name.includes('.') ? (name.split('.')[0] ?? name) : 'general'
}

function index(groups: Map<string, MethodName[]>): string {
  const tables = [...groups].map(([group, names]) => {
    const rows = names.map((name) => {
      const absence = absences[name]
      const missing = absence ? ` *(${absence.missing === 'machine' ? 'not here' : 'not yet'})*` : ''
      return `| [\`${name}\`](api/${group}.md#${anchor(name)}) | ${CONTRACT[name].summary}${missing} |`
    })
    return `## ${group}\n\n| method | what it does |\n| --- | --- |\n${rows.join('\n')}\n`
  })
  return `${HEAD}\n${tables.join('\n')}\n${missing('release', 'Not yet', 'This startd cannot do these yet.')}\n${missing(
    'machine',
    'Not here',
    'These need a part that a plain Debian machine does not give to startd.',
  )}`
}

/** The methods without a handler, by the reason that they answer. */
function missing(which: Absence['missing'], title: string, text: string): string {
  const found = Object.entries(absences).filter(([, absence]) => absence.missing === which)
  const reasons = [...Map.groupBy(found, ([, { details }]) => details)].map(
    ([details, methods]) => `- ${details}: ${methods.map(([name]) => `\`${name}\``).join(', ')}`,
  )
  return `## ${title}\n\n${text}\n\n${reasons.join('\n')}\n`
}

function section(name: MethodName, answers: Answers): string {
  const definition: MethodDefinition = CONTRACT[name]
  const { summary, params, result, auth, contexts, sync, mark, cli } = definition
  const facts = [
    WHO[auth],
    `stage ${contexts.join(', ')}`,
    ...(sync ? ['synchronised'] : []),
    ...(mark === 'CORE' ? [] : [MARK[mark]]),
  ]
  const absence = absences[name]
  const schema = jsonSchema(params, 'input')
  return [
    `## ${name}\n`,
    `${summary}. ${facts.join('; ')}.\n`,
    ...(absence
      ? [`**${absence.missing === 'machine' ? 'Not here' : 'Not yet'}.** ${absence.details}.\n`]
      : []),
    '```ts',
    `params: ${typeText(schema)}`,
    `result: ${typeText(jsonSchema(result, 'output'))}`,
    '```\n',
    ...described(schema),
    ...example(name, answers[name]),
    ...commandLines(cli?.examples ?? []),
  ].join('\n')
}

function example(name: MethodName, answer: Answer | undefined): string[] {
  if (answer === undefined) return []
  return ['Example:\n', '```json', json({ method: name, params: EXAMPLES[name] }), json(answer), '```\n']
}

function commandLines(examples: readonly string[]): string[] {
  return examples.length === 0 ? [] : [`\`\`\`sh\n${examples.join('\n')}\n\`\`\`\n`]
}

/** What the contract says of single parameters. */
function described({ properties = {} }: JsonSchema): string[] {
  const lines = Object.entries(properties).flatMap(([name, property]) => {
    const text = property.description ?? property.anyOf?.find(({ description }) => description)?.description
    return text === undefined ? [] : [`- \`${name}\`: ${text}`]
  })
  return lines.length === 0 ? [] : [`${lines.join('\n')}\n`]
}

/** On one line where it fits. */
function json(value: unknown): string {
  const line = JSON.stringify(value)
  return line.length <= 100 ? line : JSON.stringify(value, null, 2)
}

function anchor(name: string): string {
  return name.replaceAll('.', '')
}
