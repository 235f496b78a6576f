import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import type { CliShape, MethodDefinition } from '@startd/base/rpc/method.ts'
import { Command, Option } from 'commander'
import { Client } from './client.ts'
import { addApiCommands } from './commands/api.ts'
import { addPackageTools } from './commands/s9pk.ts'
import { CUSTOM_COMMANDS, type CustomCommand, type Session } from './commands/index.ts'
import { GROUPS } from './groups.ts'
import { type Format, FORMATS, render } from './output.ts'
import { addParameters, addSecrets } from './parameters.ts'
import { askSecret } from './prompt.ts'
import { type GlobalFlags, readSettings } from './settings.ts'

/** Words of a command line that asks for help. */
const HELP = ['-h', '--help', 'help']

/** The command tree of `start-cli`, made from the RPC contract. `print` writes one line of output; commands that `argv` cannot mean get no flags. */
export function buildProgram(
  version: string,
  print: (text: string) => void,
  argv?: readonly string[],
): Command {
  const program = new Command('start-cli')
    .description('Controls a startd server from the command line.')
    .version(version, '-V, --version')
    .addOption(new Option('-H, --host <address>', 'Server to talk to; the one on this machine unless given'))
    .addOption(new Option('--data <dir>', 'Data directory of the server on this machine'))
    .addOption(new Option('--config <file>', 'More settings (YAML: host, cookie-path)'))
    .addOption(new Option('--cookie-path <file>', 'Where logins are kept'))
    .addOption(new Option('--format <format>', 'How results are printed').choices([...FORMATS]))
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Use --help to see how this command is used.')
    .addHelpText(
      'after',
      '\nExamples:\n  start-cli auth login\n  start-cli package list\n  start-cli package install ./hello-world.s9pk',
    )
  const isMeant = meaning(argv)
  for (const [name, definition] of Object.entries<MethodDefinition>(CONTRACT)) {
    if (definition.cli === null) continue
    const command = addMethod(program, name as MethodName, definition)
    if (isMeant(name)) complete(command, name as MethodName, definition, print)
  }
  addPackageTools(program, print)
  addApiCommands(program, print)
  return program
}

/** Making the flags of all commands takes longer than a call, so it is done for those that a command line can mean. */
function meaning(argv: readonly string[] | undefined): (name: string) => boolean {
  if (argv === undefined || argv.some((word) => HELP.includes(word))) return () => true
  const fits = (name: string) => name.split('.').every((word) => argv.includes(word))
  return Object.keys(CONTRACT).some(fits) ? fits : () => true
}

function addMethod(program: Command, name: MethodName, { summary }: MethodDefinition): Command {
  const words = name.split('.')
  const leaf = words.pop() ?? name
  return groupOf(program, words).command(leaf).description(summary)
}

/** Gives a command its flags, examples and work. */
function complete(
  command: Command,
  name: MethodName,
  definition: MethodDefinition,
  print: (text: string) => void,
): void {
  const custom = customFor(name, definition)
  const read = custom?.ownParameters ? () => ({}) : addParameters(command, definition)
  custom?.prepare?.(command)
  const examples = definition.cli?.examples ?? []
  if (examples.length > 0)
    command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`)
  command.action(async () => {
    const session = await openSession(command, print)
    const params = read(command)
    if (custom) await custom.run(session, params, command)
    else await callOnce(session, name, await addSecrets(params, definition, askSecret), definition.cli)
  })
}

async function callOnce(
  session: Session,
  name: MethodName,
  params: unknown,
  shape: CliShape | null,
): Promise<void> {
  const result = await session.client.callAny(name, params)
  if (name === 'auth.logout') await session.client.keepSession(null)
  const text = render(result, session.format, shape?.table ?? null, shape ?? {})
  if (text !== '') session.print(text)
}

async function openSession(command: Command, print: (text: string) => void): Promise<Session> {
  const flags = command.optsWithGlobals<GlobalFlags & { format?: Format }>()
  return { client: new Client(await readSettings(flags)), format: flags.format ?? null, print }
}

function customFor(name: MethodName, definition: MethodDefinition): CustomCommand | undefined {
  const custom = CUSTOM_COMMANDS[name]
  if (definition.cli?.custom !== true) return undefined
  if (!custom) throw new Error(`${name} is declared as a command of its own, but there is none`)
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
