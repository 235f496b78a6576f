import { CodedError } from '@startd/base/errors.ts'
import type { Password } from '@startd/base/rpc/params.ts'
import type { ServerDb } from '../db/index.ts'
import type { Call } from '../rpc/caller.ts'
import type { LoginLimiter } from '../rpc/login-limiter.ts'
import { verifyPassword } from '../rpc/passwords.ts'
import { plainPassword } from './plain-password.ts'

/** Whether somebody knows the password of this server. */
export class PasswordCheck {
  readonly #db: ServerDb
  readonly #limiter: LoginLimiter

  constructor(db: ServerDb, limiter: LoginLimiter) {
    this.#db = db
    this.#limiter = limiter
  }

  /**
   * Answers the hash that the password fits; throws IncorrectPassword. It takes a while to compute, in which the
   * password may be changed.
   */
  async demand(password: Password): Promise<string> {
    const { password: hash } = this.#db.peek().private
    if (!(await verifyPassword(hash, plainPassword(password)))) throw wrongPassword()
    return hash
  }

  /**
   * As `demand`, of somebody who is logged in already: a stolen login must neither serve to guess the password nor
   * outlive it. Root of this machine may leave it out, since it may have been forgotten.
   */
  async demandAgain(password: Password, { kind, address }: Call): Promise<string> {
    if (kind === 'local' && password === '') return this.#db.peek().private.password
    if (kind !== 'local') this.#limiter.admit(address)
    const hash = await this.demand(password)
    this.#limiter.succeeded(address)
    return hash
  }
}

export function wrongPassword(): CodedError {
  return new CodedError('IncorrectPassword', 'This is not the password of this server')
}
