import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { ID_BASE } from './instance.ts'

/** A place to mount at: `path` is resolved below `root`, and no symlink on the way is followed. */
export interface Target {
  readonly root: string
  readonly path: string
}

/** `inner:outer:range`, as in /proc/PID/uid_map. */
export type IdMap = readonly string[]

/** The kernel cannot id-map that file system. */
export class NoIdmap extends Error {}

const EXIT_NO_IDMAP = 75

/** Mounts and files for containers, made by the native helper: each call is one short process. */
export class Helper {
  readonly program: string

  constructor(program: string) {
    this.program = program
  }

  async squashfs(
    file: string,
    offset: number,
    size: number,
    targets: readonly Target[],
    map: IdMap,
  ): Promise<void> {
    await this.#host('squashfs', [
      ...mapOptions(map),
      '--',
      file,
      String(offset),
      String(size),
      ...words(targets),
    ])
  }

  async bind(
    source: Target,
    targets: readonly Target[],
    options: { map?: IdMap; readonly?: boolean; create?: boolean } = {},
  ): Promise<void> {
    const flags = [...(options.readonly ? ['--readonly'] : []), ...(options.create ? ['--create'] : [])]
    await this.#host('bind', [
      ...mapOptions(options.map ?? []),
      ...flags,
      '--',
      ...words([source, ...targets]),
    ])
  }

  async overlay(lower: readonly string[], upper: string, work: string, target: Target): Promise<void> {
    const escaped = lower.map(escapeOption).join(':')
    await this.#host('overlay', ['--', escaped, escapeOption(upper), escapeOption(work), ...words([target])])
  }

  /** Detaches whatever is mounted at the target, and below it; nothing there is fine. */
  async unmount(target: Target): Promise<void> {
    await this.#host('umount', ['--', ...words([target])])
  }

  async write(root: string, directory: string, name: string, content: string | Uint8Array): Promise<void> {
    await this.#host('write', ['--', root, directory, name], content)
  }

  async removeDirectory(root: string, directory: string, name: string): Promise<void> {
    await this.#host('remove', ['--', root, directory, name])
  }

  async #host(command: string, args: readonly string[], input?: string | Uint8Array): Promise<void> {
    const words = ['host', command, '--owner', String(ID_BASE), ...args]
    const { exitCode, stderr } = await execa(this.program, words, {
      reject: false,
      stdin: input === undefined ? 'ignore' : 'pipe',
      ...(input === undefined ? {} : { input }),
    })
    if (exitCode === 0) return
    const details = stderr.replace(/^start-container: /, '')
    if (exitCode === EXIT_NO_IDMAP) throw new NoIdmap(details)
    throw new CodedError('Filesystem', details || `${command} ended with ${exitCode}`)
  }
}

const mapOptions = (map: IdMap): string[] => map.map((extent) => `--map=${extent}`)
const words = (targets: readonly Target[]): string[] => targets.flatMap(({ root, path }) => [root, path])
/** In overlayfs's mount options these three separate. */
const escapeOption = (path: string): string => path.replace(/[\\:,]/g, '\\$&')
