import { isContainer, type JsonValue } from './json.ts'
import type { Patch, Revision } from './patch.ts'

/** How far a subscriber has come, in which opening of the database. */
export type Position = { readonly epoch: string; readonly id: number }

/** What is kept for those who come back: whichever limit is reached first. */
export type HistoryLimits = {
  readonly revisions: number
  /** Roughly characters of JSON text. */
  readonly weight: number
}

export const HISTORY_LIMITS: HistoryLimits = { revisions: 2048, weight: 2 * 1024 * 1024 }

type Kept = { readonly revision: Revision; readonly weight: number }

/** The latest revisions, without a gap, as many as the limits allow. */
export class History {
  readonly #limits: HistoryLimits
  #kept: Kept[] = []
  /** Where the kept ones begin in the array; the part before is cleared from time to time. */
  #first = 0
  #weight = 0
  /** Everything after this id is here. */
  #start: number

  constructor(start: number, limits: HistoryLimits = HISTORY_LIMITS) {
    this.#start = start
    this.#limits = limits
  }

  add(revision: Revision): void {
    const weight = weigh(revision.patch, this.#limits.weight)
    this.#kept.push({ revision, weight })
    this.#weight += weight
    while (this.#weight > this.#limits.weight || this.#kept.length - this.#first > this.#limits.revisions)
      this.#forgetOldest()
  }

  /** All revisions after `id`, in order; null where some of them are no longer here, or `id` is none of ours. */
  after(id: number): readonly Revision[] | null {
    const end = this.#start + this.#kept.length - this.#first
    if (!Number.isInteger(id) || id < this.#start || id > end) return null
    return this.#kept.slice(this.#first + id - this.#start).map(({ revision }) => revision)
  }

  #forgetOldest(): void {
    const oldest = this.#kept[this.#first] as Kept
    this.#weight -= oldest.weight
    this.#start = oldest.revision.id
    this.#first++
    if (this.#first < this.#limits.revisions && this.#first < this.#kept.length) return
    this.#kept = this.#kept.slice(this.#first)
    this.#first = 0
  }
}

/** Stops counting beyond `enough`, so that a huge value costs no more than a large one. */
function weigh(patch: Patch, enough: number): number {
  let weight = 0
  for (const op of patch) {
    weight += op.path.length + 32
    if (op.op !== 'remove') weight += weighValue(op.value as JsonValue, enough - weight)
    if (weight > enough) break
  }
  return weight
}

function weighValue(value: JsonValue, enough: number): number {
  if (typeof value === 'string') return value.length + 2
  if (!isContainer(value)) return 8
  let weight = 2
  for (const key in value) {
    weight +=
      key.length + 4 + weighValue((value as { [key: string]: JsonValue })[key] as JsonValue, enough - weight)
    if (weight > enough) break
  }
  return weight
}
