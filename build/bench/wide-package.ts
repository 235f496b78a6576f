import { open } from 'node:fs/promises'
import {
  type Content,
  bytesContent,
  nativeHash,
  newSeed,
  printArchive,
  treeOf,
} from '../../core/src/s9pk/index.ts'

export const ARCHES = ['aarch64', 'riscv64', 'x86_64'] as const

const ZEROS = Buffer.alloc(1024 * 1024)

/**
 * A package with an image for each of three architectures, in the order of a plain packer: its inner tables lie behind
 * the assets. Images are zeros that take no room on the disk.
 */
export async function widePackage(path: string, imageBytes: number): Promise<string> {
  const image = zeros(imageBytes)
  const document = (text: string) => bytesContent(Buffer.from(text))
  const files = new Map<string, Content>([
    ['manifest.json', document(JSON.stringify(MANIFEST))],
    ['icon.svg', document(`<svg xmlns="http://www.w3.org/2000/svg">${' '.repeat(8000)}</svg>`)],
    ['LICENSE.md', document('MIT')],
    ['instructions.md', document('# Nothing to do\n'.repeat(300))],
    ['javascript.squashfs', zeros(4_000_000)],
    ['assets.squashfs', zeros(1_000_000)],
  ])
  for (const arch of ARCHES) {
    files.set(`images/${arch}/main.squashfs`, image)
    files.set(
      `images/${arch}/main.json`,
      document('{"workdir":"/","user":"root","entrypoint":null,"cmd":null}'),
    )
    files.set(`images/${arch}/main.env`, document('MODE=fast'))
  }
  await using file = await open(path, 'w')
  let position = 0
  for await (const piece of printArchive(treeOf(files), { signer: { seed: newSeed() }, order: 'name' })) {
    if (piece.buffer !== ZEROS.buffer) await file.write(piece, 0, piece.length, position)
    position += piece.length
  }
  await file.truncate(position)
  return path
}

function zeros(size: number): Content {
  const hasher = nativeHash()
  for (let done = 0; done < size; done += ZEROS.length) hasher.update(ZEROS.subarray(0, size - done))
  return {
    hash: hasher.digest(),
    size,
    async *read() {
      for (let done = 0; done < size; done += ZEROS.length) yield ZEROS.subarray(0, size - done)
    },
  }
}

const MANIFEST = {
  id: 'wide',
  version: '1.0.0:0',
  canMigrateTo: '!',
  canMigrateFrom: '*',
  title: 'Wide',
  description: { short: 'For measuring', long: 'For measuring. '.repeat(100) },
  releaseNotes: 'None',
  license: 'MIT',
  upstreamRepo: 'https://example.com/',
  images: { main: { source: 'packed', arch: ARCHES } },
  hardwareRequirements: { arch: ARCHES },
  volumes: ['main'],
}
