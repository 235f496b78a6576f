import { type ImageMetadata, imageEnvFile } from './image.ts'

/** Runs the image's own entrypoint, with its own or other arguments. */
export class UseEntrypoint {
  readonly overrideCmd: string[] | undefined

  constructor(overrideCmd?: string[]) {
    this.overrideCmd = overrideCmd
  }
}

export function useEntrypoint(overrideCmd?: string[]): UseEntrypoint {
  return new UseEntrypoint(overrideCmd)
}

/** A shell line, an argument vector, or the image's entrypoint. */
export type CommandType = string | readonly string[] | UseEntrypoint

export interface CommandOptions {
  env?: Record<string, string | undefined> | undefined
  cwd?: string | undefined
  /** `name`, `uid`, `name:group` or `uid:gid`; the image's user when left out. */
  user?: string | undefined
}

export function argvOf(command: CommandType, image: ImageMetadata): string[] {
  if (typeof command === 'string') return ['sh', '-c', command]
  if ('overrideCmd' in command)
    return [...(image.entrypoint ?? []), ...(command.overrideCmd ?? image.cmd ?? [])]
  return [...command]
}

/** The helper's arguments that run a command in the subcontainer at `rootfs`. */
export function helperArgv(options: {
  mode: 'exec' | 'launch'
  rootfs: string
  imageId: string
  image: ImageMetadata
  argv: readonly string[]
  options: CommandOptions
}): string[] {
  const { mode, rootfs, imageId, image, argv } = options
  const { env = {}, cwd, user } = options.options
  const variables = Object.entries(env).flatMap(([key, value]) =>
    value === undefined ? [] : [`--env=${key}=${value}`],
  )
  return [
    'start-container',
    'subcontainer',
    mode,
    `--env-file=${imageEnvFile(imageId)}`,
    `--user=${user ?? (image.user || 'root')}`,
    `--workdir=${cwd ?? (image.workdir || '/')}`,
    ...variables,
    rootfs,
    ...argv,
  ]
}
