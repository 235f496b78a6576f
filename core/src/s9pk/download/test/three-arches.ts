import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { bytesContent } from '../../write/content.ts'
import { type Signer, printArchive } from '../../write/index.ts'
import { treeOf } from '../../write/source-tree.ts'

export const ARCHES = ['aarch64', 'riscv64', 'x86_64']
const SEED = new Uint8Array(32).fill(9)

export interface Sizes {
  code?: number
  assets?: number
  /** Of the image for each architecture. */
  image?: number
}

/** A package with images for three architectures, as a packer writes it, and what is in it. */
export async function threeArches(sizes: Sizes = {}, signer: Signer = { seed: SEED }) {
  const manifest = {
    id: 'probe',
    version: '1.0.0:0',
    canMigrateTo: '!',
    canMigrateFrom: '*',
    title: 'Probe',
    description: { short: 'A probe', long: 'A probe' },
    releaseNotes: 'First',
    license: 'MIT',
    upstreamRepo: 'https://example.com/',
    images: { main: { source: 'packed', arch: ARCHES } },
    hardwareRequirements: { arch: ARCHES },
    volumes: ['main'],
  }
  const files = new Map<string, Buffer>([
    ['manifest.json', Buffer.from(JSON.stringify(manifest))],
    ['icon.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['LICENSE.md', Buffer.from('MIT')],
    ['instructions.md', Buffer.from('# Hello')],
    ['javascript.squashfs', randomBytes(sizes.code ?? 20_000)],
    ['assets.squashfs', randomBytes(sizes.assets ?? 30_000)],
  ])
  for (const arch of ARCHES) {
    files.set(`images/${arch}/main.squashfs`, randomBytes(sizes.image ?? 400_000))
    files.set(
      `images/${arch}/main.json`,
      Buffer.from('{"workdir":"/","user":"root","entrypoint":null,"cmd":null}'),
    )
    files.set(`images/${arch}/main.env`, Buffer.alloc(0))
  }
  const tree = treeOf(new Map([...files].map(([path, bytes]) => [path, bytesContent(bytes)])))
  const bytes = await buffer(printArchive(tree, { signer, order: 'name' }))
  const priority = await buffer(printArchive(tree, { signer, order: 'priority' }))
  return { bytes, priority, files }
}
