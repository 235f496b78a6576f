import type { ImageSource } from '../model.ts'
import type { Build } from '../schema/service.ts'
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
export async function carryBuild(context: ServiceContext, build: Build): Promise<ImageSource> {
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
  const workdir = `build/${name}`
  conversion.builds.set(workdir, { directory: found.path, dockerfile: inline === undefined ? null : inline })
  if (target !== undefined)
    context.list(
      'problem',
      ['build', 'target'],
      `The last stage of the Dockerfile is built, not “${target}”. Put that stage last, or the rest into another Dockerfile.`,
    )
  for (const key of Object.keys(build)) {
    const known = ['context', 'dockerfile', 'dockerfile_inline', 'args', 'target'].includes(key)
    if (known || key.startsWith('x-')) continue
    if (HARMLESS.has(key)) context.list('none', ['build', key], 'Builds here do not need it.')
    else
      context.list('problem', ['build', key], 'Builds here do not have it; the Dockerfile must do without.')
  }
  context.use('build')
  const buildArgs = new Map<string, string>()
  for (const [key, value] of args ?? [])
    buildArgs.set(key, context.fixed(['build', 'args', key], value ?? `\${${key}}`))
  const file = inline === undefined ? dockerfile : 'Dockerfile.inline'
  return {
    kind: 'build',
    workdir,
    dockerfile: file === undefined ? null : `${workdir}/${file}`,
    args: buildArgs,
  }
}
