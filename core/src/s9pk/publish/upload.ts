import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf, fileError } from '../file-error.ts'

/** How the file gets to where others can fetch it. */
export type Upload =
  /** The program s3cmd, with the settings of this user. */
  | { kind: 's3'; bucket: string }
  /** An HTTP PUT to the address itself, as WebDAV and some object stores take it. */
  | { kind: 'put'; authorization: string | null }

export interface UploadOptions {
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal | undefined
}

/** A server that takes nothing for so long is given up. */
const PATIENCE_MS = 60_000
const PIECE = 1024 * 1024

/** Uploads a file so that `url` answers with it. `key` is its path below the base address. */
export async function upload(
  file: string,
  url: URL,
  key: string,
  how: Upload,
  options: UploadOptions = {},
): Promise<void> {
  switch (how.kind) {
    case 's3':
      return s3cmd(file, `s3://${how.bucket}/${key}`, options)
    case 'put':
      return put(file, url, how.authorization, options)
    default:
      return how satisfies never
  }
}

async function s3cmd(file: string, target: string, { signal }: UploadOptions): Promise<void> {
  const result = await execa('s3cmd', ['put', '--acl-public', '--no-progress', '--', file, target], {
    reject: false,
    stdin: 'ignore',
    all: true,
    ...(signal && { cancelSignal: signal }),
  })
  if (!result.failed) return
  signal?.throwIfAborted()
  if (errnoOf(result.cause) === 'ENOENT' || result.code === 'ENOENT') {
    const advice =
      'on Debian: apt-get install s3cmd; then s3cmd --configure. Or upload in another way and give --url'
    throw new CodedError('Network', `s3cmd is not installed, which uploads the package; ${advice}`)
  }
  throw new CodedError('Network', `s3cmd failed:\n${result.all.trim().split('\n').slice(-5).join('\n')}`)
}

async function put(
  file: string,
  url: URL,
  authorization: string | null,
  { onProgress, signal }: UploadOptions,
): Promise<void> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw fileError(cause, `could not read ${file}`)
  })
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'PUT',
    headers: {
      'content-length': size,
      'content-type': 'application/octet-stream',
      ...(authorization === null ? {} : { authorization }),
    },
    timeout: PATIENCE_MS,
    ...(signal && { signal }),
  })
  request.on('timeout', () => request.destroy(new Error('it has stopped taking data')))
  const answered = new Promise<{ status: number; said: string }>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) =>
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, said }), reject),
    )
  })
  // An answer that comes before the end of the file is a refusal, which says more than the broken connection.
  const sent = pipeline(createReadStream(file, { highWaterMark: PIECE }), counted, request).catch(
    () => undefined,
  )
  try {
    const { status, said } = await answered
    await sent
    if (status < 200 || status > 299)
      throw new CodedError(
        'Network',
        `${url.host} did not take the package: ${status} ${said.slice(0, 200)}`.trim(),
      )
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof CodedError) throw cause
    throw new CodedError('Network', `the package could not be sent to ${url.host}: ${String(cause)}`, {
      cause,
    })
  } finally {
    request.destroy()
  }

  async function* counted(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let done = 0
    for await (const piece of pieces) {
      yield piece
      onProgress?.((done += piece.length), size)
    }
  }
}
