import {
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  timingSafeEqual,
} from 'node:crypto'
import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'

/** The public key that senders wrap secrets with, as a JWK (RFC 7517). */
export interface PublicJwk {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
}

const Text = z.string().max(8192)
/** A JWE as JSON, flattened or with a list of recipients (RFC 7516 §7.2). */
const Jwe = z.object({
  protected: Text.optional(),
  unprotected: z.record(z.string(), z.unknown()).optional(),
  header: z.record(z.string(), z.unknown()).optional(),
  recipients: z
    .array(z.object({ header: z.record(z.string(), z.unknown()).optional() }))
    .max(16)
    .optional(),
  iv: Text,
  ciphertext: Text,
  tag: Text,
})
const Coordinate = z.string().regex(/^[\w-]{43}$/)
const Header = z.object({
  alg: z.literal('ECDH-ES'),
  enc: z.literal('A128CBC-HS256'),
  epk: z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: Coordinate, y: Coordinate }),
  apu: Text.optional(),
  apv: Text.optional(),
  zip: z.never().optional(),
  crit: z.never().optional(),
})
type Header = z.infer<typeof Header>

/**
 * Opens secrets that were wrapped for this process, for networks where others can listen: JWE with ECDH-ES on
 * P-256 and A128CBC-HS256 (rpc.md §7.6). Whoever can change what is under way can still put its own key in place
 * of ours; only TLS helps against that.
 */
export class WrappedSecrets {
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  /** As of the first call: one key for the life of the process. */
  static get ofProcess(): WrappedSecrets {
    return (ofProcess ??= new WrappedSecrets())
  }

  get publicKey(): PublicJwk {
    const { x = '', y = '' } = this.#key.publicKey.export({ format: 'jwk' })
    return { kty: 'EC', crv: 'P-256', x, y }
  }

  /** The text inside. Throws Unknown for whatever cannot be opened, without saying why: that helps attackers only. */
  open(envelope: unknown): string {
    try {
      return this.#open(Jwe.parse(envelope))
    } catch (cause) {
      throw new CodedError(
        'Unknown',
        'The encrypted secret cannot be read. It may be from before the server was started: load the page anew',
        { cause: cause instanceof CodedError ? cause : undefined },
      )
    }
  }

  #open(jwe: z.infer<typeof Jwe>): string {
    const header = headerOf(jwe)
    const key = this.#agree(header)
    const [mac, cipher] = [key.subarray(0, 16), key.subarray(16)]
    const [iv, content, tag] = [jwe.iv, jwe.ciphertext, jwe.tag].map((text) => Buffer.from(text, 'base64url'))
    const aad = Buffer.from(jwe.protected ?? '', 'ascii')
    const length = Buffer.alloc(8)
    length.writeBigUInt64BE(BigInt(aad.length * 8))
    const expected = createHmac('sha256', mac)
      .update(aad)
      .update(iv!)
      .update(content!)
      .update(length)
      .digest()
      .subarray(0, 16)
    if (!timingSafeEqual(expected, tag!)) throw new Error('the tag does not fit')
    const decipher = createDecipheriv('aes-128-cbc', cipher, iv!)
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Buffer.concat([decipher.update(content!), decipher.final()]),
    )
  }

  /** The content key: Concat KDF of the shared secret (RFC 7518 §4.6.2); one round of SHA-256 is all 256 bits. */
  #agree({ epk, enc, apu = '', apv = '' }: Header): Buffer {
    const secret = diffieHellman({
      privateKey: this.#key.privateKey,
      publicKey: createPublicKey({ key: epk, format: 'jwk' }),
    })
    return createHash('sha256')
      .update(number(1))
      .update(secret)
      .update(counted(Buffer.from(enc, 'ascii')))
      .update(counted(Buffer.from(apu, 'base64url')))
      .update(counted(Buffer.from(apv, 'base64url')))
      .update(number(256))
      .digest()
  }
}

let ofProcess: WrappedSecrets | undefined

function headerOf(jwe: z.infer<typeof Jwe>): Header {
  const own: unknown = JSON.parse(Buffer.from(jwe.protected ?? '', 'base64url').toString() || '{}')
  return Header.parse({
    ...jwe.recipients?.[0]?.header,
    ...jwe.header,
    ...jwe.unprotected,
    ...(own as object),
  })
}

function counted(bytes: Buffer): Buffer {
  return Buffer.concat([number(bytes.length), bytes])
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
