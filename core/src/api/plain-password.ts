import { CodedError } from '@startd/base/errors.ts'
import type { Password } from '@startd/base/rpc/params.ts'
import { WrappedSecrets } from '../rpc/wrapped-secrets.ts'

/** As the declarations of parameters have it for plain ones. */
const LONGEST = 1024

/** The text of a password parameter, which may come wrapped. Throws Unknown for an envelope that cannot be opened. */
export function plainPassword(password: Password): string {
  if (typeof password === 'string') return password
  const text = WrappedSecrets.ofProcess.open(password.encrypted)
  if (text.length > LONGEST) throw new CodedError('InvalidRequest', 'This password is too long')
  return text
}

/** The key that senders wrap passwords with. */
export function wrappingKey() {
  return WrappedSecrets.ofProcess.publicKey
}
