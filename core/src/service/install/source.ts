import { CodedError } from '@startd/base/errors.ts'
import type { Database, PackageSource } from '@startd/base/model.ts'
import { entryOf, own } from '../model.ts'

/** On a draft: a package came from these addresses, or from a file that the owner had. */
export function rememberSource(model: Database, id: string, source: PackageSource): void {
  const { [id]: _, ...others } = model.private.packageSources ?? {}
  model.private.packageSources = source.urls.length > 0 ? { ...others, [id]: source } : others
}

/** On a draft: the package is gone. */
export function forgetSource(model: Database, id: string): void {
  delete model.private.packageSources?.[id]
}

/** Where the installed package can be had once more; throws NotFound for one that was uploaded. */
export function sourceOf(model: Database, id: string): PackageSource {
  entryOf(model, id)
  const source = own(model.private.packageSources ?? {}, id)
  if (source) return source
  throw new CodedError(
    'NotFound',
    `“${id}” was installed from a file of yours; add the same file once more to repair it`,
  )
}
