import { createHash } from 'node:crypto'
import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'

/** Content addresses as OCI defines them (image-spec, descriptor.md). */
export const Digest = z
  .string()
  .regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, 'not a sha256 or sha512 digest')
  .brand('Digest')
export type Digest = z.infer<typeof Digest>

/** Algorithm and hexadecimal digits, as they stand in paths. */
export function partsOf(digest: Digest): [algorithm: string, hex: string] {
  const [algorithm = '', hex = ''] = digest.split(':')
  return [algorithm, hex]
}

export function digestOf(bytes: Uint8Array): Digest {
  return Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
}

/**
 * Passes a stream on and fails at its end, or as soon as it is too long, when it is not what was announced.
 * Without `size` only the digest counts.
 */
export async function* verified(
  source: AsyncIterable<Uint8Array>,
  expected: { digest: Digest; size?: number | undefined },
  what: string,
): AsyncGenerator<Uint8Array> {
  const { digest, size } = expected
  const [algorithm, hex] = partsOf(digest)
  const hash = createHash(algorithm)
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (size !== undefined && length > size) throw damaged(what, `is longer than the ${size} bytes announced`)
    hash.update(chunk)
    yield chunk
  }
  if (size !== undefined && length < size) {
    throw damaged(what, `has ${length} bytes instead of the ${size} announced`)
  }
  if (hash.digest('hex') !== hex) throw damaged(what, `does not match its digest ${digest}`)
}

export function damaged(what: string, how: string): CodedError {
  return new CodedError('Deserialization', `${what} ${how}`)
}
