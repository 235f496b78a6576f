import type { Command } from 'commander'
import { addApiCommands } from './api.ts'
import { addCompletionCommand } from './completion.ts'
import { examplesText } from '../help.ts'
import { addManCommand } from './man.ts'
import { addRemoteCommands } from './remote.ts'

type Print = (text: string) => void

/** Groups of tools that work on files of this machine; they are loaded when one of them is meant. */
export const TOOLS: Readonly<Record<string, string>> = {
  'init-key': 'Make your signing key, unless there is one',
  pubkey: 'Print the public half of your signing key',
  s9pk: 'Make and look into package files',
  util: 'Small tools',
}

const GROUP_EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  s9pk: [
    'start-cli s9pk from-compose ./docker-compose.yml -o ./my-service',
    'start-cli s9pk pack ./my-service',
  ],
  util: ['start-cli util b3sum hello-world.s9pk'],
}

/** The package tools, or only their names where `argv` does not mention one. */
export async function addToolCommands(
  program: Command,
  print: Print,
  argv?: readonly string[],
): Promise<void> {
  if (argv === undefined || argv.some((word) => word in TOOLS)) {
    const { addPackageTools } = await import('./s9pk.ts')
    addPackageTools(program, print)
    for (const command of program.commands) {
      const examples = GROUP_EXAMPLES[command.name()]
      if (examples) command.addHelpText('after', examplesText(examples))
    }
    return
  }
  for (const [name, description] of Object.entries(TOOLS)) program.command(name).description(description)
}

/** Commands without a method: they need no server. */
export function addOwnCommands(program: Command, print: Print, version: string): void {
  addApiCommands(program, print)
  addRemoteCommands(program, print)
  addCompletionCommand(program, print)
  addManCommand(program, print, version)
}
