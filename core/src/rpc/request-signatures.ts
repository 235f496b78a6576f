import { CodedError } from '@startd/base/errors.ts'
import {
  base64,
  hashOf,
  keyFingerprint,
  publicKeyOfPem,
  sameBytes,
  verifySignature,
} from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../s9pk/blake3.ts'
import { requestMessage } from '../s9pk/publish/request-signature.ts'
import { FailureBudget } from './failure-budget.ts'
import { Nonces } from './nonces.ts'

/** Header that carries the signature of a request, as Node spells it. */
export const SIGNATURE_HEADER = 'x-startos-auth-sig'
/** Seconds that the clocks of both sides may differ. */
const SKEW = 30
/** A header has 16 KiB at most; no honest field is longer than this. */
const LONGEST_FIELD = 400

export interface SignatureRules {
  /** PEM texts of the keys that may control this server. */
  readonly keys: () => readonly string[]
  /** Names that a client may have signed for, the likeliest first; `host` is the one that it asked for. */
  readonly names: (host: string | null, address: string) => readonly string[]
}

/** A signature that is good, for a body that still has to come. */
export interface SignedRequest {
  /** Fingerprint of the key. */
  readonly signer: string
  readonly size: number
  /** Throws InvalidSignature for another body. */
  check(body: Uint8Array): void
}

/**
 * Signed requests (rpc.md §7.2): Ed25519ph over time, nonce, size and BLAKE3 of the body, with a name of this
 * server as context. Each is good once, for 30 seconds. What is cheap is looked at first, so that strangers
 * cannot make this machine compute.
 */
export class RequestSignatures {
  readonly #rules: SignatureRules
  readonly #now: () => number
  readonly #started: number
  readonly #nonces: Nonces
  readonly #failures: FailureBudget

  constructor(rules: SignatureRules, now: () => number = Date.now) {
    this.#rules = rules
    this.#now = now
    this.#started = Math.floor(now() / 1000)
    this.#nonces = new Nonces(now)
    this.#failures = new FailureBudget(now)
  }

  /** Reads the header; throws what is wrong with it. The nonce is used up by a good signature only. */
  open(header: string, host: string | null, address: string): SignedRequest {
    const { timestamp, nonce, size, hash, signer, signature } = readHeader(header)
    const key = base64(signer)
    if (!this.#rules.keys().some((pem) => keyText(pem) === key)) {
      throw new CodedError(
        'IncorrectPassword',
        'This key must not control this server. Add it with its password first',
      )
    }
    this.#checkTime(timestamp)
    const use = `${nonce} ${key}`
    if (this.#nonces.has(use)) throw replayed()
    this.#failures.demand(address)
    const message = requestMessage({ timestamp, nonce }, size, hash)
    const names = this.#rules.names(host, address)
    if (!names.some((name) => verifySignature(signature, message, signer, name))) {
      this.#failures.spend(address)
      throw invalid('The signature does not fit, or is for a server of another name')
    }
    if (!this.#nonces.add(use))
      throw new CodedError('RateLimited', 'Too many signed requests. Try again in a minute')
    return {
      signer: keyFingerprint(signer),
      size,
      check: (body) => {
        if (body.length !== size || !sameBytes(hashOf(nativeHash, body), hash)) {
          throw invalid('The request is not the one that was signed')
        }
      },
    }
  }

  /** Nonces of an earlier start are not known any more, so nothing that was signed before this one counts. */
  #checkTime(timestamp: number): void {
    const now = this.#now() / 1000
    if (Math.abs(now - timestamp) > SKEW) {
      throw invalid(`The clocks differ by more than ${SKEW} seconds. Set the one that is wrong`)
    }
    if (timestamp < this.#started) {
      throw invalid('The request was signed before the server started. Try again in half a minute')
    }
  }
}

interface Header {
  timestamp: number
  nonce: bigint
  size: number
  hash: Uint8Array
  signer: Uint8Array
  signature: Uint8Array
}

function readHeader(header: string): Header {
  // The last of several wins, as in other servers.
  const fields = new Map(new URLSearchParams(header))
  const field = (name: string, pattern: RegExp): string => {
    const text = fields.get(name) ?? ''
    if (text.length > LONGEST_FIELD || !pattern.test(text))
      throw invalid(`The signature header has no good “${name}”`)
    return text
  }
  const nonce = BigInt(field('nonce', /^\d{1,20}$/))
  const signer = publicKeyOfPem(field('signer', /^-----BEGIN PUBLIC KEY-----\n/))
  const der = Buffer.from(SIGNATURE_PEM.exec(field('signature', SIGNATURE_PEM))?.[1] ?? '', 'base64')
  const hash = Buffer.from(field('blake3', /^[\w+/]{43}=?$/), 'base64')
  if (nonce >= 1n << 64n || signer === null || hash.length !== 32)
    throw invalid('The signature header cannot be read')
  if (der.length !== SIGNATURE_PREFIX.length + 64 || !der.subarray(0, 11).equals(SIGNATURE_PREFIX)) {
    throw invalid('The signature is not one of Ed25519')
  }
  return {
    timestamp: Number(field('timestamp', /^-?\d{1,15}$/)),
    nonce,
    size: Number(field('size', /^\d{1,15}$/)),
    hash,
    signer,
    signature: der.subarray(SIGNATURE_PREFIX.length),
  }
}

/** Four lines of base64 at most; the shape keeps a long one from costing time. */
const SIGNATURE_PEM =
  /^-----BEGIN SIGNATURE-----\r?\n((?:[\w+/=]{1,64}\r?\n){1,4})-----END SIGNATURE-----\s?$/
/** DER of the algorithm and the octet string that holds 64 bytes. */
const SIGNATURE_PREFIX = Buffer.from('3049300506032b65700440', 'hex')

/** The keys of a server are few and stay the same; reading one costs more than a lookup. */
const keyTexts = new Map<string, string | null>()

function keyText(pem: string): string | null {
  let text = keyTexts.get(pem)
  if (text === undefined) {
    const key = publicKeyOfPem(pem)
    text = key && base64(key)
    if (keyTexts.size > 1000) keyTexts.clear()
    keyTexts.set(pem, text)
  }
  return text
}

function invalid(details: string): CodedError {
  return new CodedError('InvalidSignature', details)
}

function replayed(): CodedError {
  return new CodedError('Authorization', 'This signed request was used already')
}
