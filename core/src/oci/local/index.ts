import { CodedError } from '@startd/base/errors.ts'
import type { Image } from '../image.ts'
import { savedImage } from './docker-archive.ts'
import { openFiles } from './files.ts'
import { layoutImage } from './layout.ts'

export interface LocalImageOptions {
  arch: string
  /** Which image, where there are several. */
  tag?: string | undefined
  /** A path of a file that does not exist yet and that the caller removes. */
  spool: () => string
}

/** The image in an OCI image layout, as directory or archive, or in an archive made by `docker save`. */
export async function localImage(path: string, { arch, tag, spool }: LocalImageOptions): Promise<Image> {
  const files = await openFiles(path, spool)
  if (await files.has('index.json')) return layoutImage(files, arch, tag)
  if (await files.has('manifest.json')) return savedImage(files, arch, tag)
  const text = `${path} is no container image: it has neither index.json (OCI layout) nor manifest.json (docker save)`
  throw new CodedError('InvalidRequest', text)
}
