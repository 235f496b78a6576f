import { CodedError } from '@startd/base/errors.ts'
import { CONTRACT } from '@startd/base/rpc/contract.ts'
import { render } from '../output.ts'
import type { CustomCommand } from './command.ts'

/** `package verify`: fails when the stored file is damaged, so that scripts notice. */
export const packageVerify: CustomCommand = {
  run: async ({ client, format, print }, params) => {
    const { id } = CONTRACT['package.verify'].params.parse(params)
    const check = await client.call('package.verify', { id })
    if (format !== null && format !== 'table') print(render(check, format, null))
    else if (check.damage === null) print('The stored package file is just what its author has signed.')
    if (check.damage === null) return
    throw new CodedError(
      'ValidateS9pk',
      `the stored package file of “${id}” is damaged: ${check.damage.split('. ')[0]}. Get it again with ` +
        `“start-cli package refetch ${id}” if it came from the web, else by installing the same file once more`,
    )
  },
}
