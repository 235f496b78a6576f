import { CommanderError, type Command } from 'commander'
import { explain, USAGE } from './failure.ts'
import { elsewhere, OVERVIEW } from './help.ts'
import { buildProgram } from './program.ts'
import { GaveUp } from './session.ts'
import { terminalOf } from './show/style.ts'

/** Runs one command line and answers the exit status. */
export async function main(argv: readonly string[], version: string): Promise<number> {
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  if (argv.length === 0) {
    print(OVERVIEW)
    return 0
  }
  if (argv[0] === '__complete') {
    const { complete } = await import('./complete/index.ts')
    return complete(argv.slice(1), version, print)
  }
  const program = await buildProgram(version, print, argv)
  exitByError(program)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return usage(error, program)
    return failed(error)
  }
}

function usage(error: CommanderError, program: Command): number {
  if (error.exitCode === 0) return 0
  const [, word] = /unknown command '(.+)'/.exec(error.message) ?? []
  const others = word === undefined ? [] : elsewhere(program, word)
  if (others.length > 0) process.stderr.write(`There is:\n${others.map((line) => `  ${line}\n`).join('')}`)
  return USAGE
}

function failed(error: unknown): number {
  const { text, hint, status } = explain(error)
  const terminal = terminalOf(process.stderr)
  process.stderr.write(`${terminal.paint(text, 'bad')}\n${hint === null ? '' : `${hint}.\n`}`)
  // A connection that nobody waits for any more would keep the program here.
  if (error instanceof GaveUp) process.exit(status)
  return status
}

function exitByError(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) exitByError(child)
}
