import type { IncomingMessage } from 'node:http'
import { ProtocolError } from './errors.ts'

/** A stranger gets little memory; a login may send a large settings tree. */
export const BODY_LIMIT = { anonymous: 256 * 1024, known: 32 * 1024 * 1024 } as const
const READ_TIMEOUT = 60_000

/** Reads a whole request body of at most `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new ProtocolError('parse', `the request has more than ${limit} bytes`)
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const timeout = setTimeout(() => request.destroy(), READ_TIMEOUT)
  try {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw tooLarge()
      chunks.push(chunk)
    }
    return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
  } finally {
    clearTimeout(timeout)
  }
}
