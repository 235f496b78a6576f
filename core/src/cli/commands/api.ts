import { CONTRACT } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import type { Command } from 'commander'
import { type JsonSchema, jsonSchema } from '../json-schema.ts'
import { type Format, render } from '../output.ts'

/** A method as scripts and other programs read it; `params` and `result` are JSON Schema. */
export interface MethodListing {
  name: string
  summary: string
  params: JsonSchema
  result: JsonSchema
  auth: MethodDefinition['auth']
  mark: MethodDefinition['mark']
  contexts: MethodDefinition['contexts']
  sync: boolean
}

/** Every method of the contract, in the order of its groups. */
export function listMethods(): MethodListing[] {
  return Object.entries<MethodDefinition>(CONTRACT).map(
    ([name, { summary, params, result, auth, mark, contexts, sync }]) => ({
      name,
      summary,
      params: jsonSchema(params, 'input'),
      result: jsonSchema(result, 'output'),
      auth,
      mark,
      contexts,
      sync,
    }),
  )
}

/** `api methods`: needs no server, because the contract is part of the program. */
export function addApiCommands(program: Command, print: (text: string) => void): void {
  const api = program
    .command('api')
    .description('What the server can be asked')
    .addHelpText('after', '\nExamples:\n  start-cli api methods')
    .addHelpText('after', '\nExamples:\n  start-cli api methods')
  const methods = api
    .command('methods')
    .description('Show every method that can be called, with its parameters and result as JSON Schema')
    .addHelpText('after', '\nExamples:\n  start-cli api methods\n  start-cli api methods --format json')
  methods.action(() => {
    const { format = null } = methods.optsWithGlobals<{ format?: Format }>()
    print(render(listMethods(), format, ['name', 'auth', 'mark', 'summary']))
  })
}
