import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import type { ServicePaths } from '../paths.ts'

/*
 * The state of a package's volumes before an install touched them. Every step is a rename, so that
 * after a crash at any point the copy is either complete or not there.
 *
 *   <volumes>                  what the service works on
 *   <volumes>.install-backup   complete copy; empty where there were no volumes
 *   <volumes>.partial          copy being made, worthless
 *   <volumes>.discarded        volumes of the failed attempt, on their way out
 */
const names = (paths: ServicePaths, id: string) => {
  const volumes = paths.volumes(id)
  return {
    volumes,
    backup: `${volumes}.install-backup`,
    partial: `${volumes}.partial`,
    discarded: `${volumes}.discarded`,
  }
}

/** Copies the volumes of a stopped service aside, sharing blocks where the file system can. */
export async function takeSnapshot(paths: ServicePaths, id: string): Promise<void> {
  const { volumes, backup, partial } = names(paths, id)
  await rm(partial, { recursive: true, force: true })
  await rm(backup, { recursive: true, force: true })
  try {
    if (await exists(volumes)) await execa('cp', ['-a', '--reflink=auto', '--', volumes, partial])
    else await mkdir(partial, { recursive: true })
  } catch (cause) {
    await rm(partial, { recursive: true, force: true })
    throw new CodedError(
      'Filesystem',
      'the service’s data could not be copied aside before the update; free some disk space and try again',
      { cause },
    )
  }
  await rename(partial, backup)
}

/** Puts the volumes back as they were; nothing to do when no snapshot was taken, for then nothing was touched. */
export async function restoreSnapshot(paths: ServicePaths, id: string): Promise<void> {
  const { volumes, backup, partial, discarded } = names(paths, id)
  await rm(partial, { recursive: true, force: true })
  if (await exists(backup)) {
    if (await exists(volumes)) {
      await rm(discarded, { recursive: true, force: true })
      await rename(volumes, discarded)
    }
    await rename(backup, volumes)
    if ((await readdir(volumes)).length === 0) await rm(volumes, { recursive: true })
  }
  await rm(discarded, { recursive: true, force: true })
}

/** The install is complete: the old state is not needed any more. */
export async function dropSnapshot(paths: ServicePaths, id: string): Promise<void> {
  const { backup, partial, discarded } = names(paths, id)
  for (const path of [backup, partial, discarded]) await rm(path, { recursive: true, force: true })
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
