import type { Argument, Command, Option } from 'commander'

/** Where in a command line somebody types, and what is expected there. */
export interface Place {
  readonly command: Command
  /** Words of the command, such as `package`, `start`. */
  readonly path: readonly string[]
  /** The flag whose value is typed. */
  readonly option: Option | null
  readonly argument: Argument | null
  /** How many arguments come before. */
  readonly position: number
  readonly before: readonly string[]
  /** The global flags that were given, as they were typed. */
  readonly flags: readonly string[]
  /** What is typed of the word so far. */
  readonly current: string
  /** What stays in front of it, such as `--format=`. */
  readonly start: string
}

/** Reads the words of an unfinished command line; the last one is the one being typed. */
export function placeOf(program: Command, words: readonly string[]): Place {
  let command = program
  const path: string[] = []
  const before: string[] = []
  const flags: string[] = []
  let option: Option | null = null
  let onlyArguments = false
  for (const word of words.slice(0, -1)) {
    if (option) {
      flags.push(word)
      option = null
      continue
    }
    if (word === '--') onlyArguments = true
    else if (word.startsWith('-') && !onlyArguments) {
      flags.push(word)
      const known = findOption(program, command, word.split('=')[0] ?? word)
      option = known && !known.isBoolean() && !word.includes('=') && !known.negate ? known : null
    } else {
      const child = before.length === 0 ? command.commands.find((each) => each.name() === word) : undefined
      if (child) {
        command = child
        path.push(word)
      } else before.push(word)
    }
  }
  const typed = words.at(-1) ?? ''
  const [, flag = '', value = ''] = /^(--[^=]+)=(.*)$/.exec(typed) ?? []
  const assigned = flag === '' ? null : findOption(program, command, flag)
  const declared = command.registeredArguments
  const last = declared.at(-1)
  const argument = declared[before.length] ?? (last?.variadic ? last : null)
  return {
    command,
    path,
    option: assigned ?? option,
    argument,
    position: before.length,
    before,
    flags,
    current: assigned ? value : typed,
    start: assigned ? `${flag}=` : '',
  }
}

function findOption(program: Command, command: Command, word: string): Option | null {
  const all = [...command.options, ...program.options]
  return all.find(({ long, short }) => long === word || short === word) ?? null
}
