import type { FileEntry } from './directory.ts'
import type { PendingTable } from './tree.ts'

/** A stretch of the stream whose content is known in advance: a table of contents or a file. */
export type Expected = ExpectedTable | ExpectedFile

interface Stretch {
  position: number
  size: number
  path: string
}

export interface ExpectedTable extends Stretch {
  kind: 'table'
  table: PendingTable
}

export interface ExpectedFile extends Stretch {
  kind: 'file'
  entry: FileEntry
}

/** The expected stretches that are still to come, nearest first (a binary heap by position). */
export class RegionQueue {
  readonly #heap: Expected[] = []

  push(region: Expected): void {
    const heap = this.#heap
    let at = heap.push(region) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent]!.position <= region.position) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = region
  }

  peek(): Expected | undefined {
    return this.#heap[0]
  }

  pop(): Expected | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!last || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.position < heap[child]!.position) child++
      if (heap[child]!.position >= last.position) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }
}
