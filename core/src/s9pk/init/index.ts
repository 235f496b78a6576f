import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CodedError } from '@startd/base/errors.ts'
import { PackageId } from '@startd/base/ids.ts'
import { errnoOf, fileError } from '../file-error.ts'

const TEMPLATE = join(import.meta.dirname, 'template')

export interface InitOptions {
  /** Default: made from the name of the directory. */
  id?: string | undefined
  /** Name of the service; default: made from the id. */
  title?: string | undefined
}

export interface NewProject {
  directory: string
  id: string
  title: string
  /** Paths inside the directory. */
  files: string[]
}

/**
 * Makes a project that can be packed and installed at once: a small web server, with every part that a package has.
 * The directory must be new or empty; nothing is left of it after a failure.
 */
export async function initProject(directory: string, options: InitOptions = {}): Promise<NewProject> {
  const target = resolve(directory)
  const id = options.id ?? idOf(relative(dirname(target), target))
  if (!PackageId.safeParse(id).success) {
    const text = `“${id}” cannot be the id of a package; choose one of lower-case letters, digits and single dashes with --id`
    throw new CodedError('InvalidId', text)
  }
  const title = options.title ?? titleOf(id)
  if (title.trim() === '' || /[\0-\x1f]/.test(title))
    throw new CodedError('InvalidRequest', 'the title of a service is one line of text')
  await using undo = new AsyncDisposableStack()
  const made = await newDirectory(target)
  undo.defer(() => (made ? rm(target, { recursive: true, force: true }) : emptied(target)))
  const names = (await readdir(TEMPLATE, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(TEMPLATE, join(entry.parentPath, entry.name)))
    .sort()
  const files: string[] = []
  for (const name of names) {
    const template = await readFile(join(TEMPLATE, name), 'utf8')
    const quoted = name.endsWith('.ts')
      ? (text: string) => text.replace(/[\\']/g, '\\$&')
      : (text: string) => text
    const text = template.replaceAll('{{id}}', () => id).replaceAll('{{title}}', () => quoted(title))
    // npm would leave out a file of that name, were this tree ever published.
    files.push(await write(target, name === 'gitignore' ? '.gitignore' : name, text))
  }
  files.push(await write(target, 'tsconfig.json', compilerSettings(target)))
  undo.move()
  return { directory: target, id, title, files: files.sort() }
}

/** `Hello_World 2` → `hello-world-2`, as other tools for these packages make ids. */
export function idOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_-]+/g, '-')
    .replace(/[^a-z0-9-]/g, '')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
}

function titleOf(id: string): string {
  return id
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}

/** Whether it had to be made. */
async function newDirectory(target: string): Promise<boolean> {
  try {
    return (await mkdir(target, { recursive: true })) !== undefined || (await mustBeEmpty(target))
  } catch (cause) {
    throw fileError(cause, `could not create ${target}`)
  }
}

async function mustBeEmpty(target: string): Promise<false> {
  const names = await readdir(target)
  if (names.length > 0)
    throw new CodedError('InvalidRequest', `${target} is not empty; name a new directory for the project`)
  return false
}

async function emptied(target: string): Promise<void> {
  for (const name of await readdir(target)) await rm(join(target, name), { recursive: true, force: true })
}

async function write(target: string, name: string, text: string): Promise<string> {
  const path = join(target, name)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: 'wx' })
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST')
      throw new CodedError('InvalidRequest', `${path} is there already`, { cause })
    throw fileError(cause, `could not write ${path}`)
  }
  return name
}

/** For editors and for checking types; packing needs none of it. */
function compilerSettings(target: string): string {
  const at = (specifier: string) => relative(target, fileURLToPath(import.meta.resolve(specifier)))
  const settings = {
    compilerOptions: {
      target: 'es2022',
      module: 'preserve',
      moduleResolution: 'bundler',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      typeRoots: [join(dirname(at('@startd/sdk')), '../../../node_modules/@types')],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      paths: { '@startd/sdk': [at('@startd/sdk')] },
    },
    include: ['startos'],
  }
  return `// "paths" says where the SDK lies on this machine.\n${JSON.stringify(settings, null, 2)}\n`
}
