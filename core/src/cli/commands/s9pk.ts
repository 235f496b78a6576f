import { CodedError } from '@startd/base/errors.ts'
import type { Command } from 'commander'
import {
  cat,
  commitment,
  extract,
  fileTree,
  initKey,
  initWorkspace,
  manifest,
  pack,
  pubkey,
  verify,
} from '../../s9pk/cli/index.ts'
import { type Format, render } from '../output.ts'
import { ProgressView } from '../progress-view.ts'
import { addFromCompose } from './from-compose.ts'

type Print = (text: string) => void

/** `init-key`, `pubkey` and `s9pk …`: work on files of this machine, without a server. */
export function addPackageTools(program: Command, print: Print): void {
  const show = (command: Command, value: unknown, columns: readonly string[] | null = null) =>
    print(render(value, command.optsWithGlobals<{ format?: Format }>().format ?? null, columns))
  const keyOption = ['--developer-key-path <file>', 'Signing key of this user'] as const

  example(
    program
      .command('init-key')
      .description('Make your signing key, unless there is one')
      .option(...keyOption),
    'start-cli init-key',
  ).action(async ({ developerKeyPath }: KeyFlags) => {
    const { path, created } = await initKey(developerKeyPath)
    print(`${created ? 'Made' : 'There already is'} ${path}`)
  })
  example(
    program
      .command('pubkey')
      .description('Print the public half of your signing key')
      .option(...keyOption),
    'start-cli pubkey',
  ).action(async ({ developerKeyPath }: KeyFlags) => print((await pubkey(developerKeyPath)).trimEnd()))

  const group = program.command('s9pk').description('Make and look into package files')
  addFromCompose(group, print)
  example(
    group
      .command('pack')
      .description('Make a package file out of a project directory')
      .argument('[dir]', 'Project', '.')
      .option('-o, --output <file>', 'Where the package goes')
      .option(...keyOption),
    'start-cli s9pk pack ./my-service -o my-service.s9pk',
  ).action(async (directory: string, { output, developerKeyPath }: KeyFlags & { output?: string }) => {
    const made = await pack(directory, {
      ...(output === undefined ? {} : { output }),
      ...(developerKeyPath === undefined ? {} : { developerKey: developerKeyPath }),
      onStep: (text) => void process.stderr.write(`${text}\n`),
    })
    print(made.path)
  })
  example(
    group
      .command('init-workspace')
      .description('Make a directory a packaging workspace with a signing key of its own')
      .argument('[dir]', 'Directory', '.'),
    'start-cli s9pk init-workspace ./packages',
  ).action(async (directory: string) => {
    const { path, created } = await initWorkspace(directory)
    print(`${created ? 'Made' : 'There already is'} ${path}`)
  })
  example(
    group
      .command('verify')
      .description('Check signature and content of a package file')
      .argument('<s9pk>', 'Package file'),
    'start-cli s9pk verify hello-world.s9pk',
  ).action(async (path: string, _flags: unknown, command: Command) => {
    using view = new ProgressView()
    const result = await verify(path, { onProgress: (done, total) => view.show(reading(done, total)) })
    show(command, result, ['id', 'version', 'files', 'bytes', 'rootSighash'])
  })
  example(
    group
      .command('extract')
      .description('Write all files of a package into a new directory')
      .argument('<s9pk>', 'Package file')
      .argument('<dir>', 'Directory to make'),
    'start-cli s9pk extract hello-world.s9pk ./content',
  ).action(async (path: string, directory: string) => {
    using view = new ProgressView()
    for (const name of await extract(path, directory, {
      onProgress: (done, total) => view.show(reading(done, total)),
    })) {
      print(name)
    }
  })
  const inspect = example(
    group
      .command('inspect')
      .description('Look into a package file')
      .argument('<s9pk>', 'Package file')
      .argument('[what]', 'manifest, file-tree, commitment, or cat with a path', 'manifest')
      .argument('[path]', 'Path inside the package, for cat'),
    'start-cli s9pk inspect hello-world.s9pk manifest\n  start-cli s9pk inspect hello-world.s9pk file-tree\n  start-cli s9pk inspect hello-world.s9pk cat instructions.md',
  )
  inspect.action(async (file: string, what: string, path: string | undefined) => {
    switch (what) {
      case 'manifest':
        return show(inspect, await manifest(file))
      case 'file-tree':
        return print((await fileTree(file)).join('\n'))
      case 'commitment':
        return show(inspect, await commitment(file))
      case 'cat':
        if (path === undefined)
          throw new CodedError('InvalidRequest', 'Say which file to print, such as instructions.md')
        for await (const piece of cat(file, path)) process.stdout.write(piece)
        return
      default:
        return inspect.error(`error: “${what}” is none of manifest, file-tree, commitment, cat`)
    }
  })
}

interface KeyFlags {
  developerKeyPath?: string
}

function reading(done: number, total: number) {
  const progress = done === total ? true : { done, total, units: 'bytes' as const }
  return { overall: progress, phases: [] }
}

function example(command: Command, text: string): Command {
  return command.addHelpText('after', `\nExamples:\n  ${text}`)
}
