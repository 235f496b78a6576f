import { relative } from 'node:path'
import type { Command } from 'commander'
import { type NewProject, idOf, initProject, listIngredients, pack } from '../../../s9pk/cli/index.ts'
import { KEY_OPTION, type KeyFlags, type Print, example, more, show, work } from './tool.ts'

/** `s9pk init`, `init-package`, `pack` and `list-ingredients`: the commands that work on a project. */
export function addProjectCommands(group: Command, print: Print): void {
  const init = group
    .command('init')
    .description('Make a package project that works, to change into yours')
    .argument('<dir>', 'New directory')
    .option('--id <id>', 'Id of the package; the name of the directory unless given')
    .option('--title <title>', 'Name of the service')
  example(
    init,
    'start-cli s9pk init my-service',
    'start-cli s9pk pack my-service',
    'start-cli package install my-service/my-service.s9pk',
  ).action(async (directory: string, flags: { id?: string; title?: string }) =>
    made(init, await initProject(directory, flags)),
  )

  const initPackage = group
    .command('init-package')
    .description('As init, in a new directory here that is named after the service')
    .argument('<name>', 'Name of the service')
  example(initPackage, 'start-cli s9pk init-package "My Service"').action(async (name: string) =>
    made(initPackage, await initProject(`${idOf(name)}-startos`, { id: idOf(name), title: name })),
  )

  const packing = group
    .command('pack')
    .description('Make a package file out of a project directory')
    .argument('[dir]', 'Project', '.')
    .option('-o, --output <file>', 'Where the package goes')
    .option('--arch <arch>', 'Only for this architecture, such as x86_64 (repeatable)', more, [])
    .option(...KEY_OPTION)
  example(
    withIngredients(packing),
    'start-cli s9pk pack ./my-service -o my-service.s9pk',
    'start-cli s9pk pack --arch x86_64',
  ).action(async (directory: string, flags: PackFlags) => {
    const { developerKeyPath, ...rest } = flags
    const result = await work(async (view, signal) => {
      const packed = await pack(directory, {
        ...rest,
        ...(developerKeyPath === undefined ? {} : { developerKey: developerKeyPath }),
        onStep: (text) => view.step(text),
        onProgress: (done, total) => view.progress(done, total),
        signal,
      })
      for (const warning of packed.warnings) view.warn(warning)
      if (packed.unchanged) view.step('Nothing has changed since it was packed')
      return packed
    })
    const { path, size, unchanged, commitment, manifest } = result
    show(
      packing,
      print,
      { path, id: manifest.id, version: manifest.version, size, unchanged, ...commitment },
      path,
    )
  })

  const listing = group
    .command('list-ingredients')
    .description('Print the files that a package is made of, for make and its like')
    .argument('[dir]', 'Project', '.')
  example(withIngredients(listing), 'start-cli s9pk list-ingredients ./my-service').action(
    async (directory: string, flags: IngredientFlags) => {
      const paths = await listIngredients(directory, flags)
      show(listing, print, paths, paths.join(' '))
    },
  )

  function made(command: Command, project: NewProject): void {
    const at = relative(process.cwd(), project.directory) || '.'
    const next = `Next:\n  start-cli s9pk pack ${at}\n  start-cli package install ${at}/${project.id}.s9pk`
    show(command, print, project, `Made ${at} with ${project.files.length} files. ${next}`)
  }
}

interface IngredientFlags {
  javascript?: string
  icon?: string
  license?: string
  instructions?: string
  /** Undefined when neither --assets nor --no-assets was given. */
  assets?: string | false
}

interface PackFlags extends IngredientFlags, KeyFlags {
  output?: string
  arch: string[]
}

function withIngredients(command: Command): Command {
  return command
    .option('--javascript <dir>', 'Bundle of the code; javascript/ unless given')
    .option('--icon <file>', 'Icon; icon.svg or other image unless given')
    .option('--license <file>', 'Licence; LICENSE unless given')
    .option('--instructions <file>', 'Instructions; instructions.md unless given')
    .option('--assets <dir>', 'More files for the service; assets/ where it is there, unless given')
    .option('--no-assets', 'Leave assets/ out')
}
