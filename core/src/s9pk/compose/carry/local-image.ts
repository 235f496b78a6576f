import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'

/** How `images.yaml` names an image that lies on this machine. */
export async function localRecipe(path: string): Promise<Record<string, string>> {
  const full = resolve(path)
  const info = await stat(full).catch(() => null)
  if (!info) throw new CodedError('NotFound', `there is no image at ${path}`)
  if (info.isDirectory()) return { directory: full }
  throw new CodedError('InvalidRequest', `${path} is not an image; name a directory`)
}
