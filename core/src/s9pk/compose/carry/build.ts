import { relative, resolve } from 'node:path'
import type { Conversion } from '../conversion.ts'
import type { ImageSource } from '../model.ts'
import type { Build } from '../schema/service.ts'
import { within } from '../source/project-files.ts'
import type { ServiceContext } from './context.ts'

const HARMLESS = new Set([
  'cache_from',
  'cache_to',
  'no_cache',
  'pull',
  'labels',
  'tags',
  'isolation',
  'network',
  'shm_size',
  'ulimits',
  'platforms',
  'extra_hosts',
])

/** `build:` becomes a Dockerfile that is built when the package is packed; its context goes into the project. */
export async function carryBuild(
  context: ServiceContext,
  build: Build,
): Promise<{ origin: string; source: ImageSource }> {
  const { conversion, name } = context
  const { context: given = '.', dockerfile, dockerfile_inline: inline, args, target } = build
  const path = context.path('build')
  const source = context.fixed(['build', 'context'], given)
  if (/^(https?|git|ssh):|^git@|\.git(#|$)/.test(source))
    throw conversion.document.error(
      'InvalidRequest',
      path,
      `the build context ${source} is not on this machine; clone it and name the directory`,
    )
  const found = await conversion.files.find(source)
  if (found.kind === 'outside')
    throw conversion.document.error(
      'InvalidRequest',
      path,
      `the build context “${source}” is outside of the project directory; start from a directory above with --project-directory`,
    )
  if (found.kind !== 'directory')
    throw conversion.document.error('NotFound', path, `the build context “${source}” is not a directory`)
  const file =
    inline === undefined ? await dockerfileIn(context, found.path, dockerfile) : 'Dockerfile.inline'
  listOther(context, build)
  context.use('build')
  const buildArgs = new Map<string, string>()
  for (const [key, value] of args ?? [])
    buildArgs.set(key, context.fixed(['build', 'args', key], value ?? `\${${key}}`))
  const workdir = workdirFor(conversion, name, found.path, inline ?? null)
  const origin = `build ${JSON.stringify([workdir, file, target, [...buildArgs]])}`
  if (target === undefined) {
    const own = file === 'Dockerfile' ? null : `${workdir}/${file}`
    return { origin, source: { kind: 'build', workdir, dockerfile: own, args: buildArgs } }
  }
  const dockerfileRecipe = {
    file: `${workdir}/${file}`,
    context: workdir,
    target,
    args: Object.fromEntries(buildArgs),
  }
  return { origin, source: { kind: 'recipe', recipe: { dockerfile: dockerfileRecipe } } }
}

/** Place of a build context in the project; services that are built from the same one share it. */
function workdirFor(
  { builds }: Conversion,
  name: string,
  directory: string,
  dockerfile: string | null,
): string {
  const known = [...builds].find(
    ([, build]) => build.directory === directory && build.dockerfile === dockerfile,
  )
  if (known) return known[0]
  const workdir = `build/${name}`
  builds.set(workdir, { directory, dockerfile })
  return workdir
}

/** The Dockerfile, relative to the context that it must lie in. */
async function dockerfileIn(
  context: ServiceContext,
  directory: string,
  given = 'Dockerfile',
): Promise<string> {
  const { files, document } = context.conversion
  const file = context.fixed(['build', 'dockerfile'], given)
  const path = resolve(directory, file)
  const found = await files.find(path)
  const where = context.path('build', 'dockerfile')
  if (found.kind === 'outside' || !within(directory, path))
    throw document.error('InvalidRequest', where, `the Dockerfile “${file}” is outside of its build context`)
  if (found.kind !== 'file')
    throw document.error('NotFound', where, `there is no Dockerfile “${file}” in the build context`)
  return relative(directory, path)
}

function listOther(context: ServiceContext, build: Build): void {
  for (const key of Object.keys(build)) {
    const known = ['context', 'dockerfile', 'dockerfile_inline', 'args', 'target'].includes(key)
    if (known || key.startsWith('x-')) continue
    if (HARMLESS.has(key)) context.list('none', ['build', key], 'Builds here do not need it.')
    else
      context.list('problem', ['build', key], 'Builds here do not have it; the Dockerfile must do without.')
  }
}
