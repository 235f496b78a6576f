import { stat } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import { CONTRACT } from '@startd/base/rpc/contract.ts'
import type { FullProgress } from '@startd/base/progress.ts'
import type { Client } from '../client.ts'
import { ProgressView } from '../progress-view.ts'
import type { CustomCommand } from './command.ts'

/** `package install`: from a file, which is uploaded, or from a web address; ends with the install's own error. */
export const install: CustomCommand = {
  ownParameters: true,
  prepare: (command) =>
    command
      .argument(
        '[file...]',
        'Package file (.s9pk), or web address of one; more of them are mirrors of the same file',
      )
      .option('-s, --sideload <file>', 'Package file; the same as naming it')
      .option(
        '--accept-signer <fingerprint>',
        'Install although this other key has signed it; only if its author has told you of the key',
      ),
  run: async ({ client }, _params, command) => {
    const options = command.opts<{ sideload?: string; acceptSigner?: string }>()
    const file = options.sideload ?? command.args[0]
    if (file === undefined) {
      throw new CodedError('InvalidRequest', 'Name the package file to install, such as ./hello-world.s9pk')
    }
    if (/^https?:\/\//i.test(file)) {
      return fromWeb(client, command.args, options.acceptSigner ?? null)
    }
    const info = await stat(file).catch(() => null)
    if (!info)
      throw new CodedError(
        'NotFound',
        `There is no file ${file}. Installing by id from a registry is not possible yet.`,
      )
    if (!info.isFile()) throw new CodedError('InvalidRequest', `${file} is not a file`)
    await sideload(client, file, options.acceptSigner ?? null)
  },
}

/** `package refetch`: ends with the install's own error. */
export const refetch: CustomCommand = {
  run: async ({ client }, params) => {
    const { id } = CONTRACT['package.refetch'].params.parse(params)
    const { progress } = await client.call('package.refetch', { id })
    await watch(client, progress)
  },
}

async function fromWeb(client: Client, urls: string[], acceptSigner: string | null): Promise<void> {
  const { progress } = await client.call('package.install-url', { urls, acceptSigner })
  await watch(client, progress)
}

async function sideload(client: Client, file: string, acceptSigner: string | null): Promise<void> {
  const { upload, progress } = await client.call('package.sideload', { acceptSigner })
  const watching = watch(client, progress)
  const [sent, installed] = await Promise.allSettled([client.upload(upload, file), watching])
  // The answer to the upload has the whole text, the end of the socket at most 123 bytes of it.
  if (sent.status === 'rejected') throw sent.reason
  if (installed.status === 'rejected') throw installed.reason
}

async function watch(client: Client, guid: string): Promise<void> {
  using view = new ProgressView()
  for await (const progress of client.follow<FullProgress>(guid)) view.show(progress)
}
