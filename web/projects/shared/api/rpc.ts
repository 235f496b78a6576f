import { inject, Injectable } from '@angular/core'
import type { MethodName, Params, Result } from '@startd/base/rpc/contract.ts'
import { JSONRPCClient, JSONRPCErrorException, type JSONRPCRequest, type JSONRPCResponse } from 'json-rpc-2.0'
import { Subject } from 'rxjs'
import { Texts } from '../i18n/texts.ts'
import { LiveDb } from '../live/live-db.ts'
import { CODES, RpcFailure } from './rpc-failure.ts'

interface Exchange {
  /** What `X-Patch-Sequence` of the answer said; null without one. */
  sequence: number | null
  signal: AbortSignal
  /** Why nothing came back; the client library keeps only its text. */
  failure?: unknown
}

/** How long a call may wait for its answer; methods that do work of their own get more. */
const ANSWER_LIMIT = 60_000
/** What must not happen twice is not sent again when the network broke under it. */
const ONCE: ReadonlySet<MethodName> = new Set(['package.action.run', 'package.restart', 'setup.execute'])
const PAUSE = 400
/** How long a done call may wait for its own change; after that the page shows what it has. */
const ECHO_LIMIT = 5_000

/** The typed client of the control plane: one POST a call, cookie session, same origin. */
@Injectable({ providedIn: 'root' })
export class Rpc {
  readonly #db = inject(LiveDb)
  readonly #texts = inject(Texts).current
  readonly #loggedOut$ = new Subject<void>()
  readonly #client = new JSONRPCClient<Exchange>((payload: JSONRPCRequest, exchange) =>
    this.#send(payload, exchange),
  )

  /** Speaks when the server no longer knows this session. */
  readonly loggedOut$ = this.#loggedOut$.asObservable()

  /**
   * Calls a method. Fulfils when the answer is there and, for calls that change the model, when this
   * page's copy has seen the change (bounded). Throws RpcFailure.
   */
  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
    { limit = ANSWER_LIMIT, quiet = false }: { limit?: number; quiet?: boolean } = {},
  ): Promise<Result<M>> {
    const exchange: Exchange = { sequence: null, signal: AbortSignal.timeout(limit) }
    const attempt = async () => (await this.#client.request(method, params as object, exchange)) as Result<M>
    try {
      const result = await attempt().catch((cause: unknown) => {
        // A browser drops its requests when a network comes or goes, also that of a container beside it.
        if (!(exchange.failure instanceof TypeError) || ONCE.has(method)) throw exchange.failure ?? cause
        delete exchange.failure
        return new Promise((resolve) => setTimeout(resolve, PAUSE)).then(attempt)
      })
      if (exchange.sequence !== null) await this.#echo(exchange.sequence)
      return result
    } catch (cause) {
      const failure = this.#failureOf(exchange.failure ?? cause)
      if (failure.code === CODES.notLoggedIn && !quiet) this.#loggedOut$.next()
      throw failure
    }
  }

  async #send(payload: JSONRPCRequest, exchange: Exchange): Promise<void> {
    try {
      await this.#exchange(payload, exchange)
    } catch (cause) {
      exchange.failure = cause
      throw cause
    }
  }

  async #exchange(payload: JSONRPCRequest, exchange: Exchange): Promise<void> {
    const response = await fetch('/rpc/v1', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify(payload),
      signal: exchange.signal,
    })
    if (!response.ok) {
      throw new RpcFailure(null, this.#texts().errors.unexpected, `${response.status} ${response.statusText}`)
    }
    const sequence = response.headers.get('X-Patch-Sequence')
    exchange.sequence = sequence === null ? null : Number.parseInt(sequence, 10)
    const answer = (await response.json()) as JSONRPCResponse
    // A request that is refused before it is read is answered without its id; each POST carries just one.
    this.#client.receive({ ...answer, id: answer.id ?? payload.id ?? null })
  }

  async #echo(sequence: number): Promise<void> {
    if (!this.#db.isOpen) return
    await this.#db.client.waitForRevision(sequence, AbortSignal.timeout(ECHO_LIMIT)).catch(() => undefined)
  }

  #failureOf(cause: unknown): RpcFailure {
    if (cause instanceof RpcFailure) return cause
    if (cause instanceof JSONRPCErrorException) return RpcFailure.of(cause.code, cause.message, cause.data)
    const { errors } = this.#texts()
    const late = cause instanceof DOMException && cause.name === 'TimeoutError'
    return late
      ? new RpcFailure(null, errors.late, errors.lateRemedy, cause)
      : new RpcFailure(null, errors.unreachable, errors.unreachableRemedy, cause)
  }
}
