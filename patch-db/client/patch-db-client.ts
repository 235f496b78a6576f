import { BehaviorSubject, distinctUntilChanged, filter, map, Subject } from 'rxjs'
import type { Observable, Subscription } from 'rxjs'
import { adopt } from '../src/adopt.ts'
import { PatchDbError } from '../src/errors.ts'
import type { Position } from '../src/history.ts'
import type { JsonValue } from '../src/json.ts'
import { applyPatch, type Dump, type Revision } from '../src/patch.ts'
import type { At, At2, At3, At4, At5, At6, Key } from '../src/paths.ts'
import { valueAt, type Segment } from '../src/pointer.ts'

/** A revision that may say after which id it comes, so that a loss on the way shows. */
export type ContinuedRevision = Revision & { readonly from?: number }

/** What the server sends: a whole document, or a change of it. Told apart by the presence of `patch`. */
export type Update<T> = Dump<T> | ContinuedRevision

/** What a client may begin with. */
export type ClientOptions<T> = {
  /** A copy kept from an earlier time, shown until the first dump arrives. */
  readonly cached?: T
}

/**
 * The browser's copy of a database, kept current by a stream of dumps and revisions. Nothing is changed in place:
 * what did not change keeps its identity, and `watch$` speaks only where something did.
 */
export class PatchDbClient<T> {
  readonly #state$: BehaviorSubject<Dump<T> | null>
  readonly #resync$ = new Subject<unknown>()
  #synced = false
  #epoch: string | undefined

  constructor(options: ClientOptions<T> = {}) {
    this.#state$ = new BehaviorSubject(
      options.cached === undefined ? null : ({ id: 0, value: options.cached } as Dump<T> | null),
    )
  }

  /** The current document; undefined until a dump or a cached copy is there. */
  get value(): T | undefined {
    return this.#state$.value?.value
  }

  /** Sequence of the current document; 0 until the first dump. */
  get id(): number {
    return this.#state$.value?.id ?? 0
  }

  /** Every document from now on, the current one first; null where there is none, as after `clear`. */
  get state$(): Observable<Dump<T> | null> {
    return this.#state$.asObservable()
  }

  /** From where a server could go on without a dump; null where a dump is needed. */
  get position(): Position | null {
    return this.#synced && this.#epoch !== undefined ? { epoch: this.#epoch, id: this.id } : null
  }

  /** Speaks (with the cause) when an update did not fit: the transport must then fetch a new dump. */
  get resync$(): Observable<unknown> {
    return this.#resync$.asObservable()
  }

  /** Takes updates from a stream until it ends or the returned subscription is closed. */
  follow(updates$: Observable<Update<T> | readonly Update<T>[]>): Subscription {
    return updates$.subscribe({
      next: (updates) => this.update(...((Array.isArray(updates) ? updates : [updates]) as Update<T>[])),
      error: (cause: unknown) => this.#resync$.next(cause),
    })
  }

  /**
   * Takes the server's answer to a subscription: a dump, or none where its frames go on from `position`. Throws
   * `PatchDoesNotFit` if there is no dump and nothing that it could go on from.
   */
  begin(answer: { readonly dump?: Dump<T> | undefined; readonly epoch?: string | undefined }): void {
    if (answer.dump === undefined && (this.position === null || answer.epoch !== this.#epoch))
      throw new PatchDbError('PatchDoesNotFit', 'the server sent no dump to begin with')
    this.#epoch = answer.epoch
    if (answer.dump !== undefined) this.update(answer.dump)
  }

  /** Shows a copy from an earlier time, unless there is something newer already. */
  showCached(value: T): void {
    if (this.#state$.value === null) this.#state$.next({ id: 0, value })
  }

  /**
   * Applies updates as one change. A dump always counts, even one with a lower id (the server was restored); what
   * equals the current document keeps its identity. A revision that is not newer is ignored. Ids may have gaps; but
   * when a revision does not fit, or continues one that never came, the document stays as it was before it, revisions
   * are ignored until the next dump, and `resync$` speaks.
   */
  update(...updates: Update<T>[]): void {
    let state = this.#state$.value
    let misfit: { cause: unknown } | undefined
    for (const update of updates) {
      if (!('patch' in update)) {
        state = { id: update.id, value: adopt(update.value, state?.value as JsonValue | undefined) as T }
        this.#synced = true
        misfit = undefined
      } else if (this.#synced && state !== null && update.id > state.id) {
        try {
          checkContinues(update, state.id)
          state = { id: update.id, value: applyPatch(state.value as JsonValue, update.patch).value as T }
        } catch (cause) {
          this.#synced = false
          misfit = { cause }
        }
      }
    }
    if (state !== this.#state$.value) this.#state$.next(state)
    if (misfit !== undefined) this.#resync$.next(misfit.cause)
  }

  /** Forgets the document, as after a logout. Watchers stay and go on with the next dump. */
  clear(): void {
    this.#synced = false
    this.#epoch = undefined
    this.#state$.next(null)
  }

  /** Resolves when the copy has reached sequence `id`. Rejects with the signal's reason. */
  waitForRevision(id: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error)
      if (this.#synced && this.id >= id) return resolve()
      const abort = () => {
        waiting.unsubscribe()
        reject(signal?.reason as Error)
      }
      const waiting = this.#state$.subscribe((state) => {
        if (!this.#synced || state === null || state.id < id) return
        signal?.removeEventListener('abort', abort)
        queueMicrotask(() => waiting.unsubscribe())
        resolve()
      })
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /**
   * The value at a path: now (once there is a document), and whenever it changes. Undefined stands for a missing
   * value. Equal values of an unchanged part are the same object, so change detection may compare by identity.
   */
  watch$(): Observable<T>
  watch$<const A extends Key<T>>(a: A): Observable<At<T, A>>
  watch$<const A extends Key<T>, const B extends Key<At<T, A>>>(a: A, b: B): Observable<At2<T, A, B>>
  watch$<const A extends Key<T>, const B extends Key<At<T, A>>, const C extends Key<At2<T, A, B>>>(
    a: A,
    b: B,
    c: C,
  ): Observable<At3<T, A, B, C>>
  watch$<
    const A extends Key<T>,
    const B extends Key<At<T, A>>,
    const C extends Key<At2<T, A, B>>,
    const D extends Key<At3<T, A, B, C>>,
  >(a: A, b: B, c: C, d: D): Observable<At4<T, A, B, C, D>>
  watch$<
    const A extends Key<T>,
    const B extends Key<At<T, A>>,
    const C extends Key<At2<T, A, B>>,
    const D extends Key<At3<T, A, B, C>>,
    const E extends Key<At4<T, A, B, C, D>>,
  >(a: A, b: B, c: C, d: D, e: E): Observable<At5<T, A, B, C, D, E>>
  watch$<
    const A extends Key<T>,
    const B extends Key<At<T, A>>,
    const C extends Key<At2<T, A, B>>,
    const D extends Key<At3<T, A, B, C>>,
    const E extends Key<At4<T, A, B, C, D>>,
    const F extends Key<At5<T, A, B, C, D, E>>,
  >(a: A, b: B, c: C, d: D, e: E, f: F): Observable<At6<T, A, B, C, D, E, F>>
  watch$(...path: Segment[]): Observable<unknown> {
    return this.#state$.pipe(
      filter((state) => state !== null),
      map((state) => valueAt(state.value as JsonValue, path)),
      distinctUntilChanged(),
    )
  }
}

function checkContinues({ id, from }: ContinuedRevision, at: number): void {
  if (from === undefined || from <= at) return
  throw new PatchDbError('PatchDoesNotFit', `revision ${id} continues ${from}, this copy is at ${at}`)
}
