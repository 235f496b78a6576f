import { ScopedRevision } from './encoding.ts'
import type { Revision } from './patch.ts'
import { scopePatch } from './scope.ts'
import type { Subscription } from './subscription.ts'

/** The subscriptions on one pointer; a revision is scoped and encoded once for all of them. */
export class Group {
  readonly pointer: string
  readonly path: readonly string[]
  readonly members = new Set<Subscription>()
  /** Every member has come at least this far once its queue is empty: the last revision here, or when it began. */
  #last: number
  /** Goes with the revision, which the history holds. */
  readonly #scoped = new WeakMap<Revision, ScopedRevision>()

  constructor(pointer: string, path: readonly string[], sequence: number) {
    this.pointer = pointer
    this.path = path
    this.#last = sequence
  }

  /** A revision too large for one text cannot fail its commit any more: those who need it begin again with a dump. */
  deliver(revision: Revision): void {
    const members = [...this.members]
    const patch = scopePatch(revision.patch, this.pointer)
    if (patch.length === 0) return
    const from = this.#last
    this.#last = revision.id
    try {
      const scoped = new ScopedRevision(revision.id, from, patch)
      this.#scoped.set(revision, scoped)
      for (const member of members) member.push(scoped)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      for (const member of members) member.cutOff()
    }
  }

  /**
   * What one who has come to `since` still has to hear, up to `sequence`: the revisions that concern this pointer,
   * and if the last of them is older, an empty one that says so. Null where one of them is too large.
   */
  catchUp(missed: readonly Revision[], since: number, sequence: number): ScopedRevision[] | null {
    const queue: ScopedRevision[] = []
    let reached = since
    try {
      for (const revision of missed) {
        const scoped = this.#scopedAfter(revision, reached)
        if (scoped === null) continue
        queue.push(scoped)
        reached = revision.id
      }
    } catch (error) {
      if (error instanceof RangeError) return null
      throw error
    }
    if (reached < sequence || queue.length === 0) queue.push(new ScopedRevision(sequence, reached, []))
    return queue
  }

  /** One that was made for others serves as well, unless it takes more for granted than this reader has seen. */
  #scopedAfter(revision: Revision, reached: number): ScopedRevision | null {
    const known = this.#scoped.get(revision)
    if (known !== undefined && known.from <= reached) return known
    const patch = known?.patch ?? scopePatch(revision.patch, this.pointer)
    if (patch.length === 0) return null
    const scoped = new ScopedRevision(revision.id, reached, patch)
    if (known === undefined) this.#scoped.set(revision, scoped)
    return scoped
  }
}
