import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import type { Command } from 'commander'
import { examplesText } from '../help.ts'

/** `man`: the manual pages of all commands, as files for `man`. */
export function addManCommand(program: Command, print: (text: string) => void, version: string): void {
  program
    .command('man')
    .description('Write the manual: a page for each command')
    .argument('<dir>', 'Directory for the pages; made if it is missing')
    .addHelpText(
      'after',
      examplesText(['start-cli man ~/.local/share/man/man1', 'start-cli man ./man && man ./man/start-cli.1']),
    )
    .action(async (directory: string) => {
      const [{ manualPages }, { buildProgram }] = await Promise.all([
        import('../man/index.ts'),
        import('../program.ts'),
      ])
      const pages = manualPages(await buildProgram(version, print), version)
      try {
        await mkdir(directory, { recursive: true })
        for (const [name, text] of pages) await writeFile(join(directory, name), text)
      } catch (cause) {
        throw new CodedError('Filesystem', `The pages could not be written to ${directory}`, { cause })
      }
      print(`${pages.size} pages are in ${directory}`)
    })
}
