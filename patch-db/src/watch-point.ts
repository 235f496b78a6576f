import type { JsonValue } from './json.ts'
import type { Watcher } from './watcher.ts'

/** The watchers of one pointer: they are found, and their value is read, once for all of them. */
export class WatchPoint {
  readonly pointer: string
  readonly path: readonly string[]
  readonly members = new Set<Watcher<JsonValue | undefined>>()

  constructor(pointer: string, path: readonly string[]) {
    this.pointer = pointer
    this.path = path
  }

  wake(value: JsonValue | undefined): void {
    for (const watcher of this.members) watcher.wake(value)
  }
}
