import { parseArgs } from 'node:util'
import { PatchDbError } from '../errors.ts'
import { compact } from './compact.ts'
import { dump } from './dump.ts'
import { importFile } from './import-file.ts'
import { load } from './load.ts'
import { rescue } from './rescue.ts'
import { verify } from './verify.ts'

/** One command: which files it takes, and what it does; it answers the exit status. */
export type Command = {
  readonly files: readonly string[]
  readonly run: (...files: string[]) => Promise<number>
}

const commands: { readonly [name: string]: Command } = {
  dump: { files: ['FILE'], run: dump },
  load: { files: ['FILE'], run: load },
  verify: { files: ['FILE'], run: verify },
  compact: { files: ['FILE'], run: compact },
  rescue: { files: ['FILE', 'NEW-FILE'], run: rescue },
  import: { files: ['STARTOS-FILE', 'NEW-FILE'], run: importFile },
}

const HELP = `Looks into Patch-DB files, and repairs them.

  patch-db dump FILE                    print the document as JSON
  patch-db load FILE                    replace the document by the JSON on standard input;
                                        makes the file if there is none
  patch-db verify FILE                  check every record; says what is damaged, and where
  patch-db compact FILE                 rewrite the file without its history
  patch-db rescue FILE NEW-FILE         save what stands before the damage in FILE
  patch-db import STARTOS-FILE NEW-FILE take over a database of StartOS

dump, verify, rescue and import never change the file that they read, and dump and verify also
work while a program uses it. load and compact need it for themselves: stop the program first.

Exit status: 0 done; 1 it failed, or the file is damaged; 2 the command was not understood;
3 verify found the file whole except for an unfinished record at its end.
`

/** Runs one command line and answers its exit status. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const options = { help: { type: 'boolean', short: 'h' } } as const
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    if (values.help === true || positionals[0] === 'help') return print(HELP)
    const [name = '', ...files] = positionals
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command === undefined)
      return misunderstood(name === '' ? 'Which command?' : `There is no command “${name}”.`)
    if (files.length !== command.files.length)
      return misunderstood(`It is: patch-db ${name} ${command.files.join(' ')}`)
    return await command.run(...files)
  } catch (error) {
    if (error instanceof PatchDbError) return fail(error)
    if (error instanceof TypeError && 'code' in error) return misunderstood(error.message)
    throw error
  }
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function misunderstood(what: string): number {
  process.stderr.write(`${what}\nSee patch-db --help.\n`)
  return 2
}

function fail(error: PatchDbError): number {
  const advice: { readonly [code: string]: string } = {
    Locked: '\nStop the program that uses it, then try again.',
    Foreign: '\nIf it comes from StartOS, take it over with: patch-db import',
    Corrupt: '\nSee where with: patch-db verify; save what stands before with: patch-db rescue',
    Exists: '\nChoose another name, or move that file away.',
  }
  process.stderr.write(`${error.message}${advice[error.code] ?? ''}\n`)
  return 1
}
