import { Argument, type Command } from 'commander'
import { CodedError } from '@startd/base/errors.ts'
import {
  cat,
  commitment,
  diff,
  diffText,
  extract,
  fileTree,
  manifest,
  verify,
} from '../../../s9pk/cli/index.ts'
import { type Print, example, show, work } from './tool.ts'

const PARTS = ['manifest', 'file-tree', 'commitment', 'cat'] as const

/** `s9pk inspect`, `verify`, `extract` and `diff`: the commands that look into package files. */
export function addFileCommands(group: Command, print: Print): void {
  const inspect = group
    .command('inspect')
    .description('Look into a package file')
    .argument('<s9pk>', 'Package file')
    .addArgument(new Argument('[what]', 'What to show').choices(PARTS).default('manifest'))
    .argument('[path]', 'Path inside the package, for cat')
  example(
    inspect,
    'start-cli s9pk inspect hello-world.s9pk manifest',
    'start-cli s9pk inspect hello-world.s9pk file-tree',
    'start-cli s9pk inspect hello-world.s9pk cat instructions.md',
  ).action(async (file: string, what: (typeof PARTS)[number], path: string | undefined) => {
    switch (what) {
      case 'manifest':
        return show(inspect, print, await manifest(file))
      case 'file-tree': {
        const paths = await fileTree(file)
        return show(inspect, print, paths, paths.join('\n'))
      }
      case 'commitment':
        return show(inspect, print, await commitment(file))
      case 'cat':
        if (path === undefined)
          throw new CodedError('InvalidRequest', 'Say which file to print, such as instructions.md')
        for await (const piece of cat(file, path)) await written(piece)
        return
      default:
        return what satisfies never
    }
  })

  const verifying = group
    .command('verify')
    .description('Check signature and content of a package file')
    .argument('<s9pk>', 'Package file')
  example(verifying, 'start-cli s9pk verify hello-world.s9pk').action(async (path: string) => {
    const result = await work((view, signal) =>
      verify(path, { onProgress: (done, total) => view.progress(done, total), signal }),
    )
    show(verifying, print, result, ['id', 'version', 'files', 'bytes', 'rootSighash'])
  })

  const extracting = group
    .command('extract')
    .description('Write all files of a package into a new directory')
    .argument('<s9pk>', 'Package file')
    .argument('<dir>', 'Directory to make')
  example(extracting, 'start-cli s9pk extract hello-world.s9pk ./content').action(
    async (path: string, directory: string) => {
      const names = await work((view, signal) =>
        extract(path, directory, { onProgress: (done, total) => view.progress(done, total), signal }),
      )
      show(extracting, print, names, names.join('\n'))
    },
  )

  const comparing = group
    .command('diff')
    .description('Say what differs between two package files')
    .argument('<from>', 'Package file')
    .argument('<to>', 'Package file')
  example(comparing, 'start-cli s9pk diff my-service-1.0.s9pk my-service-1.1.s9pk').action(
    async (from: string, to: string) => {
      const result = await diff(from, to)
      show(comparing, print, result, diffText(result))
    },
  )
}

/** Waits until the bytes are out: the next piece may use their memory. */
function written(piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) =>
    process.stdout.write(piece, (error) => (error ? reject(error) : resolve())),
  )
}
