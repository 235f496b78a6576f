import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { platformName } from '../platform.ts'
import { type Engine, ask, command, findEngines } from './engines.ts'

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

/**
 * Builds a Dockerfile with Docker, Podman or Buildah, whichever works here, and gives the path of an archive in
 * `workDir` that holds the image. Nothing stays behind in the engine but its cache.
 */
export async function buildDockerfile(build: Build): Promise<string> {
  const { arch, workDir, signal, target, dockerfile } = build
  const engine = await builder(signal)
  build.onStep(`Building ${dockerfile} for ${arch} with ${engine.program}`)
  // A name of our own, because an image that the author has built before may be the very same one.
  const name = `localhost/startd-build:${randomUUID()}`
  const archive = join(workDir, 'image.tar')
  const args = Object.entries({ ARCH: arch, ...build.args }).map(
    ([key, value]) => `--build-arg=${key}=${value}`,
  )
  const stage = target === undefined ? [] : ['--target', target]
  const what = ['--file', dockerfile, '--tag', name, '--platform', platformName(arch)]
  try {
    await command(engine, [...engine.build, ...what, ...stage, ...args, build.context], signal)
    await command(engine, engine.save(name, archive), signal)
  } finally {
    await ask(engine, ['rmi', name])
  }
  return archive
}

/** An archive in `workDir` of an image that an engine of this machine has; null when none has it. */
export async function keptImage(name: string, workDir: string, signal?: AbortSignal): Promise<string | null> {
  const { working } = await findEngines(signal)
  for (const engine of working) {
    if ((await ask(engine, engine.has(name), signal)).failed) continue
    const archive = join(workDir, 'image.tar')
    await command(engine, engine.save(name, archive), signal)
    return archive
  }
  return null
}

async function builder(signal?: AbortSignal): Promise<Engine> {
  const { working, idle } = await findEngines(signal)
  if (working[0]) return working[0]
  const found =
    idle.length === 0 ? '' : ` (${idle.join(' and ')} is here but does not work: is its service running?)`
  const advice =
    'On Debian: apt-get install buildah. Or give an image that is built already: “registry” or “oci”'
  throw new CodedError('Pack', `a Dockerfile needs docker, podman or buildah to be built${found}. ${advice}`)
}
