import type { Command } from 'commander'
import { isHidden } from '../help.ts'

export interface Candidate {
  word: string
  meaning: string
}

export function subcommands(command: Command): Candidate[] {
  return command.commands
    .filter((child) => !isHidden(child))
    .map((child) => ({ word: child.name(), meaning: child.description() }))
}

/** The flags of a command, its own first, then those that every command has. */
export function flagCandidates(program: Command, command: Command): Candidate[] {
  const own = command === program ? [] : command.options
  const flags = [...own, ...program.options].filter(({ hidden }) => !hidden)
  return [
    ...flags.map(({ long, short, description }) => ({ word: long ?? short ?? '', meaning: description })),
    HELP,
  ]
}

const HELP: Candidate = { word: '--help', meaning: 'Explain this command' }
