import type { Command } from 'commander'
import { VARIABLES } from './environment.ts'
import { TOP_LEVEL } from './groups.ts'

const EXAMPLES = 4

/** What a newcomer sees who has typed the name of the program and nothing else. */
export const OVERVIEW = `start-cli controls your server from a terminal.

  start-cli package list                     what is installed, and what it does
  start-cli package install ./photos.s9pk    install a service from a file
  start-cli package start photos             start it
  start-cli package logs photos -f           watch what it does
  start-cli server metrics --watch           watch the machine
  start-cli notification list                what the server has to tell you

On the server itself this works at once. From another machine:

  start-cli remote add attic https://attic.local
  start-cli --server attic auth login

start-cli --help lists all commands, and --help behind any command explains it.`

const STATUS = `Exit status:
  0    done
  2    the command was written in a wrong way (or a file could not be read)
  6    there is no such thing
  9    the server cannot be reached
  34   not logged in
  71   it took too long
  else the number of the error; docs/cli.md lists them`

/** What `--help` of the program tells besides commands and flags. */
export function rootHelp(): string {
  const width = Math.max(...Object.keys(VARIABLES).map((name) => name.length))
  const variables = Object.entries(VARIABLES).map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`)
  return `\nVariables (a flag counts before its variable, and that before the configuration file):\n${variables.join('\n')}\n\n${STATUS}\n\nExamples:\n  start-cli auth login\n  start-cli package list\n  start-cli package install ./hello-world.s9pk\n  start-cli --server attic package logs hello-world -f`
}

/** Gives the groups of commands their examples, and the program its chapters. */
export function arrangeHelp(program: Command, examplesOf: ReadonlyMap<Command, readonly string[]>): void {
  const order = [...new Set(Object.values(TOP_LEVEL))]
  const place = (child: Command) => order.indexOf(TOP_LEVEL[child.name()] ?? '')
  ;(program.commands as Command[]).sort((a, b) => place(a) - place(b))
  for (const child of program.commands) {
    child.helpGroup(`${TOP_LEVEL[child.name()] ?? 'Other'}:`)
    addGroupExamples(child, examplesOf)
  }
}

export function isHidden(command: Command): boolean {
  return command.name().startsWith('__')
}

function addGroupExamples(group: Command, examplesOf: ReadonlyMap<Command, readonly string[]>): string[] {
  const below = group.commands.map((child) => [
    ...(examplesOf.get(child) ?? []),
    ...addGroupExamples(child, examplesOf),
  ])
  const some = below.flatMap((examples) => examples.slice(0, 1)).slice(0, EXAMPLES)
  if (some.length > 0 && !examplesOf.has(group)) group.addHelpText('after', examplesText(some))
  return some
}

export function examplesText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`
}

/** Commands whose last word is, but for a letter or two, what somebody typed as the first one: `instal` → `package install`. */
export function elsewhere(program: Command, word: string): string[] {
  const found: { line: string; distance: number }[] = []
  const look = (command: Command, path: readonly string[]) => {
    for (const child of command.commands) {
      const here = [...path, child.name()]
      const distance = editDistance(child.name(), word)
      if (distance <= Math.floor(word.length / 4)) found.push({ line: here.join(' '), distance })
      look(child, here)
    }
  }
  look(program, ['start-cli'])
  return found
    .sort((a, b) => a.distance - b.distance)
    .slice(0, EXAMPLES)
    .map(({ line }) => line)
}

/** How many letters must be put in, left out or exchanged (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(changed, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}
