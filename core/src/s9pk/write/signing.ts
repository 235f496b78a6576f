import {
  type Commitment,
  HEADER_SIZE,
  type Header,
  SIGNING_CONTEXT,
  commitmentOf,
  directoryHash,
  printHeader,
  publicKeyOf,
  sign,
  signedMessage,
  tableSize,
} from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import type { Layout } from './layout.ts'
import { type SourceTree, seal } from './source-tree.ts'

/** Signs a new tree, or keeps the signature of one that was read and still has the same signed parts. */
export type Signer = { seed: Uint8Array } | { keep: Header }

/**
 * The first bytes of the file, and what they commit to. The hashes of all files must be in the tree; those of
 * directories are computed here.
 */
export function signTree(
  tree: SourceTree,
  layout: Layout,
  signer: Signer,
): { header: Uint8Array; commitment: Commitment } {
  const signed = 'keep' in signer ? signer.keep : newSignature(tree, signer.seed)
  const header = printHeader({ ...signed, tablePosition: HEADER_SIZE, tableSize: layout.tableSize })
  return { header, commitment: commitmentOf(signed) }
}

function newSignature(tree: SourceTree, seed: Uint8Array): Omit<Header, 'tablePosition' | 'tableSize'> {
  seal(tree.root)
  const root = directoryHash(tree.root, nativeHash)
  const rootMaxsize = tableSize(tree.root)
  const signature = sign(signedMessage(root, rootMaxsize), seed, SIGNING_CONTEXT)
  return { signer: publicKeyOf(seed), signature, root, rootMaxsize }
}
