import type { Command } from 'commander'
import { addFromCompose } from './from-compose.ts'
import { addChangeCommands } from './s9pk/change.ts'
import { addFileCommands } from './s9pk/file.ts'
import { addInitWorkspace, addKeyCommands } from './s9pk/keys.ts'
import { addProjectCommands } from './s9pk/project.ts'
import { addPublishCommand } from './s9pk/publish.ts'
import { addSelectCommand, addUtil } from './s9pk/select.ts'
import type { Print } from './s9pk/tool.ts'

/** `init-key`, `pubkey` and `s9pk …`: work on files of this machine. */
export function addPackageTools(program: Command, print: Print): void {
  addKeyCommands(program, print)
  const group = program.command('s9pk').description('Make and look into package files')
  addProjectCommands(group, print)
  addFromCompose(group, print)
  addInitWorkspace(group, print)
  addFileCommands(group, print)
  addChangeCommands(group, print)
  addPublishCommand(group, print)
  addSelectCommand(group, print)
  addUtil(program, print)
}
