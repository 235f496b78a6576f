import type { IncomingMessage } from 'node:http'
import { CodedError } from '@startd/base/errors.ts'
import { ProtocolError } from './errors.ts'
import type { HttpLimits } from './limits.ts'

/** Whether the sender has shown who it is before its body is read. */
export type Sender = 'anonymous' | 'known'

/** Reads the bodies of calls, with bounds for each and for all of a kind together. */
export class RequestBodies {
  readonly #limits: HttpLimits
  /** Bytes that have arrived of bodies that are not whole yet. */
  readonly #arriving = { anonymous: 0, known: 0 }

  constructor(limits: HttpLimits) {
    this.#limits = limits
  }

  /**
   * The whole body of a request. Throws a parse error for one that is too large or cut off, Timeout for one that
   * is too slow, and RateLimited while too much of others is arriving.
   */
  read(request: IncomingMessage, sender: Sender): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const limit = this.#limits.bodyBytes[sender]
    const tooLarge = () => reject(new ProtocolError('parse', `the request has more than ${limit} bytes`))
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      tooLarge()
      return promise
    }
    // Events and not `for await`: this is on the path of every call, and costs half as much.
    let chunks: Buffer[] = []
    let size = 0
    const settle = () => {
      clearTimeout(timeout)
      this.#arriving[sender] -= size
      size = 0
      chunks = []
      request.off('data', take)
    }
    const refuse = (error: Error) => {
      settle()
      reject(error)
    }
    const take = (chunk: Buffer) => {
      if (size + chunk.length > limit)
        return refuse(new ProtocolError('parse', `the request has more than ${limit} bytes`))
      if (this.#arriving[sender] + chunk.length > this.#limits.bodyBytesAltogether[sender])
        return refuse(busy())
      this.#arriving[sender] += chunk.length
      size += chunk.length
      chunks.push(chunk)
    }
    const timeout = setTimeout(() => refuse(slow()), this.#limits.bodyWithin[sender])
    request.on('data', take)
    request.once('end', () => {
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
      settle()
      resolve(body)
    })
    request.once('error', refuse)
    request.once('close', () => {
      if (!request.complete) refuse(new ProtocolError('parse', 'the request was cut off'))
    })
    return promise
  }
}

function busy(): CodedError {
  return new CodedError('RateLimited', 'The server is receiving too much at once. Try again soon', {
    info: { retryAfter: 1 },
  })
}

function slow(): CodedError {
  return new CodedError('Timeout', 'The request took too long to arrive')
}
