import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { execa } from 'execa'

/** How `images.yaml` names an image that lies on this machine: container image, root file system or squashfs. */
export async function localRecipe(path: string): Promise<Record<string, unknown>> {
  const full = resolve(path)
  const info = await stat(full).catch(() => null)
  if (!info) throw new CodedError('NotFound', `there is no image at ${path}`)
  if (info.isDirectory())
    return (await isThere(join(full, 'oci-layout'))) ? { oci: full } : { directory: full }
  if (/\.(squashfs|sqfs|img)$/.test(full)) return { squashfs: full }
  if (!/\.(tar|tgz|tar\.\w+)$/.test(full)) {
    const what = 'name a directory, a .tar or a .squashfs file'
    throw new CodedError('InvalidRequest', `${path} is not an image that is known; ${what}`)
  }
  return (await isContainerImage(full)) ? { oci: full } : { tar: full }
}

/** Container images have their description at the top of the archive. */
async function isContainerImage(path: string): Promise<boolean> {
  const names = ['oci-layout', 'manifest.json', './oci-layout', './manifest.json']
  const { stdout } = await execa('tar', ['-tf', path, ...names], { reject: false, stdin: 'ignore' })
  return stdout.trim() !== ''
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
