import { createPublicKey } from 'node:crypto'
import { CodedError } from '@startd/base/errors.ts'
import { keyFingerprint, publicKeyOfPem, publicKeyPem } from '@startd/base/s9pk/index.ts'
import type { ServerDb } from '../db/index.ts'
import { wrongPassword } from './password-check.ts'

/** Every command line of a household, and then some. */
const MOST_KEYS = 1000

interface SigningKey {
  /** Fingerprint. */
  id: string
  /** PEM. */
  key: string
  /** The key of the server itself, which always stays. */
  server: boolean
}

/** The keys that may sign requests to this server. */
export class SigningKeys {
  readonly #db: ServerDb
  readonly #onEnd: (ids: readonly string[]) => void

  /** `onEnd` is told which keys count no more: whatever still runs in their name must end too. */
  constructor(db: ServerDb, onEnd: (ids: readonly string[]) => void) {
    this.#db = db
    this.#onEnd = onEnd
  }

  list(): SigningKey[] {
    const { authPubkeys, developerKey } = this.#db.peek().private
    const own = developerKey === '' ? null : publicHalf(developerKey)
    return authPubkeys.flatMap((key) => {
      const id = fingerprintOf(key)
      return id === null ? [] : [{ id, key, server: id === own }]
    })
  }

  /** Adds the PEM of a public key and answers its fingerprint; adding it again changes nothing. `password`: the hash that it was added with. */
  async add(text: string, password: string): Promise<string> {
    const key = publicKeyOfPem(`${text.trim()}\n`)
    if (key === null) {
      throw new CodedError(
        'Pem',
        'This is not the public part of an Ed25519 key. “start-cli pubkey” shows yours',
      )
    }
    const pem = publicKeyPem(key)
    await this.#db.mutate(({ private: own }) => {
      if (own.password !== password) throw wrongPassword()
      if (own.authPubkeys.includes(pem)) return
      if (own.authPubkeys.length >= MOST_KEYS) {
        throw new CodedError('InvalidRequest', `There are ${MOST_KEYS} keys already. Remove some first`)
      }
      // In order, so that the set looks the same however it came about.
      own.authPubkeys = [...own.authPubkeys, pem].sort()
    })
    return keyFingerprint(key)
  }

  /** Takes keys their control; ids that are none are ignored. */
  async remove(ids: readonly string[]): Promise<void> {
    if (this.list().some(({ id, server }) => server && ids.includes(id))) {
      throw new CodedError('InvalidRequest', 'The server needs its own key')
    }
    await this.#db.mutate(({ private: own }) => {
      own.authPubkeys = own.authPubkeys.filter((key) => !ids.includes(fingerprintOf(key) ?? ''))
    })
    this.#onEnd(ids)
  }
}

function fingerprintOf(pem: string): string | null {
  const key = publicKeyOfPem(pem)
  return key && keyFingerprint(key)
}

function publicHalf(privateKey: string): string | null {
  return fingerprintOf(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString())
}
