import { CommanderError } from 'commander'
import { explain, USAGE } from './failure.ts'
import { buildProgram } from './program.ts'

/** Runs one command line and answers the exit status. */
export async function main(argv: readonly string[], version: string): Promise<number> {
  const program = buildProgram(version, (text) => void process.stdout.write(`${text}\n`), argv)
  exitByError(program)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE
    const { text, status } = explain(error)
    process.stderr.write(`${text}\n`)
    return status
  }
}

function exitByError(command: ReturnType<typeof buildProgram>): void {
  command.exitOverride()
  for (const child of command.commands) exitByError(child)
}
