import { type FileHandle, open } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { CodedError } from '@startd/base/errors.ts'

/** One is read from the disk while the other one is sent. */
const BUFFERS = 2
const BUFFER_SIZE = 1024 * 1024

export interface Answer {
  status: number
  text: string
}

/**
 * Posts a file as it is and answers what the server says of it, which may be before its end. `fetch` takes five
 * times as long for this: it copies every piece several times. Throws the error of the connection.
 */
export async function sendFile(url: URL, path: string): Promise<Answer> {
  await using file = await open(path).catch((cause: unknown) => {
    throw new CodedError('Filesystem', `${path} cannot be read`, { cause })
  })
  const { size } = await file.stat()
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'POST',
    headers: { 'content-length': size },
  })
  const answer = answerTo(request)
  try {
    // An answer that comes early ends the sending, whether it is one or an error of the connection.
    await Promise.race([send(file, size, request), answer])
    return await answer
  } finally {
    request.destroy()
  }
}

function answerTo(request: ClientRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  // Stays until the end: a connection that breaks after the answer is of no interest.
  request.on('error', reject)
  request.on('response', (response: IncomingMessage) => {
    text(response).then((said) => resolve({ status: response.statusCode ?? 0, text: said }), reject)
  })
  return promise
}

async function send(file: FileHandle, size: number, request: ClientRequest): Promise<void> {
  const buffers = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(BUFFER_SIZE))
  let sent = Promise.resolve()
  for (let position = 0, turn = 0; position < size; turn++) {
    const buffer = buffers[turn % BUFFERS]!
    const wanted = Math.min(BUFFER_SIZE, size - position)
    const { bytesRead } = await file.read(buffer, 0, wanted, position)
    if (bytesRead === 0) throw new CodedError('Filesystem', 'the file became shorter while it was sent')
    position += bytesRead
    await sent
    sent = write(request, buffer.subarray(0, bytesRead))
  }
  await sent
  request.end()
}

/** Fulfils when the bytes have left, so that their buffer is free again; never when the connection breaks. */
function write(request: ClientRequest, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => request.write(bytes, (error) => (error ? undefined : resolve())))
}
