import { CodedError } from '@startd/base/errors.ts'
import { manifestOf, type Database } from '@startd/base/model.ts'
import { keyFingerprint, publicKeyOfPem } from '@startd/base/s9pk/index.ts'
import { findEntry, own } from '../model.ts'

/* Trust on first use: the key that signed a package when it came is the one that may change it later. */

/** What the error's `info` says of a package that another key has signed. */
export interface SignerChange {
  readonly id: string
  /** Fingerprints. */
  readonly known: string
  readonly offered: string
}

interface Offer {
  readonly id: string
  /** PEM. */
  readonly developerKey: string
  /** Fingerprint that the owner has confirmed. */
  readonly accepted: string | null
}

/**
 * Refuses a package that another key has signed than the one that this server knows it by, unless the owner has
 * confirmed just that key. Throws InvalidSignature with a `SignerChange`.
 */
export function assertSigner(model: Database, { id, developerKey, accepted }: Offer): void {
  const known = knownSigner(model, id)
  if (known === null || known === developerKey) return
  const change: SignerChange = { id, known: fingerprintOf(known), offered: fingerprintOf(developerKey) }
  if (accepted === change.offered) return
  throw new CodedError(
    'InvalidSignature',
    `this package would replace ${nameOf(model, id)}, but somebody else has signed it: the key is ` +
      `${change.offered}, and was ${change.known}. If its author has not told you of a new key, do not install ` +
      'it: whoever signed it would get at the data of this service',
    { info: { signerChange: change } },
  )
}

/** On a draft: the package is installed from an archive of this key. */
export function rememberSigner(model: Database, id: string, developerKey: string): void {
  model.private.packageSigners = { ...model.private.packageSigners, [id]: developerKey }
}

/** On a draft: nothing of the package is left that a stranger could get at. */
export function forgetSigner(model: Database, id: string): void {
  delete model.private.packageSigners?.[id]
}

/** Fingerprint of the key that this server knows a package by; null for one that was never here. */
export function signerOf(model: Database, id: string): string | null {
  const known = knownSigner(model, id)
  return known === null ? null : fingerprintOf(known)
}

/** By the name that the owner knows: that of the new file may be anything. */
function nameOf(model: Database, id: string): string {
  const state = findEntry(model, id)?.stateInfo
  return state ? `“${manifestOf(state).title}” (${id})` : `“${id}”, whose data is kept`
}

/** PEM; null for a package that was never here. */
function knownSigner(model: Database, id: string): string | null {
  const remembered = own(model.private.packageSigners ?? {}, id)
  if (remembered !== undefined) return remembered
  const entry = findEntry(model, id)
  // What is only being installed has not been trusted yet.
  return entry && 'manifest' in entry.stateInfo ? entry.developerKey : null
}

function fingerprintOf(pem: string): string {
  const key = publicKeyOfPem(pem)
  return key === null ? 'an unreadable key' : keyFingerprint(key)
}
