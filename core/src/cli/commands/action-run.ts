import { CodedError } from '@startd/base/errors.ts'
import type { ActionResultV1, ActionResultValue } from '@startd/base/service-schemas.ts'
import type { Client } from '../client.ts'
import { yaml } from '../config-file.ts'
import { render } from '../output.ts'
import { readStandardInput } from '../prompt.ts'
import type { CustomCommand, Session } from './command.ts'

/** `package action run`: opens the action's form if it has one, answers it, and shows the result as text. */
export const actionRun: CustomCommand = {
  run: async (session, params) => {
    const { client } = session
    const packageId = String(params['packageId'])
    const actionId = String(params['actionId'])
    const answers = await answersFor(client, packageId, actionId, params)
    const result = await client.callAny('package.action.run', { packageId, actionId, ...answers })
    if (result !== null) show(session, result as ActionResultV1)
  },
}

/** What is not answered stays as the form has it. Its id goes along, so that the service knows which form is meant. */
async function answersFor(
  client: Client,
  packageId: string,
  actionId: string,
  params: Record<string, unknown>,
) {
  const given = params['input'] ?? (await inputFromPipe())
  const eventId = params['eventId'] as string | undefined
  if (eventId !== undefined) return { eventId, input: given }
  const form = (await client.callAny('package.action.get-input', { packageId, actionId })) as {
    eventId: string
    value: unknown
  } | null
  if (form === null) return { input: null }
  const input = isObject(given) && isObject(form.value) ? { ...form.value, ...given } : (given ?? form.value)
  if (input === null) {
    throw new CodedError(
      'InvalidRequest',
      `This action asks for input. See its form with “start-cli package action get-input ${packageId} ${actionId}” and give the answers with --input.`,
    )
  }
  return { eventId: form.eventId, input }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON or YAML. */
async function inputFromPipe(): Promise<unknown> {
  const text = await readStandardInput()
  if (text === null || text.trim() === '') return null
  try {
    return yaml().parse(text, { maxAliasCount: 20 }) as unknown
  } catch (error) {
    throw new CodedError('Deserialization', 'Standard input is neither JSON nor YAML', { cause: error })
  }
}

function show({ print, format }: Session, result: ActionResultV1): void {
  if (format !== null && format !== 'table') return print(render(result, format, null))
  print(result.title)
  if (result.message !== null) print(result.message)
  if (result.result !== null) for (const line of lines(result.result, '')) print(line)
}

function lines(value: ActionResultValue, indent: string): string[] {
  if (value.type === 'single') return [`${indent}${value.value}`]
  return value.value.flatMap((member) =>
    member.type === 'single'
      ? [`${indent}${member.name}: ${member.value}`]
      : [`${indent}${member.name}:`, ...lines(member, `${indent}  `)],
  )
}
