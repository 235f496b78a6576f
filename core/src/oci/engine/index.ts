import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf } from '../../s9pk/file-error.ts'
import { platformName } from '../platform.ts'

/** What a Dockerfile needs to be built. */
export interface Build {
  dockerfile: string
  /** Directory whose files it may copy. */
  context: string
  target?: string | undefined
  args: Record<string, string>
  arch: string
  /** A new directory of the caller for what comes out. */
  workDir: string
  onStep: (text: string) => void
  signal?: AbortSignal | undefined
}

/** Programs that build Dockerfiles, best first, and how each is asked. */
interface Engine {
  program: 'docker' | 'podman' | 'buildah'
  /** Fails when the program is here but cannot work, as Docker without its daemon. */
  probe: string[]
  build: string[]
  save: (image: string, path: string) => string[]
  remove: (image: string) => string[]
}

const ENGINES: Engine[] = [
  {
    program: 'docker',
    probe: ['version', '--format', '{{.Server.Version}}'],
    build: ['build', '--quiet'],
    save: (image, path) => ['save', '--output', path, image],
    remove: (image) => ['rmi', '--force', image],
  },
  {
    program: 'podman',
    probe: ['info', '--format', '{{.Version.Version}}'],
    build: ['build', '--quiet'],
    save: (image, path) => ['save', '--quiet', '--format', 'oci-archive', '--output', path, image],
    remove: (image) => ['rmi', '--force', image],
  },
  {
    program: 'buildah',
    probe: ['--version'],
    // Needs no container runtime beside it, and works inside containers. The variable chooses otherwise.
    build: ['build', '--quiet', ...(process.env['BUILDAH_ISOLATION'] ? [] : ['--isolation', 'chroot'])],
    save: (image, path) => ['push', '--quiet', image, `oci-archive:${path}`],
    remove: (image) => ['rmi', '--force', image],
  },
]

/**
 * Builds a Dockerfile with Docker, Podman or Buildah, whichever works here, and gives the path of an archive in
 * `workDir` that holds the image. Nothing stays behind in the engine but its cache.
 */
export async function buildDockerfile(build: Build): Promise<string> {
  const engine = await findEngine(build.signal)
  const { arch, workDir, signal, target } = build
  build.onStep(`Building ${build.dockerfile} for ${arch} with ${engine.program}`)
  const idFile = join(workDir, 'image-id')
  const archive = join(workDir, 'image.tar')
  const args = Object.entries({ ARCH: arch, ...build.args }).flatMap(([key, value]) => [
    '--build-arg',
    `${key}=${value}`,
  ])
  const stage = target === undefined ? [] : ['--target', target]
  const file = ['--file', build.dockerfile, '--iidfile', idFile, '--platform', platformName(arch)]
  await call(engine, [...engine.build, ...file, ...stage, ...args, build.context], signal)
  const image = (await readFile(idFile, 'utf8')).trim()
  try {
    await call(engine, engine.save(image, archive), signal)
  } catch (cause) {
    await rm(archive, { force: true })
    throw cause
  } finally {
    await call(engine, engine.remove(image)).catch(() => undefined)
  }
  return archive
}

async function findEngine(signal?: AbortSignal): Promise<Engine> {
  const idle: string[] = []
  for (const engine of ENGINES) {
    const { failed, cause, code } = await execa(engine.program, engine.probe, {
      reject: false,
      stdin: 'ignore',
      timeout: 30_000,
      ...(signal && { cancelSignal: signal }),
    })
    signal?.throwIfAborted()
    if (!failed) return engine
    if (errnoOf(cause) !== 'ENOENT' && code !== 'ENOENT') idle.push(engine.program)
  }
  const found =
    idle.length === 0 ? '' : ` (${idle.join(' and ')} is here but does not work: is its service running?)`
  const advice =
    'On Debian: apt-get install buildah. Or give an image that is built already: “registry” or “oci”'
  throw new CodedError('Pack', `a Dockerfile needs docker, podman or buildah to be built${found}. ${advice}`)
}

async function call({ program }: Engine, args: string[], signal?: AbortSignal): Promise<void> {
  const result = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    all: true,
    ...(signal && { cancelSignal: signal }),
  })
  signal?.throwIfAborted()
  if (!result.failed) return
  const said = result.all.trim().split('\n').slice(-15).join('\n')
  throw new CodedError('Docker', `${program} ${args[0]} failed:\n${said || result.shortMessage}`, {
    cause: result,
  })
}
