import type { IncomingMessage } from 'node:http'
import { ProtocolError } from './errors.ts'

/** A stranger gets little memory; a login may send a large settings tree. */
export const BODY_LIMIT = { anonymous: 256 * 1024, known: 32 * 1024 * 1024 } as const
const READ_TIMEOUT = 60_000

/** Reads a whole request body of at most `limit` bytes. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const tooLarge = () => reject(new ProtocolError('parse', `the request has more than ${limit} bytes`))
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    tooLarge()
    return promise
  }
  // Events and not `for await`: this is on the path of every call, and costs half as much.
  const chunks: Buffer[] = []
  let size = 0
  const timeout = setTimeout(() => request.destroy(), READ_TIMEOUT)
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= limit) chunks.push(chunk)
    else tooLarge()
  })
  request.once('end', () => {
    clearTimeout(timeout)
    resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
  })
  request.once('error', reject)
  request.once('close', () => {
    clearTimeout(timeout)
    if (!request.complete) reject(new ProtocolError('parse', 'the request was cut off'))
  })
  return promise
}
