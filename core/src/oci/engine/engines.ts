import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf } from '../../s9pk/file-error.ts'

/** A program that builds Dockerfiles and keeps images, and how it is asked. */
export interface Engine {
  program: 'docker' | 'podman' | 'buildah'
  /** Fails when the program is here but cannot work, as Docker without its daemon. */
  probe: string[]
  build: string[]
  /** Fails when it does not have an image. */
  has: (image: string) => string[]
  /** Writes an image to an archive. */
  save: (image: string, path: string) => string[]
  env: Record<string, string>
}

/** Best first. */
const ENGINES: Engine[] = [
  {
    program: 'docker',
    probe: ['version', '--format', '{{.Server.Version}}'],
    build: ['build', '--quiet'],
    has: (image) => ['image', 'inspect', image],
    save: (image, path) => ['save', '--output', path, image],
    // Other builders keep what they have built to themselves.
    env: { BUILDX_BUILDER: 'default' },
  },
  {
    program: 'podman',
    probe: ['info', '--format', '{{.Version.Version}}'],
    build: ['build', '--quiet'],
    has: (image) => ['image', 'exists', image],
    save: (image, path) => ['save', '--quiet', '--format', 'oci-archive', '--output', path, image],
    env: {},
  },
  {
    program: 'buildah',
    probe: ['--version'],
    build: ['build', '--quiet'],
    has: (image) => ['inspect', '--type', 'image', image],
    save: (image, path) => ['push', '--quiet', image, `oci-archive:${path}`],
    // Needs no container runtime beside it, and works inside containers.
    env: { BUILDAH_ISOLATION: process.env['BUILDAH_ISOLATION'] ?? 'chroot' },
  },
]

export interface Found {
  working: Engine[]
  /** Here, but not able to work. */
  idle: string[]
}

/** The engines of this machine. */
export async function findEngines(signal?: AbortSignal): Promise<Found> {
  const found: Found = { working: [], idle: [] }
  for (const engine of ENGINES) {
    const { failed, isMissing } = await ask(engine, engine.probe, signal)
    if (!failed) found.working.push(engine)
    else if (!isMissing) found.idle.push(engine.program)
  }
  return found
}

/** Whether an engine says yes. */
export async function ask(
  { program, env }: Engine,
  args: string[],
  signal?: AbortSignal,
): Promise<{ failed: boolean; isMissing: boolean }> {
  const { failed, cause, code } = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
    env,
    ...(signal && { cancelSignal: signal }),
  })
  signal?.throwIfAborted()
  return { failed, isMissing: errnoOf(cause) === 'ENOENT' || code === 'ENOENT' }
}

/** Has an engine do something; a failure carries the last lines that it said. */
export async function command({ program, env }: Engine, args: string[], signal?: AbortSignal): Promise<void> {
  const result = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    all: true,
    env,
    ...(signal && { cancelSignal: signal }),
  })
  signal?.throwIfAborted()
  if (!result.failed) return
  const said = result.all.trim().split('\n').slice(-15).join('\n')
  throw new CodedError('Docker', `${program} ${args[0]} failed:\n${said || result.shortMessage}`, {
    cause: result,
  })
}
