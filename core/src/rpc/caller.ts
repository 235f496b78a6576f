/** How a caller proved itself: by the host's own secret file, by a login, by signing with its key, or not at all. */
export type CallerKind = 'local' | 'session' | 'signature' | 'anonymous'

/** Who calls a method, and from where. */
export interface Caller {
  readonly kind: CallerKind
  /** What the streams of this caller are bound to: id (hashed) of the login, or fingerprint of the key. Else null. */
  readonly session: string | null
  readonly userAgent: string | null
  /** Address of the other side, for limits. */
  readonly address: string
}

/** What a handler gets beside its parameters. */
export interface Call extends Caller {
  /** Adds a `Set-Cookie` header to the answer. */
  setCookie(value: string): void
}

export const ANONYMOUS: Pick<Caller, 'kind' | 'session'> = { kind: 'anonymous', session: null }
