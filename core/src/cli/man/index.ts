import type { Argument, Command, Option } from 'commander'
import { VARIABLES } from '../environment.ts'
import { isHidden } from '../help.ts'
import { escape, header, literal, paragraph, section, tagged } from './roff.ts'

/** Where a command reads and keeps things, for the page of the program. */
const FILES: readonly (readonly [string, string])[] = [
  ['~/.config/startd/config.yaml', 'Saved servers and settings of this user.'],
  ['~/.startos/config.yaml', 'Settings that other programs of this kind share; read after the file above.'],
  ['/etc/startos/config.yaml', 'Settings for all users of this machine.'],
  ['~/.startos/.cookies.json', 'Logins. Only the user can read it.'],
]

const STATUS: readonly (readonly [string, string])[] = [
  ['0', 'Done.'],
  ['2', 'The command was written in a wrong way, or a file could not be read.'],
  ['6', 'There is no such thing.'],
  ['9', 'The server cannot be reached.'],
  ['34', 'Not logged in.'],
  ['71', 'It took too long.'],
  ['other', 'The number of the error, modulo 256.'],
]

/** The manual of a program: file name to its text, for section 1 (man-pages(7), groff_man(7)). */
export function manualPages(program: Command, version: string): Map<string, string> {
  const pages = new Map<string, string>()
  const add = (command: Command, words: readonly string[]) => {
    pages.set(`${words.join('-')}.1`, page(command, words, version, program))
    for (const child of command.commands) if (!isHidden(child)) add(child, [...words, child.name()])
  }
  add(program, [program.name()])
  return pages
}

function page(command: Command, words: readonly string[], version: string, program: Command): string {
  const name = words.join('-')
  const options = command.options.filter(({ hidden }) => !hidden)
  const children = command.commands.filter((child) => !isHidden(child))
  return [
    header(name, version, date()),
    section('NAME', paragraph(`${name} - ${sentence(command.description())}`)),
    section('SYNOPSIS', synopsis(command, words)),
    section('DESCRIPTION', paragraph(`${command.description()}.`)),
    section('ARGUMENTS', command.registeredArguments.map(argument).join('')),
    section('OPTIONS', options.map(option).join('')),
    section('COMMANDS', children.map((child) => tagged(child.name(), child.description())).join('')),
    ...(command === program ? programSections() : []),
    section('EXAMPLES', literal(examplesOf(command))),
    section('SEE ALSO', paragraph(related(command, words))),
  ].join('')
}

function programSections(): string[] {
  const tags = (entries: readonly (readonly [string, string])[]) =>
    entries.map(([name, meaning]) => tagged(name, meaning)).join('')
  return [
    section('ENVIRONMENT', tags(Object.entries(VARIABLES))),
    section('FILES', tags(FILES)),
    section('EXIT STATUS', tags(STATUS)),
  ]
}

function synopsis(command: Command, words: readonly string[]): string {
  const rest = [
    command.options.length > 0 ? '[options]' : '',
    command.commands.length > 0 ? '<command>' : '',
    ...command.registeredArguments.map((each) => shape(each)),
  ]
  return `.B ${escape(words.join(' '))}\n${paragraph(rest.filter((part) => part !== '').join(' '))}`
}

function shape(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function argument(each: Argument): string {
  return tagged(shape(each), withChoices(each.description, each.argChoices))
}

function option(each: Option): string {
  return tagged(each.flags, withChoices(each.description, each.argChoices))
}

function withChoices(text: string, choices: readonly string[] | undefined): string {
  return choices ? `${text === '' ? '' : `${text}; `}one of ${choices.join(', ')}` : text
}

/** The examples that the help of a command ends with. */
function examplesOf(command: Command): string[] {
  let printed = ''
  command.configureOutput({ writeOut: (text) => (printed += text) })
  command.outputHelp()
  const [, examples = ''] = printed.split('\nExamples:\n')
  return examples
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function related(command: Command, words: readonly string[]): string {
  const parent = words.length > 1 ? [words.slice(0, -1).join('-')] : []
  const children = command.commands
    .filter((child) => !isHidden(child))
    .map((child) => [...words, child.name()].join('-'))
  return [...parent, ...children].map((name) => `${name}(1)`).join(', ')
}

/** Today, or what reproducible builds ask for (https://reproducible-builds.org/specs/source-date-epoch). */
function date(): string {
  const epoch = process.env['SOURCE_DATE_EPOCH']
  const time = epoch !== undefined && /^\d+$/.test(epoch) ? new Date(Number(epoch) * 1000) : new Date()
  return time.toISOString().slice(0, 10)
}

/** Without the capital letter and the full stop of a sentence. */
function sentence(text: string): string {
  return (text.charAt(0).toLowerCase() + text.slice(1)).replace(/\.$/, '')
}
