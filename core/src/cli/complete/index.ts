import { CONTRACT } from '@startd/base/rpc/contract.ts'
import type { Command } from 'commander'
import { buildProgram } from '../program.ts'
import { idCandidates } from './ids.ts'
import { type Place, placeOf } from './place.ts'
import { flagCandidates, type Candidate, subcommands } from './words.ts'

/** What makes the shell complete names of files. */
const FILES = ':files'

/**
 * `__complete -- WORD…`: prints what the last word may become, a line each, with its meaning behind a tab. Says nothing
 * when anything goes wrong: somebody is typing.
 */
export async function complete(
  args: readonly string[],
  version: string,
  print: (text: string) => void,
): Promise<number> {
  const words = args[0] === '--' ? args.slice(1) : args
  try {
    const program = await buildProgram(
      version,
      () => undefined,
      isWhole(words) ? words : [...words, '--help'],
    )
    const place = placeOf(program, words)
    for (const line of await candidates(program, place)) print(line)
  } catch {
    return 0
  }
  return 0
}

/** Whether the words name a command already: then only its flags are made, else what the help would need. */
function isWhole(words: readonly string[]): boolean {
  return Object.keys(CONTRACT).some((name) => name.split('.').every((word) => words.includes(word)))
}

async function candidates(program: Command, place: Place): Promise<string[]> {
  const { current, start } = place
  const found = await candidatesAt(program, place)
  const lines = found
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, meaning }) => `${start}${word}\t${meaning.replace(/\s+/g, ' ')}`)
  return takesFile(place) ? [...lines, FILES] : lines
}

async function candidatesAt(program: Command, place: Place): Promise<Candidate[]> {
  const { command, option, argument, current } = place
  if (option)
    return option.argChoices?.map(bare) ?? (await idCandidates(program, place, option.attributeName()))
  if (current.startsWith('-')) return flagCandidates(program, command)
  if (command.commands.length > 0 && place.position === 0) return subcommands(command)
  if (!argument) return []
  return argument.argChoices?.map(bare) ?? (await idCandidates(program, place, argument.name()))
}

function bare(word: string): Candidate {
  return { word, meaning: '' }
}

/** Whether a name of a file fits here; told by how the help calls the value. */
function takesFile({ option, argument, current }: Place): boolean {
  if (option) return /<(file|dir|path)/.test(option.flags)
  return (
    !current.startsWith('-') &&
    argument !== null &&
    /^(file|dir|path|s9pk|input|output)/.test(argument.name())
  )
}
