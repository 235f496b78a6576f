import type { BigIntStats } from 'node:fs'

/**
 * Tells one state of a file from another without reading it: place, length, and the times of the last change. The
 * change time cannot be set by programs, so a copied-over time of modification does not hide a change.
 */
export function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':')
}
