import { CodedError } from '@startd/base/errors.ts'
import { diff, type JsonValue, PatchDbError } from '@startd/patch-db'
import { runJq } from '../jq/index.ts'
import { checkModel } from './model-check.ts'
import type { ServerDb } from './open.ts'

/** Runs that are thrown away because the state has changed meanwhile, before the result is laid over the new state. */
const ATTEMPTS = 5

/** Rewrites the whole state with jq programs, one after the other (patch-db.md §10). */
export class Rewriter {
  readonly #db: ServerDb
  #turn: Promise<void> = Promise.resolve()

  constructor(db: ServerDb) {
    this.#db = db
  }

  /**
   * Fulfils when the result is on disk. Throws InvalidRequest for a program that is none or that makes not exactly one
   * result, Deserialization for one that fails or breaks the model, Timeout; then nothing has changed.
   */
  apply(expression: string): Promise<void> {
    const turn = this.#turn.then(() => this.#apply(expression))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #apply(expression: string): Promise<void> {
    const db = this.#db
    for (let attempt = 1; ; attempt++) {
      const before = db.peek()
      const after = checkModel(await runJq(expression, before))
      // Others go on writing while jq runs. What it has not changed stays theirs.
      if (db.peek() !== before && attempt < ATTEMPTS) continue
      return this.#commit(diff(before as unknown as JsonValue, after as unknown as JsonValue))
    }
  }

  async #commit(patch: ReturnType<typeof diff>): Promise<void> {
    try {
      await this.#db.apply(patch)
    } catch (cause) {
      if (!(cause instanceof PatchDbError) || cause.code === 'Io') throw cause
      throw new CodedError('Database', `The result cannot be stored: ${cause.message}`, { cause })
    }
  }
}
