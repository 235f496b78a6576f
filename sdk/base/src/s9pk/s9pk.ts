import { z } from 'zod'
import { type Manifest, parseManifest } from '../manifest.ts'
import { LocaleString } from '../service-schemas.ts'
import {
  type Archive,
  type OpenOptions,
  checkFile,
  fileAt,
  openArchive,
  readChecked,
  readVerified,
} from './archive.ts'
import { base64, fromUtf8 } from './bytes.ts'
import { type Entry, lookUp, walk } from './directory.ts'
import { S9pkError } from './error.ts'
import { type ImageFiles, iconPath, imagesFor } from './expectations.ts'
import { type Commitment, commitmentOf } from './header.ts'
import { LIMITS } from './limits.ts'
import { isIcon, mediaType } from './media-type.ts'
import type { ByteSource } from './source.ts'

/** A file of the package in place: mount or read `size` bytes from `offset` of the package file. */
export interface Member {
  path: string
  offset: number
  size: number
  hash: Uint8Array
}

export interface DependencyMetadata {
  title: LocaleString | null
  /** A data URL. */
  icon: string | null
}

/** Opens a package and reads its manifest; both are verified. Throws S9pkError. */
export async function openS9pk(source: ByteSource, options: OpenOptions = {}): Promise<S9pk> {
  const archive = await openArchive(source, options)
  return new S9pk(archive, readManifest(await readVerified(archive, 'manifest.json', LIMITS.manifest)))
}

/** Parses the verified bytes of `manifest.json`. */
export function readManifest(bytes: Uint8Array): Manifest {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8.decode(bytes))
  } catch (cause) {
    throw new S9pkError(
      'manifest',
      'the manifest of this package is not JSON; ask its author for a working one',
      { cause },
    )
  }
  return parseManifest(value)
}

/** An opened package: manifest and tables are verified, files are read and verified when asked for. */
export class S9pk {
  readonly archive: Archive
  readonly manifest: Manifest

  constructor(archive: Archive, manifest: Manifest) {
    this.archive = archive
    this.manifest = manifest
  }

  /** The root hash: the identity of this package build. */
  get root(): Uint8Array {
    return this.archive.header.root
  }

  /** Ed25519 public key that signed the package. */
  get signer(): Uint8Array {
    return this.archive.header.signer
  }

  get commitment(): Commitment {
    return commitmentOf(this.archive.header)
  }

  /** The entry at a path, whatever its kind. */
  file(path: string): Entry | null {
    return lookUp(this.archive.root, path)
  }

  /** Where a file lies; throws NotFound when the package or this copy of it lacks the file. */
  member(path: string): Member {
    const { position, size, hash } = fileAt(this.archive.root, path)
    return { path, offset: position, size, hash }
  }

  members(): Member[] {
    return [...walk(this.archive.root)]
      .filter(([, entry]) => entry.kind === 'file')
      .map(([path]) => this.member(path))
  }

  /** Verified content of a file up to `limit` bytes. */
  readFile(path: string, limit: number = LIMITS.document): Promise<Uint8Array> {
    return readVerified(this.archive, path, limit)
  }

  /** Content of a file of any size; throws at the end when it does not match its hash. */
  stream(path: string): AsyncGenerator<Uint8Array> {
    return readChecked(this.archive, path)
  }

  /** The images that a machine of `arch` uses. */
  images(arch: string): Record<string, ImageFiles> {
    return imagesFor(this.manifest, this.archive.root, arch)
  }

  /** The icon as a data URL. */
  async icon(): Promise<string> {
    return this.#dataUrl(iconPath(this.archive.root))
  }

  async license(): Promise<string> {
    return this.#text('LICENSE.md')
  }

  async instructions(): Promise<string | null> {
    return this.file('instructions.md')?.kind === 'file' ? this.#text('instructions.md') : null
  }

  /** What the package says of a service that it depends on, for showing it before that is installed. */
  async dependencyMetadata(id: string): Promise<DependencyMetadata> {
    const directory = lookUp(this.archive.root, `dependencies/${id}`)
    if (directory?.kind !== 'directory') return { title: null, icon: null }
    const icon = [...directory.contents].find(([name, entry]) => entry.kind === 'file' && isIcon(name))?.[0]
    return {
      title:
        directory.contents.get('metadata.json')?.kind === 'file' ? await this.#dependencyTitle(id) : null,
      icon: icon === undefined ? null : await this.#dataUrl(`dependencies/${id}/${icon}`),
    }
  }

  /** Reads every file and checks it; `onProgress` gets bytes done and bytes in all. */
  async verify(onProgress?: (done: number, total: number) => void, signal?: AbortSignal): Promise<void> {
    const members = this.members()
    const total = members.reduce((sum, { size }) => sum + size, 0)
    let done = 0
    for (const { path } of members) {
      await checkFile(this.archive, path, (length) => {
        signal?.throwIfAborted()
        done += length
        onProgress?.(done, total)
      })
    }
  }

  async #dependencyTitle(id: string): Promise<LocaleString | null> {
    const text = await this.#text(`dependencies/${id}/metadata.json`)
    const parsed = DependencyTitle.safeParse(parseJson(text))
    return parsed.success ? parsed.data.title : null
  }

  async #dataUrl(path: string): Promise<string> {
    return `data:${mediaType(path) ?? 'application/octet-stream'};base64,${base64(await this.readFile(path))}`
  }

  async #text(path: string): Promise<string> {
    const bytes = await this.readFile(path)
    try {
      return fromUtf8.decode(bytes)
    } catch (cause) {
      throw new S9pkError('damaged', `${path} in the package is not UTF-8 text`, { kind: 'Utf8', cause })
    }
  }
}

const DependencyTitle = z.object({ title: LocaleString })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
