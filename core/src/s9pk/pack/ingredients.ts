import { readdir, stat } from 'node:fs/promises'
import { join, parse, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { mediaType } from '@startd/base/s9pk/index.ts'
import { fileError } from '../file-error.ts'
import { loadManifest } from './authored-manifest.ts'

/** Where the parts of a package project lie when they are not in their usual places. */
export interface IngredientOptions {
  javascript?: string
  icon?: string
  license?: string
  instructions?: string
  /** False leaves assets out. */
  assets?: string | false
}

export interface Ingredients {
  javascript: string
  icon: string
  license: string
  instructions: string
  assets: string | null
}

/** Finds what a package is made of in a project directory (s9pk.md §9.1). Says what is missing and where it belongs. */
export async function findIngredients(project: string, options: IngredientOptions): Promise<Ingredients> {
  const names = await readdir(project).catch((cause: unknown) => {
    throw fileError(cause, `could not read the project ${project}`)
  })
  const icon = options.icon ?? join(project, onlyNamed(names, 'icon', project))
  if (!mediaType(icon)?.startsWith('image/')) {
    throw new CodedError(
      'InvalidRequest',
      `${icon} is not an image by its extension; use .svg, .png, .jpg or .webp`,
    )
  }
  const javascript = resolve(options.javascript ?? join(project, 'javascript'))
  await need(join(javascript, 'index.js'), 'bundle the package’s code to javascript/index.js first')
  const instructions = options.instructions ?? join(project, 'instructions.md')
  await need(instructions, 'write a few lines for the people who will use the service')
  return {
    javascript,
    icon,
    license: options.license ?? join(project, onlyNamed(names, 'license', project)),
    instructions,
    assets: await assetsOf(project, options.assets),
  }
}

/** All that a package is made of, as far as it is there, for tools that ask what has changed (s9pk.md §9.3). */
export async function listIngredients(project: string, options: IngredientOptions): Promise<string[]> {
  const names = await readdir(project).catch((cause: unknown) => {
    throw fileError(cause, `could not read the project ${project}`)
  })
  const usual = (stem: string) => join(project, onlyNamed(names, stem, project))
  const javascript = options.javascript ?? join(project, 'javascript')
  const first = [
    join(javascript, 'index.js'),
    options.icon ?? usual('icon'),
    options.license ?? usual('license'),
    options.instructions ?? join(project, 'instructions.md'),
  ]
  const authored = await loadManifest(resolve(javascript)).catch(() => null)
  if (!authored) return first
  const ofDependencies = Object.values(authored.dependencies)
    .map(({ metadata, s9pk }) => metadata?.icon ?? s9pk ?? '')
    .filter((place) => place !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(place))
    .map((place) => join(project, place))
  const assets = await assetsOf(project, options.assets)
  const dockerfiles = Object.values(authored.manifest.images).flatMap(({ source }) => {
    if (source === 'packed' || !('dockerBuild' in source)) return []
    const { workdir, dockerfile } = source.dockerBuild
    return [join(project, dockerfile ?? join(workdir ?? '.', 'Dockerfile'))]
  })
  const recipes = join(project, 'images.yaml')
  const ofImages = (await isThere(recipes)) ? [recipes] : []
  return [...first, ...ofDependencies, ...(assets === null ? [] : [assets]), ...dockerfiles, ...ofImages]
}

async function assetsOf(project: string, given: string | false | undefined): Promise<string | null> {
  if (given === false) return null
  if (given !== undefined) {
    await need(given, 'name an existing directory, or pack without assets')
    return given
  }
  const usual = join(project, 'assets')
  return (await isThere(usual)) ? usual : null
}

/** The only entry whose name without extension is `stem`, in any case. */
function onlyNamed(names: string[], stem: string, project: string): string {
  const found = names.filter((name) => parse(name).name.toLowerCase() === stem)
  if (found.length > 1)
    throw new CodedError(
      'InvalidRequest',
      `${project} has more than one ${stem} (${found.join(', ')}); keep one`,
    )
  if (found[0] === undefined)
    throw new CodedError(
      'NotFound',
      `${project} has no ${stem}${stem === 'icon' ? '.svg or other icon image' : ' file'}`,
    )
  return found[0]
}

async function need(path: string, advice: string): Promise<void> {
  if (!(await isThere(path))) throw new CodedError('NotFound', `there is no ${path}; ${advice}`)
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
