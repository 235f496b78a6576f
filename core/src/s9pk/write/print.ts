import { checked } from './checked.ts'
import { type Order, filesOf, layOut } from './layout.ts'
import { type Signer, signTree } from './signing.ts'
import type { SourceTree } from './source-tree.ts'

export interface PrintOptions {
  signer: Signer
  order?: Order
}

/**
 * All bytes of the package in order, each piece until the next one is asked for. Every file is checked against its
 * signed hash as it passes; one whose hash is not known is read once more before.
 */
export async function* printArchive(tree: SourceTree, options: PrintOptions): AsyncGenerator<Uint8Array> {
  const layout = layOut(tree, options.order ?? 'priority')
  for (const body of filesOf(layout)) {
    if (body.content.hash !== null) continue
    for await (const _ of checked(body));
    body.content = { ...body.content, hash: body.entry.hash }
  }
  yield signTree(tree, layout, options.signer).header
  for (const body of layout.bodies) {
    if (body.kind === 'table') yield body.bytes
    else yield* checked(body)
  }
}
