import { posix } from 'node:path'
import type { ComposeDocument } from './source/document.ts'
import type { Path } from './source/place.ts'
import { type ProjectFiles, sizeOf } from './source/project-files.ts'

/** What files beside a compose file may weigh altogether to be carried in the package. */
const MAX_BYTES = 64 * 1024 * 1024
const MAX_FILES = 5000

export type AssetSource = { copy: string } | { text: string }

/** Files that go into the package as they are: `assets/…` of the project. */
export class Assets {
  readonly entries = new Map<string, AssetSource>()
  readonly #files: ProjectFiles
  readonly #document: ComposeDocument
  #bytes = 0
  #count = 0

  constructor(files: ProjectFiles, document: ComposeDocument) {
    this.#files = files
    this.#document = document
  }

  /** Takes in a file or directory of the project; answers its place in the assets. */
  async carry(path: Path, source: string): Promise<{ name: string; kind: 'file' | 'directory' } | 'missing'> {
    const found = await this.#files.find(source)
    if (found.kind === 'outside')
      throw this.#document.error('InvalidRequest', path, `“${source}” is outside of the project directory`)
    if (found.kind === 'other')
      throw this.#document.error('InvalidRequest', path, `“${source}” is neither a file nor a directory`)
    if (found.kind === 'missing') return 'missing'
    const name = posix
      .normalize(source)
      .replace(/^(\.\/)+|\/$/g, '')
      .replace(/^\.$/, 'project')
    if (!this.entries.has(name)) {
      const { bytes, files } = await sizeOf(found.path)
      this.#bytes += bytes
      this.#count += files
      if (this.#bytes > MAX_BYTES || this.#count > MAX_FILES)
        throw this.#document.error(
          'InvalidRequest',
          path,
          `“${source}” is too much to be put into a package (64 MiB and ${MAX_FILES} files are the limit); make it a volume`,
        )
      this.entries.set(name, { copy: found.path })
    }
    return { name, kind: found.kind }
  }
}
