import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import type { CliShape, MethodDefinition } from '@startd/base/rpc/method.ts'
import { Command, Option } from 'commander'
import { CUSTOM_COMMANDS, type CustomCommand, type Session } from './commands/index.ts'
import { addOwnCommands, addToolCommands } from './commands/own.ts'
import { FORMATS } from './format.ts'
import { GROUPS } from './groups.ts'
import { arrangeHelp, examplesText, rootHelp } from './help.ts'
import { renderResult } from './output.ts'
import { addParameters, addSecrets } from './parameters.ts'
import { askSecret } from './prompt.ts'
import { openSession, withDeadline } from './session.ts'

/** Words of a command line that asks for help. */
const HELP = ['-h', '--help', 'help']

type Print = (text: string) => void

/**
 * The command tree of `start-cli`, made from the RPC contract. `print` writes one line of output; commands that `argv`
 * cannot mean get no flags.
 */
export async function buildProgram(
  version: string,
  print: Print,
  argv?: readonly string[],
): Promise<Command> {
  const program = addGlobalFlags(new Command('start-cli'))
    .description('Controls a startd server from the command line.')
    .version(version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Explain this command')
    .helpCommand('help [command]', 'Explain a command')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('With --help the command tells how it is used.')
    .addHelpText('after', rootHelp())
  const isMeant = meaning(argv)
  const examples = new Map<Command, readonly string[]>()
  for (const [name, definition] of Object.entries<MethodDefinition>(CONTRACT)) {
    if (definition.cli === null) continue
    const command = addMethod(program, name as MethodName, definition)
    examples.set(command, definition.cli.examples ?? [])
    if (isMeant(name)) await complete(command, name as MethodName, definition, print)
  }
  await addToolCommands(program, print, argv)
  addOwnCommands(program, print, version)
  arrangeHelp(program, examples)
  return program
}

function addGlobalFlags(program: Command): Command {
  return program
    .option('-H, --host <address>', 'Server to talk to; the one on this machine unless given')
    .option('--server <name>', 'The same by its name, from “remote list”')
    .option('--data <dir>', 'Data directory of the server on this machine')
    .option('--config <file>', 'More settings (YAML)')
    .option('--cookie-path <file>', 'Where logins are kept')
    .option('--root-ca <file>', 'Certificate of an authority to trust (PEM), such as the server’s own', more)
    .option('--insecure', 'Do not check the server’s certificate')
    .option('--timeout <time>', 'Give up after this time, such as 30s or 5m')
    .addOption(new Option('--format <format>', 'How results are printed').choices([...FORMATS]))
}

/** Adds a value of a flag that may be given more than once. */
function more(value: string, given: readonly string[] = []): string[] {
  return [...given, value]
}

/** Making the flags of all commands takes longer than a call, so it is done for those that a command line can mean. */
function meaning(argv: readonly string[] | undefined): (name: string) => boolean {
  if (argv === undefined) return () => true
  const has = (words: readonly string[]) => words.every((word) => argv.includes(word))
  const fits = (name: string) => has(name.split('.'))
  // The help of a group shows the arguments of its commands.
  if (argv.some((word) => HELP.includes(word))) return (name) => has(name.split('.').slice(0, -1))
  return Object.keys(CONTRACT).some(fits) ? fits : () => true
}

function addMethod(program: Command, name: MethodName, { summary }: MethodDefinition): Command {
  const words = name.split('.')
  const leaf = words.pop() ?? name
  return groupOf(program, words).command(leaf).description(summary)
}

/** Gives a command its flags, examples and work. */
async function complete(
  command: Command,
  name: MethodName,
  definition: MethodDefinition,
  print: Print,
): Promise<void> {
  const custom = await customFor(name, definition)
  const read = custom?.ownParameters ? () => ({}) : addParameters(command, definition)
  custom?.prepare?.(command)
  const examples = definition.cli?.examples ?? []
  if (examples.length > 0) command.addHelpText('after', examplesText(examples))
  command.action(async () => {
    const params = read(command)
    const session = await openSession(command, print)
    const { timeout } = session.settings
    if (custom) return withDeadline(timeout, custom.run(session, params, command))
    const all = await addSecrets(params, definition, askSecret)
    await withDeadline(timeout, callOnce(session, name, all, definition.cli))
  })
}

async function callOnce(
  { client, format, print }: Session,
  name: MethodName,
  params: unknown,
  shape: CliShape | null,
): Promise<void> {
  const result = await client.callAny(name, params)
  if (name === 'auth.logout') await client.keepSession(null)
  const text = renderResult(name, result, format, shape)
  if (text !== '') print(text)
}

async function customFor(name: MethodName, definition: MethodDefinition): Promise<CustomCommand | undefined> {
  const custom = await CUSTOM_COMMANDS[name]?.()
  if (definition.cli?.custom && !custom)
    throw new Error(`${name} is declared as a command of its own, but there is none`)
  return custom
}

/** The command group of some words, made where it is missing. */
function groupOf(program: Command, words: readonly string[]): Command {
  let group = program
  let path = ''
  for (const word of words) {
    path = path === '' ? word : `${path}.${word}`
    const existing = group.commands.find((command) => command.name() === word)
    group = existing ?? group.command(word).description(GROUPS[path] ?? '')
  }
  return group
}
