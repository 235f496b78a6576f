import { createHash, randomBytes } from 'node:crypto'
import { base32 } from '@startd/base/base32.ts'
import type { Session } from '@startd/base/model.ts'

/** Where logins are kept over a restart. */
export interface SessionStore {
  read(): Readonly<Record<string, Session>>
  write(change: (sessions: Record<string, Session>) => void): Promise<void>
}

const FLUSH_INTERVAL = 60_000
const DAY = 24 * 3600_000
const IDLE_LIMIT = 30 * DAY

/** Logins. The token is only ever with its owner: here and in the store it is known by its hash (rpc.md §7.3). */
export class Sessions implements AsyncDisposable {
  readonly #store: SessionStore
  /** Logins that end with this process. */
  readonly #ephemeral = new Map<string, Session>()
  /** Times of last use that the store does not know yet. */
  readonly #used = new Map<string, string>()
  readonly #onError: (error: unknown) => void
  readonly #onEnd: (ids: readonly string[]) => void
  #timer: NodeJS.Timeout | undefined
  #daily: NodeJS.Timeout | undefined

  /** `onEnd` is told which logins have ended: whatever still runs in their name must end too. */
  constructor(
    store: SessionStore,
    onError: (error: unknown) => void,
    onEnd: (ids: readonly string[]) => void = () => undefined,
  ) {
    this.#store = store
    this.#onError = onError
    this.#onEnd = onEnd
  }

  /** Opens a login and answers its token. */
  async create(options: { ephemeral: boolean; userAgent: string | null }): Promise<string> {
    const token = base32(randomBytes(16)).toLowerCase()
    const now = new Date().toISOString()
    const session: Session = {
      loggedIn: now,
      lastActive: now,
      userAgent: options.userAgent?.slice(0, 1024) ?? null,
    }
    const id = sessionId(token)
    if (options.ephemeral) this.#ephemeral.set(id, session)
    else {
      await this.#store.write((sessions) => {
        sessions[id] = session
      })
    }
    return token
  }

  /** The id of the login that a token belongs to, or null. Counts as use of it. */
  check(token: string): string | null {
    const id = sessionId(token)
    const ephemeral = this.#ephemeral.get(id)
    if (ephemeral) {
      ephemeral.lastActive = new Date().toISOString()
      return id
    }
    if (!Object.hasOwn(this.#store.read(), id)) return null
    this.#used.set(id, new Date().toISOString())
    this.#timer ??= setTimeout(() => void this.flush().catch(this.#onError), FLUSH_INTERVAL).unref()
    return id
  }

  list(): Record<string, Session> {
    const sessions = { ...this.#store.read(), ...Object.fromEntries(this.#ephemeral) }
    for (const [id, lastActive] of this.#used) {
      const session = sessions[id]
      if (session) sessions[id] = { ...session, lastActive }
    }
    return sessions
  }

  /** Ends logins; ids that are none are ignored. */
  async kill(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      this.#ephemeral.delete(id)
      this.#used.delete(id)
    }
    await this.#store.write((sessions) => {
      for (const id of ids) delete sessions[id]
    })
    this.#onEnd(ids)
  }

  /** Ends the logins that nobody has used for 30 days. */
  async expire(): Promise<void> {
    const limit = Date.now() - IDLE_LIMIT
    const idle = Object.entries(this.list()).filter(([, session]) => Date.parse(session.lastActive) < limit)
    if (idle.length > 0) await this.kill(idle.map(([id]) => id))
  }

  /** Expires logins now and every day. A clock that runs ahead costs no more than a new login. */
  watchExpiry(): void {
    const look = () => void this.expire().catch(this.#onError)
    this.#daily ??= setInterval(look, DAY).unref()
    look()
  }

  /** Brings the times of last use to the store; by itself at most once a minute. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#used.size === 0) return
    const used = new Map(this.#used)
    this.#used.clear()
    await this.#store.write((sessions) => {
      for (const [id, lastActive] of used) {
        const session = sessions[id]
        if (session) session.lastActive = lastActive
      }
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#daily)
    return this.flush()
  }
}

/** Lower-case base32 of the SHA-256 of the token's text. */
export function sessionId(token: string): string {
  return base32(createHash('sha256').update(token).digest()).toLowerCase()
}
