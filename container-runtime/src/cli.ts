import { parseArgs } from 'node:util'
import { COMMANDS, type Command } from './cli/commands.ts'
import { HostRefusal, callHost } from './cli/call-host.ts'
import { PATHS } from './paths.ts'

/** The commands of `start-container` that ask the host (effects.md §14); the others are native. */
async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      socket: { type: 'string', default: PATHS.hostSocket },
      help: { type: 'boolean', short: 'h', default: false },
      package: { type: 'string', short: 'p' },
      format: { type: 'string' },
      only: { type: 'string', multiple: true },
      except: { type: 'string', multiple: true },
    },
  })
  const found = findCommand(positionals)
  if (values.help || !found) {
    const out = values.help ? process.stdout : process.stderr
    out.write(usage(positionals))
    return values.help ? 0 : 2
  }
  const { command, rest } = found
  const result = await callHost(values.socket, command.method, command.params(rest, values))
  const text = command.print(result, values)
  if (text !== null) process.stdout.write(`${text}\n`)
  return 0
}

function findCommand(words: string[]): { command: Command; rest: string[] } | null {
  for (const length of [2, 1]) {
    const command = COMMANDS[words.slice(0, length).join(' ')]
    if (command && words.length >= length) return { command, rest: words.slice(length) }
  }
  return null
}

function usage(words: string[]): string {
  const all = Object.entries(COMMANDS)
  const begun = all.filter(([name]) => words.length > 0 && name.startsWith(words[0] ?? ''))
  const lines = (begun.length > 0 ? begun : all).map(
    ([name, { usage }]) => `  start-container ${name}${usage === '' ? '' : ` ${usage}`}`,
  )
  return `Usage: start-container [--socket PATH] COMMAND\n${lines.join('\n')}\n`
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = error instanceof HostRefusal ? error.exitCode : 2
  },
)
