import type { IncomingMessage } from 'node:http'
import { CodedError } from '@startd/base/errors.ts'
import type { Guid } from '@startd/base/ids.ts'
import type { Continuations } from '../rpc/continuations.ts'
import type { ServiceControl } from '../service/index.ts'
import { giveBack } from '../s9pk/receive/give-back.ts'
import { InstallReport } from './install-report.ts'

const PROGRESS_LIFETIME = 600_000

/** One upload and the install that it feeds: an address for the bytes, and a socket for the progress (rpc.md §8.1). */
class Sideload {
  readonly #services: Pick<ServiceControl, 'install'>
  readonly #acceptSigner: string | null
  readonly report = new InstallReport()

  constructor(services: Pick<ServiceControl, 'install'>, acceptSigner: string | null) {
    this.#services = services
    this.#acceptSigner = acceptSigner
  }

  fail(reason: CodedError): void {
    this.report.endWith(Promise.reject(reason))
  }

  /** Fulfils when all bytes were received and the package is known to fit; the install goes on without the connection. */
  async receive(request: IncomingMessage, signal: AbortSignal): Promise<void> {
    const header = request.headers['content-length']
    const size = header === undefined ? null : Number(header)
    const uploading = new AbortController()
    const abort = () => uploading.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    const received = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<string>()
    const bytes = bodyOf(request, size, () => {
      signal.removeEventListener('abort', abort)
      received.resolve()
    })
    const install = this.#services.install(bytes, {
      size,
      signal: uploading.signal,
      acceptSigner: this.#acceptSigner,
      onBegin: begun.resolve,
      onProgress: this.report.onProgress,
    })
    this.report.endWith(install)
    await Promise.race([Promise.all([received.promise, begun.promise]), install])
  }
}

/** Opens a place to upload a package file to. */
export function openSideload(
  services: Pick<ServiceControl, 'install'>,
  continuations: Continuations,
  { session, acceptSigner }: { session: string | null; acceptSigner: string | null },
): { upload: Guid; progress: Guid } {
  const sideload = new Sideload(services, acceptSigner)
  return {
    upload: continuations.upload((request, signal) => sideload.receive(request, signal), {
      session,
      onUnused: (reason) => sideload.fail(new CodedError(reason.kind, 'No file was uploaded')),
    }),
    progress: continuations.socket((socket, signal) => sideload.report.send(socket, signal), {
      session,
      lifetime: PROGRESS_LIFETIME,
    }),
  }
}

/**
 * The bytes of a request, each chunk until the next one is asked for. Throws when the connection ends before the
 * announced size.
 */
async function* bodyOf(
  request: IncomingMessage,
  size: number | null,
  onEnd: () => void,
): AsyncGenerator<Uint8Array> {
  let received = 0
  try {
    // Not destroyed on an early end: the sender gets an answer, and Node reads and drops the rest.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      received += chunk.length
      yield chunk
      giveBack(chunk)
    }
  } catch (error) {
    throw new CodedError(
      'Network',
      `The connection closed before the full file had arrived${ofSize(received, size)}`,
      { cause: error },
    )
  }
  if (size !== null && received !== size) {
    throw new CodedError(
      'Network',
      `The connection closed before the full file had arrived${ofSize(received, size)}`,
    )
  }
  onEnd()
}

function ofSize(received: number, size: number | null): string {
  return size === null ? '' : ` (${received} of ${size} bytes)`
}
