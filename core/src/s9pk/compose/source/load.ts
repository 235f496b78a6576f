import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { fileError } from '../../file-error.ts'
import { ComposeFile } from '../schema/compose-file.ts'
import { parsePart } from '../schema/parse.ts'
import { type ComposeDocument, MAX_BYTES, parseDocument, tooLong } from './document.ts'
import { parseEnvFile } from './env-file.ts'
import { type RawService, resolveExtends } from './extends.ts'
import { isRecord } from './plain.ts'
import { ProjectFiles } from './project-files.ts'

export interface LoadOptions {
  /** Where relative paths start; default: the directory of the file. */
  projectDirectory?: string | undefined
  /** Values of variables; default: `.env` of the project directory, where there is one. */
  envFile?: string | undefined
}

/** A compose file with all that it refers to, checked but not yet understood. */
export interface Loaded {
  document: ComposeDocument
  files: ProjectFiles
  file: ComposeFile
  services: Map<string, RawService>
  /** Values of variables, from `.env`. */
  values: Map<string, string>
  /** The file that they are from, where that is only an example for `.env`. */
  example: string | null
}

const VERSION = /^[23](\.\d+)*$/
const SERVICE_NAME = /^[A-Za-z0-9._-]+$/
const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

/** Reads a compose file, or the one in a directory, with `.env` and the files that its services extend. */
export async function loadCompose(given: string, options: LoadOptions = {}): Promise<Loaded> {
  const path = await findFile(resolve(given))
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fileError(cause, `could not read ${given}`)
  })
  const document = parseDocument(basename(path), text)
  const files = new ProjectFiles(options.projectDirectory ?? dirname(path))
  checkTop(document)
  const file = parsePart(document, [], ComposeFile, document.value)
  const services = new Map<string, RawService>()
  for (const name of Object.keys(file.services)) {
    if (!SERVICE_NAME.test(name))
      throw document.error(
        'InvalidId',
        ['services', name],
        'a service name has letters, digits, dots, dashes and underscores',
      )
    services.set(name, await resolveExtends(document, files, name))
  }
  if (services.size === 0) throw document.error('Deserialization', ['services'], 'names no service')
  const { values, example } = await readValues(files, options.envFile)
  return { document, files, file, services, values, example }
}

async function findFile(path: string): Promise<string> {
  const info = await stat(path).catch(() => null)
  if (info && info.size > MAX_BYTES && info.isFile()) throw tooLong(basename(path))
  if (!info?.isDirectory()) return path
  for (const name of NAMES) {
    if (await stat(resolve(path, name)).catch(() => null)) return resolve(path, name)
  }
  throw new CodedError('NotFound', `${path} has no compose file (${NAMES.join(', ')})`)
}

function checkTop(document: ComposeDocument): void {
  const { value } = document
  if (!isRecord(value))
    throw document.error('Deserialization', [], 'is not a compose file: there are no keys in it')
  const version = value['version']
  if (version !== undefined && !(typeof version === 'string' && VERSION.test(version))) {
    const what = `“${String(version)}” is not a version of compose files that is known; use 2 or 3, or leave it out`
    throw document.error('VersionIncompatible', ['version'], what)
  }
  if (value['services'] === undefined || value['services'] === null) {
    const old = Object.values(value).some((one) => isRecord(one) && ('image' in one || 'build' in one))
    const what = old
      ? 'has its services at the top, as compose files of version 1; put them below “services:”'
      : 'is not a compose file: it has no “services”'
    throw document.error('Deserialization', value['services'] === null ? ['services'] : [], what)
  }
  if (value['include'] !== undefined) {
    const what =
      'other compose files cannot be included; put everything into one, as “docker compose config” does'
    throw document.error('InvalidRequest', ['include'], what)
  }
}

async function readValues(
  files: ProjectFiles,
  given: string | undefined,
): Promise<{ values: Map<string, string>; example: string | null }> {
  if (given !== undefined) {
    const text = await readFile(given, 'utf8').catch((cause: unknown) => {
      throw fileError(cause, `could not read ${given}`)
    })
    return { values: parseEnvFile(text), example: null }
  }
  const found = await envText(files, '.env')
  return { values: parseEnvFile(found?.text ?? ''), example: found?.example ?? null }
}

/** A file of variables, or the example that projects have in its place until somebody fills it in. */
export async function envText(
  files: ProjectFiles,
  name: string,
): Promise<{ text: string; example: string | null } | null> {
  const [stem, extension] = [name.replace(/\.env$/, ''), name.endsWith('.env')]
  const examples = [`${name}.example`, `${name}.sample`, `${name}.dist`, `${name}-example`]
  if (extension) examples.push(`${stem}example.env`, `${stem}.example.env`, `${stem}sample.env`)
  for (const one of [name, ...examples]) {
    const text = await files.text(one)
    if (text !== null && text !== 'outside') return { text, example: one === name ? null : one }
  }
  return null
}
