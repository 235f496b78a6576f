import { type Directory, lookUp } from '@startd/base/s9pk/index.ts'

/** The architectures that this copy must serve: those it was filtered to, else (null) all that it declares. */
export function storedArches(root: Directory): (string | null)[] {
  const images = lookUp(root, 'images')
  if (images?.kind !== 'directory') return [null]
  const entries = [...images.contents]
  if (entries.every(([, { kind }]) => kind !== 'missing')) return [null]
  return entries.filter(([, { kind }]) => kind === 'directory').map(([arch]) => arch)
}
