import type { Manifest } from '@startd/base/manifest.ts'
import {
  type Archive,
  HEADER_SIZE,
  hashOf,
  mismatch,
  printHeader,
  sameBytes,
  tooLarge,
} from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import { layOut } from '../write/layout.ts'
import { filterArchitecture } from '../write/index.ts'

/** A member to be fetched, and where it goes in the new file. */
export interface Piece {
  path: string
  hash: Uint8Array
  size: number
  position: number
}

/** The file that a download makes: known to the last byte before the first member is fetched. */
export interface Plan {
  /** Header and tables of contents, with their places. */
  frame: { position: number; bytes: Uint8Array }[]
  pieces: Piece[]
  size: number
}

/**
 * Plans the package as a machine of `arch` keeps it: what it does not need is marked as left out, and the signature
 * still holds (s9pk.md §5.4). Throws when the package does not serve this machine, or is larger than `maxSize`.
 */
export function planOf(archive: Archive, manifest: Manifest, arch: string, maxSize: number): Plan {
  const layout = layOut(filterArchitecture(archive, manifest, arch), 'priority')
  if (layout.size > maxSize)
    throw tooLarge(
      `this package is larger than ${Math.floor(maxSize / 1e6)} MB, the most that is accepted here`,
    )
  const header = printHeader({ ...archive.header, tablePosition: HEADER_SIZE, tableSize: layout.tableSize })
  const plan: Plan = { frame: [{ position: 0, bytes: header }], pieces: [], size: layout.size }
  let position = header.length
  for (const body of layout.bodies) {
    if (body.kind === 'table') {
      plan.frame.push({ position, bytes: body.bytes })
      position += body.bytes.length
      continue
    }
    const { hash, size } = body.entry
    if (size === 0 && !sameBytes(hash, hashOf(nativeHash))) throw mismatch(body.path)
    plan.pieces.push({ path: body.path, hash, size, position })
    position += size
  }
  return plan
}
