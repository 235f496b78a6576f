import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { nativeHash } from '../../../s9pk/blake3.ts'
import { select } from '../../../s9pk/cli/index.ts'
import { fileError } from '../../../s9pk/file-error.ts'
import { openSession } from '../../session.ts'
import { type Print, example } from './tool.ts'

/** `s9pk select`: asks a server what it is. */
export function addSelectCommand(group: Command, print: Print): void {
  const command = group
    .command('select')
    .description('Print which of some package files suits the server best')
    .argument('[s9pk...]', 'Package files; all in this directory unless given')
  example(command, 'start-cli s9pk select', 'start-cli package install $(start-cli s9pk select)').action(
    async (paths: string[]) => {
      const { client } = await openSession(command, print)
      print(await select(paths, await client.call('server.device-info', {})))
    },
  )
}

/** `util b3sum`: the BLAKE3 of a file, as package tables and registries have it. */
export function addUtil(program: Command, print: Print): void {
  const group = program.command('util').description('Small tools')
  const command = group
    .command('b3sum')
    .description('Print the BLAKE3 hash of a file')
    .argument('<file>', 'File')
  example(command, 'start-cli util b3sum hello-world.s9pk').action(async (file: string) => {
    const hasher = nativeHash()
    try {
      await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), async (pieces) => {
        for await (const piece of pieces) hasher.update(piece as Buffer)
      })
    } catch (cause) {
      throw fileError(cause, `could not read ${file}`)
    }
    print(Buffer.from(hasher.digest()).toString('hex'))
  })
}
