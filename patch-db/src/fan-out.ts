import type { JsonValue } from './json.ts'
import type { Dump, Revision } from './patch.ts'
import { PointerIndex } from './pointer-index.ts'
import { formatPointer, parsePointer, valueAt } from './pointer.ts'
import { scopePatch } from './scope.ts'
import { DEFAULT_LIMITS, scopedRevision, Subscription, type SubscriptionLimits } from './subscription.ts'
import { Watcher } from './watcher.ts'

/** The subscriptions on one pointer; a revision is scoped and encoded once for all of them. */
type Group = { readonly pointer: string; readonly path: string[]; readonly members: Set<Subscription> }

/** Brings published revisions to those whose pointer they touch, and only to those. */
export class FanOut {
  readonly #groups = new Map<string, Group>()
  readonly #groupIndex = new PointerIndex<Group>()
  readonly #watchers = new PointerIndex<Watcher<JsonValue | undefined>>()
  readonly #read: () => Dump<JsonValue>

  constructor(read: () => Dump<JsonValue>) {
    this.#read = read
  }

  publish(revision: Revision): void {
    const groups = new Set<Group>()
    const watchers = new Set<Watcher<JsonValue | undefined>>()
    for (const op of revision.patch) {
      const path = parsePointer(op.path)
      this.#groupIndex.collect(path, groups)
      this.#watchers.collect(path, watchers)
    }
    for (const group of groups) deliver(revision, group)
    for (const watcher of watchers) watcher.wake()
  }

  raiseFence(sequence: number): void {
    const fence = Math.min(sequence, this.#read().id)
    for (const group of this.#groups.values()) for (const member of group.members) member.raiseFence(fence)
  }

  subscribe(pointer: string, limits: Partial<SubscriptionLimits> = {}): Subscription {
    const path = parsePointer(pointer)
    const group = this.#group(path)
    const subscription = new Subscription(this.#read().id, { ...DEFAULT_LIMITS, ...limits }, () => {
      group.members.delete(subscription)
      if (group.members.size > 0 || this.#groups.get(group.pointer) !== group) return
      this.#groups.delete(group.pointer)
      this.#groupIndex.delete(group.path, group)
    })
    group.members.add(subscription)
    return subscription
  }

  watch(path: readonly string[]): Watcher<JsonValue | undefined> {
    const watcher: Watcher<JsonValue | undefined> = new Watcher({
      read: () => valueAt(this.#read().value, path),
      release: () => this.#watchers.delete(path, watcher),
    })
    this.#watchers.add(path, watcher)
    return watcher
  }

  close(): void {
    for (const group of [...this.#groups.values()]) for (const member of [...group.members]) member.close()
    for (const watcher of this.#watchers.all()) watcher.close()
  }

  #group(path: string[]): Group {
    const pointer = formatPointer(path)
    const known = this.#groups.get(pointer)
    if (known !== undefined) return known
    const group: Group = { pointer, path, members: new Set() }
    this.#groups.set(pointer, group)
    this.#groupIndex.add(path, group)
    return group
  }
}

/** A revision too large for one text cannot fail its commit any more: those who need it begin again with a dump. */
function deliver(revision: Revision, group: Group): void {
  const members = [...group.members]
  try {
    const patch = scopePatch(revision.patch, group.pointer)
    if (patch.length === 0) return
    const scoped = scopedRevision(revision.id, patch)
    for (const member of members) member.push(scoped)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    for (const member of members) member.cutOff()
  }
}
