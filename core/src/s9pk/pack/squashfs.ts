import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf } from '../file-error.ts'

export interface SquashfsOptions {
  /** `root` for what a person wrote, whose own ids mean nothing elsewhere; `keep` for a root file system. */
  owner: 'root' | 'keep'
  signal?: AbortSignal | undefined
}

/** Rights as git keeps them: whoever checked the files out may have had another umask. */
const USUAL_RIGHTS = ['-no-hardlinks', '-action', 'chmod(u=rwX,go=rX)@true']

/**
 * Packs a directory. The same files give the same bytes: times are zero, extended attributes are left out, and of what
 * a person wrote only whether a file can be run counts. The length is a multiple of 4096, so that the result can be mounted inside a package.
 */
export async function makeSquashfs(
  directory: string,
  output: string,
  options: SquashfsOptions,
): Promise<void> {
  const owner = options.owner === 'root' ? ['-all-root', ...USUAL_RIGHTS] : []
  const time = ['-all-time', '0', '-mkfs-time', '0']
  const compression = ['-comp', 'zstd', '-Xcompression-level', '12', '-b', '256K']
  const quiet = ['-noappend', '-no-xattrs', '-quiet', '-no-progress']
  await run('mksquashfs', [directory, output, ...owner, ...time, ...compression, ...quiet], {
    signal: options.signal,
    debianPackage: 'squashfs-tools',
    // mksquashfs refuses its own time options when this is set.
    env: { SOURCE_DATE_EPOCH: undefined },
  })
}

interface RunOptions {
  debianPackage: string
  signal?: AbortSignal | undefined
  env?: Record<string, string | undefined>
}

/** Runs a program that packing needs; a failure carries the last lines that it said. */
export async function run(program: string, args: string[], options: RunOptions): Promise<void> {
  const result = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    all: true,
    env: options.env ?? {},
    ...(options.signal && { cancelSignal: options.signal }),
  })
  if (!result.failed) return
  if (errnoOf(result.cause) === 'ENOENT' || result.code === 'ENOENT') {
    const text = `${program} is not installed; on Debian: apt-get install ${options.debianPackage}`
    throw new CodedError('Pack', text, { cause: result })
  }
  const said = result.all.trim().split('\n').slice(-5).join('\n')
  throw new CodedError('Pack', `${program} failed:\n${said || result.shortMessage}`, { cause: result })
}
