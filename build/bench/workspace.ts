import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CACHE } from '../steps/paths.ts'

export interface Workspace extends AsyncDisposable {
  path: string
}

/**
 * A directory on the disk that data directories usually lie on, removed with all that is in it. Not below /tmp,
 * which may be memory.
 */
export async function openWorkspace(): Promise<Workspace> {
  await mkdir(CACHE, { recursive: true })
  const path = await mkdtemp(join(CACHE, 'bench-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
