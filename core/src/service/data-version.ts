import { rm } from 'node:fs/promises'
import { readIfPresent, writeAtomically } from './atomic-file.ts'
import type { ServicePaths } from './paths.ts'

/** The version that a service's data has, as its package wrote it; null before the first install (effects.md §9). */
export async function readDataVersion(paths: ServicePaths, id: string): Promise<string | null> {
  return (await readIfPresent(paths.dataVersion(id)))?.trim() ?? null
}

export async function writeDataVersion(
  paths: ServicePaths,
  id: string,
  version: string | null,
): Promise<void> {
  if (version === null) await rm(paths.dataVersion(id), { force: true })
  else await writeAtomically(paths.dataVersion(id), version)
}
