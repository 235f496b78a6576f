/** How long a nonce is remembered at least. */
const PERIOD = 60_000
const MOST = 65_536

/**
 * Numbers that were used once and must not come again. They are forgotten a period or two after their use, when
 * the time that was signed with them is too old anyway; so memory is bounded without a timer.
 */
export class Nonces {
  #current = new Set<string>()
  #previous = new Set<string>()
  #since: number
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
    this.#since = now()
  }

  has(nonce: string): boolean {
    this.#turn()
    return this.#current.has(nonce) || this.#previous.has(nonce)
  }

  /** False when so many are remembered already that there is no room for another one. */
  add(nonce: string): boolean {
    this.#turn()
    if (this.#current.size >= MOST) return false
    this.#current.add(nonce)
    return true
  }

  #turn(): void {
    const age = this.#now() - this.#since
    if (age < PERIOD) return
    this.#previous = age < 2 * PERIOD ? this.#current : new Set()
    this.#current = new Set()
    this.#since = this.#now()
  }
}
