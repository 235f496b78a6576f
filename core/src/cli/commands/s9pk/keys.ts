import type { Command } from 'commander'
import { initKey, initWorkspace, pubkey } from '../../../s9pk/cli/index.ts'
import { KEY_OPTION, type KeyFlags, type Print, example } from './tool.ts'

/** `init-key` and `pubkey`. */
export function addKeyCommands(program: Command, print: Print): void {
  const init = program.command('init-key').description('Make your signing key, unless there is one')
  example(init.option(...KEY_OPTION), 'start-cli init-key').action(async ({ developerKeyPath }: KeyFlags) => {
    const { path, created } = await initKey(developerKeyPath)
    print(`${created ? 'Made' : 'There already is'} ${path}`)
  })
  const show = program.command('pubkey').description('Print the public half of your signing key')
  example(show.option(...KEY_OPTION), 'start-cli pubkey').action(async ({ developerKeyPath }: KeyFlags) =>
    print((await pubkey(developerKeyPath)).trimEnd()),
  )
}

/** `s9pk init-workspace`. */
export function addInitWorkspace(group: Command, print: Print): void {
  const command = group
    .command('init-workspace')
    .description('Make a directory a packaging workspace with a signing key of its own')
    .argument('[dir]', 'Directory', '.')
  example(command, 'start-cli s9pk init-workspace ./packages').action(async (directory: string) => {
    const { path, created } = await initWorkspace(directory)
    print(`${created ? 'Made' : 'There already is'} ${path}`)
  })
}
