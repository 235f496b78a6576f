import {
  CodedError,
  detailsOf,
  ERROR_KINDS,
  type ErrorKind,
  RPC_CODES,
  type RpcErrorObject,
} from '@startd/base/errors.ts'
import { manyLines } from './show/style.ts'

/** Exit status of a command that was called in a wrong way. */
export const USAGE = 2

/** An error that the server answered. */
export class RemoteError extends Error {
  readonly rpc: RpcErrorObject

  constructor(rpc: RpcErrorObject) {
    super(rpc.message)
    this.name = 'RemoteError'
    this.rpc = rpc
  }
}

/** The error of a stream that was closed with 1011, from the text of its close frame. */
export function closedWith(reason: string): CodedError {
  for (const [kind, [, label]] of Object.entries(ERROR_KINDS)) {
    if (reason.startsWith(`${label}: `))
      return new CodedError(kind as ErrorKind, reason.slice(label.length + 2))
  }
  return new CodedError('Unknown', reason)
}

/** What a failed command says, what can be done about it, and its exit status (rpc-methods.md §4.3). */
export function explain(error: unknown): { text: string; hint: string | null; status: number } {
  const certificate = certificateTrouble(error)
  if (certificate !== null) {
    return {
      text: `The certificate of the server is not one that this machine trusts (${certificate})`,
      hint: 'Download the certificate of your server’s authority from its page and name it with --root-ca FILE',
      status: ERROR_KINDS.Network[0],
    }
  }
  if (error instanceof RemoteError) {
    const { rpc } = error
    const text = `${rpc.message}: ${detailsOf(rpc)}`
    return { text: manyLines(text), hint: HINTS[rpc.code] ?? null, status: rpc.code & 0xff }
  }
  if (error instanceof CodedError) {
    return { text: manyLines(error.message), hint: HINTS[error.code] ?? null, status: error.code }
  }
  return { text: manyLines(error instanceof Error ? error.message : String(error)), hint: null, status: 1 }
}

/** What to do next, by the number of the error. */
const HINTS: Readonly<Record<number, string>> = {
  [ERROR_KINDS.Authorization[0]]:
    'Log in with “start-cli auth login”; on the machine of the server, the user that runs it needs no login',
  [ERROR_KINDS.RateLimited[0]]: 'Wait a little, then try again',
  [RPC_CODES.invalidParams]: 'With --help behind it, the command tells which values it takes',
}

/** Errors of Node.js and OpenSSL about the certificate of the other side. */
const CERTIFICATE = /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_|ERR_TLS_CERT)/

function certificateTrouble(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string' && CERTIFICATE.test(at.code)) return at.message
  }
  return null
}
