import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import {
  LIMITS,
  type S9pk,
  S9pkError,
  archiveName,
  fromBase64,
  iconPath,
  openS9pk,
  publicKeyPem,
} from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import { fileError } from '../file-error.ts'
import { pathSource } from '../file-source.ts'
import {
  DEFAULT_MAX_SIZE,
  type PackagePreview,
  type ReceiveOptions,
  type ReceivedS9pk,
} from '../receive/index.ts'
import { checkSpace, publish } from '../receive/publish.ts'
import { fetchMembers } from './members.ts'
import type { Mirror } from './mirror.ts'
import { Mirrors, type Patience } from './mirrors.ts'
import { PartialFile } from './partial-file.ts'
import { claimPartial, forgetDownload, journalOf, pruneDownloads } from './partials.ts'
import { type Plan, planOf } from './plan.ts'
import { streamWhole } from './whole.ts'

export type { Beginning as UnfinishedDownload } from './journal.ts'
export { forgetDownload, pruneDownloads, unfinishedDownload } from './partials.ts'

/** `onProgress` counts what this machine needs of the package, also what an earlier run had fetched. */
export type DownloadOptions = Omit<ReceiveOptions, 'size'> & Patience

/** Failures in a row after which a server is given up: soon before anything was seen of the package, late in the middle. */
const ATTEMPTS = { opening: 3, fetching: 8 }

/**
 * Downloads a package into `<directory>/installed/<root hash>.s9pk`, and only those of its files that a machine of
 * `arch` needs: the result is the package with the rest marked as left out, still validly signed. Header and tables
 * come first, each file is verified as its last byte arrives. The addresses of `urls` are tried in order, and what
 * fails on one goes on with the next. What was fetched stays in `<directory>/partial` when the servers fail, the
 * download is cancelled or the process dies, and the next download of the same package goes on with it, also inside of
 * a large file. A server without ranges sends the whole package, which is then kept as it is.
 *
 * Throws S9pkError for a package that cannot be used, TransferError when no server could give it, and what `onHeader`
 * throws.
 */
export function downloadS9pk(
  urls: readonly string[],
  directory: string,
  options: DownloadOptions,
): Promise<ReceivedS9pk> {
  return new Download(urls, directory, options).run()
}

class Download {
  readonly #urls: readonly string[]
  readonly #directory: string
  readonly #options: DownloadOptions
  readonly #mirrors: Mirrors
  /** The package that was shown first; from then on no other one will do. */
  #preview: PackagePreview | null = null

  constructor(urls: readonly string[], directory: string, options: DownloadOptions) {
    this.#urls = urls
    this.#directory = directory
    this.#options = options
    this.#mirrors = new Mirrors(urls, options, options.signal)
  }

  async run(): Promise<ReceivedS9pk> {
    await pruneDownloads(this.#directory)
    await mkdir(join(this.#directory, 'installed'), { recursive: true })
    const received = (await this.#inParts()) ?? (await this.#asWhole())
    if (received) return received
    const verdict = this.#mirrors.verdict()
    if (verdict instanceof S9pkError && this.#preview)
      await forgetDownload(this.#directory, archiveName(fromBase64(this.#preview.commitment.rootSighash)))
    throw verdict
  }

  get #commitment() {
    return this.#preview?.commitment ?? this.#options.commitment ?? null
  }

  async #inParts(): Promise<ReceivedS9pk | null> {
    const { arch, maxSize = DEFAULT_MAX_SIZE } = this.#options
    const found = await this.#mirrors.use(inParts, ATTEMPTS.opening, async (mirror) => {
      const { s9pk } = await mirror.open(this.#commitment)
      const plan = planOf(s9pk.archive, s9pk.manifest, arch, maxSize)
      return { s9pk, plan, icon: await smallIcon(s9pk) }
    })
    if (!found) return null
    const { s9pk, plan, icon } = found
    const name = archiveName(s9pk.root)
    await this.#announce({
      manifest: s9pk.manifest,
      commitment: s9pk.commitment,
      developerKey: publicKeyPem(s9pk.signer),
      icon,
      size: plan.size,
    })
    using claim = await claimPartial(this.#directory, name)
    try {
      if (!(await this.#fill(claim.path, s9pk, plan))) return null
      await rm(journalOf(claim.path), { force: true })
      const path = await publish(claim.path, join(this.#directory, 'installed'), name)
      await forgetDownload(this.#directory, name)
      const stored = await openS9pk(pathSource(path, plan.size), { hash: nativeHash })
      return { path, size: plan.size, s9pk: stored }
    } catch (cause) {
      const error = fileError(cause, 'could not store the package')
      if (error.kind !== 'Cancelled') await forgetDownload(this.#directory, name)
      throw error
    }
  }

  /** Fetches what the file lacks; false when no server is left that sends parts. */
  async #fill(path: string, { commitment, signer }: S9pk, plan: Plan): Promise<boolean> {
    const { arch, signal, onProgress } = this.#options
    await using file = await PartialFile.open(path, plan, {
      format: 1,
      urls: [...this.#urls],
      commitment,
      developerKey: publicKeyPem(signer),
      arch,
      size: plan.size,
    })
    await checkSpace(this.#directory, plan.size - file.present)
    const frame = plan.size - plan.pieces.reduce((sum, { size }) => sum + size, 0)
    const onBytes = () => onProgress?.(frame + file.present, plan.size)
    onBytes()
    const filled = await this.#mirrors.use(inParts, ATTEMPTS.fetching, async (mirror) => {
      const { source, s9pk } = await mirror.open(commitment)
      await fetchMembers({ mirror, source, archive: s9pk.archive, file, onBytes })
      return true
    })
    if (!filled) return false
    await file.sync()
    if (signal?.aborted)
      throw new CodedError('Cancelled', 'the transfer was cancelled', { cause: signal.reason })
    return true
  }

  async #asWhole(): Promise<ReceivedS9pk | null> {
    const received = await this.#mirrors.use(asWhole, ATTEMPTS.opening, (mirror) =>
      streamWhole(mirror.url, this.#directory, {
        ...this.#options,
        http: this.#mirrors.http,
        commitment: this.#commitment,
        onHeader: (preview) => this.#announce(preview),
      }),
    )
    if (received) await forgetDownload(this.#directory, archiveName(received.s9pk.root))
    return received
  }

  async #announce(preview: PackagePreview): Promise<void> {
    if (this.#preview) {
      // The root hash does not tell by whom a package is signed, and the receiver has agreed to one key.
      if (preview.developerKey !== this.#preview.developerKey)
        throw new S9pkError(
          'untrusted',
          'this copy of the package is signed by another key than the one that was seen first',
        )
      return
    }
    await this.#options.onHeader?.(preview)
    this.#preview = preview
  }
}

const inParts = (mirror: Mirror) => mirror.ranges
const asWhole = (mirror: Mirror) => !mirror.ranges

async function smallIcon(s9pk: S9pk): Promise<string | null> {
  const { size } = s9pk.member(iconPath(s9pk.archive.root))
  return size <= LIMITS.document ? s9pk.icon() : null
}
