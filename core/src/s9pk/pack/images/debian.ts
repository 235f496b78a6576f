import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { machine } from 'node:os'
import { join, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { directoryLayer, squashLayers } from '../../../oci/index.ts'
import { isThere } from '../ingredients.ts'
import { run } from '../squashfs.ts'
import { debianArch, hostFetchOptions, hostSources } from './apt.ts'
import { directoryDigest } from './directory-digest.ts'
import type { DebianRecipe } from './recipe.ts'

export interface DebianBuild {
  recipe: DebianRecipe
  project: string
  arch: string
  cacheDir: string
  onStep: (text: string) => void
  signal?: AbortSignal | undefined
}

/** Raise it when this file makes something else out of the same recipe. */
const EDITION = 2

/** What no service needs: manuals, translations, and what the package manager left for its next run. */
const LEFT_OUT = ['doc', 'man', 'info', 'locale', 'lintian', 'bash-completion', 'bug'].map(
  (name) => `/usr/share/${name}/*`,
)
const LEFTOVERS = [
  'var/cache/apt',
  'var/cache/debconf',
  'var/lib/apt/lists',
  'var/log',
  'var/cache/ldconfig',
  'boot',
]

/**
 * The squashfs of a root file system made of Debian packages, without a container engine. Cached by recipe,
 * architecture and copied files; a second call with the same answers at once. Needs root and mmdebstrap.
 */
export async function debianImage(build: DebianBuild): Promise<string> {
  const { recipe, arch, cacheDir } = build
  const overlay = recipe.files === undefined ? null : resolve(build.project, recipe.files)
  const digest = overlay === null ? null : await directoryDigest(overlay)
  const key = createHash('sha256')
    .update(JSON.stringify([EDITION, recipe, arch, digest]))
    .digest('hex')
    .slice(0, 24)
  const target = join(cacheDir, `${recipe.suite}-${key}.squashfs`)
  if (await isThere(target)) {
    // The time of last use, for whoever clears the cache.
    await utimes(target, new Date(), new Date())
    return target
  }
  if (process.getuid?.() !== 0) {
    throw new CodedError(
      'Pack',
      'an image of Debian packages can only be built as root; run the command with sudo',
    )
  }
  await using undo = new AsyncDisposableStack()
  await mkdir(cacheDir, { recursive: true })
  const work = undo.adopt(await mkdtemp(join(cacheDir, 'build-')), (path) =>
    rm(path, { recursive: true, force: true }),
  )
  const root = join(work, 'root')
  build.onStep(`Building a root file system of ${recipe.suite} for ${arch}: ${recipe.packages.join(', ')}`)
  await bootstrap(build, root)
  if (overlay !== null) await copyOver(overlay, root)
  for (const command of recipe.commands) {
    await runInside(root, command, build.signal).catch((error: unknown) => explainForeign(error, arch))
  }
  for (const leftover of LEFTOVERS) await rm(join(root, leftover), { recursive: true, force: true })
  await addSkeleton(root)
  build.onStep('Compressing the root file system')
  const draft = join(work, 'image.squashfs')
  const { onStep, signal } = build
  const what = `the root file system of ${recipe.suite}`
  await squashLayers([directoryLayer(root, 'keep')], draft, { what, whiteouts: false, onStep, signal })
  await rename(draft, target)
  return target
}

async function bootstrap({ recipe, arch, signal }: DebianBuild, root: string): Promise<void> {
  const aptOptions = [
    'Acquire::Languages "none"',
    'Apt::Install-Recommends "false"',
    ...(await hostFetchOptions()),
  ]
  const args = [
    '--quiet',
    '--mode=root',
    '--format=directory',
    `--variant=${recipe.variant}`,
    `--architectures=${debianArch(arch)}`,
    `--include=${recipe.packages.join(',')}`,
    ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    ...aptOptions.map((option) => `--aptopt=${option}`),
    recipe.suite,
    root,
    ...(await hostSources(recipe.suite)),
  ]
  await run('mmdebstrap', args, { debianPackage: 'mmdebstrap', signal, env: { SOURCE_DATE_EPOCH: '0' } })
}

/** What programs expect of any root file system; packages that were only unpacked bring none of it. */
async function addSkeleton(root: string): Promise<void> {
  for (const name of ['dev', 'etc', 'proc', 'root', 'run', 'sys', 'tmp', 'var/log', 'var/tmp']) {
    await mkdir(join(root, name), { recursive: true })
  }
  for (const name of ['tmp', 'var/tmp']) await chmod(join(root, name), 0o1777)
  await addFile(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
  )
  await addFile(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
  await chmod(root, 0o755)
}

async function addFile(path: string, text: string): Promise<void> {
  if (!(await isThere(path))) await writeFile(path, text)
}

/** Copies files over the root, owned by root, so that the author's own ids do not end up in the image. */
async function copyOver(overlay: string, root: string): Promise<void> {
  await run(
    'cp',
    ['-R', '--no-dereference', '--preserve=mode', '--remove-destination', `${overlay}/.`, root],
    {
      debianPackage: 'coreutils',
    },
  )
}

/** What runs inside an image of another processor mostly fails with “no such file”, which tells nobody why. */
function explainForeign(error: unknown, arch: string): never {
  if (arch === machine() || !(error instanceof CodedError)) throw error
  throw new CodedError(
    error.kind,
    `${error.details}\nThis image is for ${arch}, and “commands” of images.yaml run inside it: on this machine (${machine()}) that takes qemu-user-static. Install it, leave ${arch} out of “arch” in the manifest, or pack with --arch ${machine()}`,
    { cause: error },
  )
}

async function runInside(root: string, command: string[], signal?: AbortSignal): Promise<void> {
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    DEBIAN_FRONTEND: 'noninteractive',
  }
  await run('chroot', [root, ...command], { debianPackage: 'coreutils', signal, env })
}
