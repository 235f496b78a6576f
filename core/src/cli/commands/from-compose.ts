import { relative } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import type { Command } from 'commander'
import { type Finding, type Weight, fromCompose } from '../../s9pk/compose/index.ts'

interface Flags {
  output?: string
  id?: string
  title?: string
  packageVersion?: string
  image: ReadonlyMap<string, string>
  profile: readonly string[]
  envFile?: string
  projectDirectory?: string
}

/** `s9pk from-compose`: a package project out of a compose file, and what could not be carried over. */
export function addFromCompose(group: Command, print: (text: string) => void): void {
  group
    .command('from-compose')
    .description('Make a package project out of a compose file')
    .argument('[file]', 'Compose file, or a directory with one', '.')
    .option('-o, --output <dir>', 'Where the project goes; its id unless given')
    .option('--id <id>', 'Id of the package')
    .option('--title <title>', 'Name of the service')
    .option('--package-version <version>', 'Version of the package, such as 1.2.3:0')
    .option(
      '--image <name=path>',
      'Image on this machine, for a service or image name (repeatable)',
      image,
      new Map(),
    )
    .option('--profile <name>', 'Take services with this profile too; * for all (repeatable)', more, [])
    .option('--env-file <file>', 'Values of variables; .env beside the compose file unless given')
    .option('--project-directory <dir>', 'Where relative paths start; the file’s directory unless given')
    .addHelpText(
      'after',
      '\nExamples:\n  start-cli s9pk from-compose ./docker-compose.yml -o ./my-service\n  start-cli s9pk from-compose . --image web=./web-image',
    )
    .action(async (file: string, flags: Flags) => {
      const { packageVersion, image, profile, ...rest } = flags
      const made = await fromCompose(file, {
        ...rest,
        version: packageVersion,
        images: image,
        profiles: profile,
      })
      for (const finding of made.findings)
        if (finding.weight !== 'none') process.stderr.write(`${line(finding)}\n`)
      const left = made.findings.filter(({ weight }) => weight === 'none').length
      const hint = left > 0 ? ` (${left} more without effect are in CONVERSION.md)` : ''
      process.stderr.write(`${summary(made.findings)}${hint}\n`)
      print(relative(process.cwd(), made.directory) || '.')
    })
}

const SIGNS: Record<Weight, string> = { problem: '!', changed: '~', left: '-', none: ' ' }

function line({ weight, key, line, meaning }: Finding): string {
  return `${SIGNS[weight]} ${line === null ? '' : `line ${line}, `}${key === '' ? '' : `${key}: `}${meaning}`
}

function summary(findings: readonly Finding[]): string {
  const count = (weight: Weight) => findings.filter((finding) => finding.weight === weight).length
  return `${count('problem')} need your attention (!), ${count('changed')} are carried in another way (~), ${count('left')} are not carried (-)`
}

function image(given: string, known: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const at = given.indexOf('=')
  if (at < 1 || at === given.length - 1)
    throw new CodedError(
      'InvalidRequest',
      `--image takes a name and a path, such as web=./web-image, not “${given}”`,
    )
  return new Map([...known, [given.slice(0, at), given.slice(at + 1)]])
}

function more(given: string, known: readonly string[]): readonly string[] {
  return [...known, given]
}
