import {
  type Commitment,
  type HttpOptions,
  type S9pk,
  S9pkError,
  TransferError,
  type TransferFault,
  UrlSource,
  openS9pk,
} from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'

/** One address of the package, and how it has served us. */
export class Mirror {
  readonly url: string
  readonly #http: HttpOptions
  #opened: { source: UrlSource; s9pk: S9pk } | null = null
  /** Failures since it last gave us something. */
  failures = 0
  lastError: Error | null = null
  /** Of no further use. */
  dead = false
  /** Whether it sends parts of the file. */
  ranges = true

  constructor(url: string, http: HttpOptions) {
    this.url = url
    this.#http = http
  }

  /** The package at this address, which must be the committed one. Its members may lie elsewhere than on other mirrors. */
  async open(commitment: Commitment | null): Promise<{ source: UrlSource; s9pk: S9pk }> {
    if (this.#opened) return this.#opened
    const source = new UrlSource(this.url, { ...this.#http, requireRanges: true })
    this.#opened = { source, s9pk: await openS9pk(source, { hash: nativeHash, commitment }) }
    return this.#opened
  }

  /** It gave us something worth while. */
  progressed(): void {
    this.failures = 0
  }

  /** Notes an error; false where it is not this server's, and ends the download. */
  failed(error: unknown): boolean {
    const content = error instanceof S9pkError && !SIGNED.has(error.fault)
    if (!content && !(error instanceof TransferError)) return false
    this.lastError = error
    this.failures++
    if (error.fault === 'no-ranges') {
      this.ranges = false
      this.failures = 0
    }
    if (error.fault === 'changed') this.#opened = null
    if (content || HOPELESS.has(error.fault)) this.dead = true
    return true
  }
}

/** What the author signed is the same on every mirror. */
const SIGNED = new Set<S9pkError['fault']>(['architecture', 'manifest', 'missing-file'])
const HOPELESS = new Set<string>(['refused'] satisfies TransferFault[])
