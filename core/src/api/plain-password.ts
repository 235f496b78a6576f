import { CodedError } from '@startd/base/errors.ts'
import type { Password } from '@startd/base/rpc/params.ts'

/** The text of a password parameter. Envelopes for unencrypted networks are refused, never ignored. */
export function plainPassword(password: Password): string {
  if (typeof password === 'string') return password
  throw new CodedError(
    'InvalidRequest',
    'This server does not read encrypted passwords. Send the password itself, from this machine or over HTTPS.',
  )
}
