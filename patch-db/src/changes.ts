import { adopt, newIntake } from './adopt.ts'
import { diff } from './diff.ts'
import { PatchDbError } from './errors.ts'
import type { JsonValue } from './json.ts'
import { parsePatch } from './parse-patch.ts'
import { applyPatch, type Patch } from './patch.ts'
import { formatPointer, parsePointer, valueAt } from './pointer.ts'
import { record, type Recorded } from './record.ts'
import { DEFAULT_SIZES, tooLarge, type Sizes } from './bounds.ts'
import { SizeGuard, sizeOf } from './sizes.ts'

/** The document of a new file, as the store's own. Throws `InvalidValue` and `TooLarge`. */
export function adoptDocument(value: unknown, sizes: Partial<Sizes> = {}): JsonValue {
  const { documentBytes } = { ...DEFAULT_SIZES, ...sizes }
  const own = adopt(value, undefined, 0, newIntake(documentBytes))
  if (sizeOf(own, documentBytes) > documentBytes) throw tooLarge('the document', documentBytes)
  return own
}

/** The document after a change, and the smallest patch that leads there: empty if nothing changed. */
export type Change = { readonly value: JsonValue; readonly patch: Patch }

/**
 * Works out what a caller's write makes of the document: whole or, with an error, not at all; within the bounds of
 * size; and one at a time, because a change that began inside another one would be overwritten by it.
 */
export class Changes {
  readonly #sizes: Sizes
  readonly #guard: SizeGuard
  #busy = false

  /** `documentBytes` is the size of the document as it is, or more. */
  constructor(documentBytes: number, sizes: Partial<Sizes> = {}) {
    this.#sizes = { ...DEFAULT_SIZES, ...sizes }
    this.#guard = new SizeGuard(this.#sizes, documentBytes)
  }

  /** What a function writes to a draft. */
  mutate<R>(root: JsonValue, write: (draft: never) => R): Recorded<R> {
    return this.#alone(root, () => record<R>(root, write, this.#sizes.documentBytes))
  }

  /** Operations from outside: their values are checked and copied. */
  apply(root: JsonValue, input: unknown): Change {
    return this.#alone(root, () => {
      const intake = newIntake(this.#sizes.documentBytes)
      const own = parsePatch(input).map((op) => {
        const path = parsePointer(op.path)
        if (op.op === 'remove') return op
        return { ...op, value: adopt(op.value, valueAt(root, path), path.length, intake) }
      })
      const { value } = applyPatch(root, own)
      return { value, patch: diff(root, value) }
    })
  }

  /** A value in the place of what a pointer leads to; the place itself may be new. */
  put(root: JsonValue, pointer: string, value: unknown): Change {
    if (value === undefined) throw new PatchDbError('InvalidValue', 'undefined')
    return this.apply(root, [{ op: 'replace', path: formatPointer(parsePointer(pointer)), value }])
  }

  #alone<C extends Change>(root: JsonValue, work: () => C): C {
    if (this.#busy) throw new PatchDbError('NestedMutate', 'wait for the outer one to end')
    this.#busy = true
    try {
      const change = work()
      if (change.patch.length > 0) this.#guard.check(change.patch, root, change.value)
      return change
    } finally {
      this.#busy = false
    }
  }
}
