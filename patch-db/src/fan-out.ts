import type { ScopedRevision } from './encoding.ts'
import { Group } from './group.ts'
import { History } from './history.ts'
import type { JsonValue } from './json.ts'
import type { Dump, Revision } from './patch.ts'
import { PointerIndex } from './pointer-index.ts'
import { formatPointer, parsePointer, valueAt } from './pointer.ts'
import { DEFAULT_LIMITS, Subscription, type SubscriptionLimits } from './subscription.ts'
import { WatchPoint } from './watch-point.ts'
import { Watcher } from './watcher.ts'

/** Brings published revisions to those whose pointer they touch, and only to those. */
export class FanOut {
  readonly #groups = new Map<string, Group>()
  readonly #groupIndex = new PointerIndex<Group>()
  readonly #points = new Map<string, WatchPoint>()
  readonly #pointIndex = new PointerIndex<WatchPoint>()
  readonly #read: () => Dump<JsonValue>
  readonly #history: History

  constructor(read: () => Dump<JsonValue>, sequence: number) {
    this.#read = read
    this.#history = new History(sequence)
  }

  publish(revision: Revision): void {
    this.#history.add(revision)
    const groups = new Set<Group>()
    const points = new Set<WatchPoint>()
    for (const op of revision.patch) {
      const path = parsePointer(op.path)
      this.#groupIndex.collect(path, groups)
      this.#pointIndex.collect(path, points)
    }
    for (const group of groups) group.deliver(revision)
    const { value } = this.#read()
    for (const point of points) point.wake(valueAt(value, point.path))
  }

  raiseFence(sequence: number): void {
    const fence = Math.min(sequence, this.#read().id)
    for (const group of this.#groups.values()) for (const member of group.members) member.raiseFence(fence)
  }

  subscribe(pointer: string, limits: Partial<SubscriptionLimits> = {}): Subscription {
    return this.#join(this.#group(parsePointer(pointer)), this.#read().id, limits, [])
  }

  /** As `subscribe`, but begins after `since`; null where what follows it is no longer known. */
  resume(pointer: string, since: number, limits: Partial<SubscriptionLimits> = {}): Subscription | null {
    const missed = this.#history.after(since)
    if (missed === null) return null
    const group = this.#group(parsePointer(pointer))
    const queue = group.catchUp(missed, since, this.#read().id)
    const subscription = this.#join(group, since, limits, queue ?? [])
    if (queue !== null && !subscription.closed) return subscription
    subscription.close()
    return null
  }

  watch(path: readonly string[]): Watcher<JsonValue | undefined> {
    const point = this.#point(path)
    const watcher: Watcher<JsonValue | undefined> = new Watcher({
      read: () => valueAt(this.#read().value, path),
      release: () => {
        point.members.delete(watcher)
        if (point.members.size > 0 || this.#points.get(point.pointer) !== point) return
        this.#points.delete(point.pointer)
        this.#pointIndex.delete(path, point)
      },
    })
    point.members.add(watcher)
    return watcher
  }

  close(): void {
    for (const group of [...this.#groups.values()]) for (const member of [...group.members]) member.close()
    for (const point of [...this.#points.values()]) for (const member of [...point.members]) member.close()
  }

  #join(
    group: Group,
    from: number,
    limits: Partial<SubscriptionLimits>,
    missed: readonly ScopedRevision[],
  ): Subscription {
    const release = (subscription: Subscription) => {
      group.members.delete(subscription)
      if (group.members.size > 0 || this.#groups.get(group.pointer) !== group) return
      this.#groups.delete(group.pointer)
      this.#groupIndex.delete(group.path, group)
    }
    const subscription = new Subscription(from, { ...DEFAULT_LIMITS, ...limits }, release, missed)
    if (!subscription.closed) group.members.add(subscription)
    return subscription
  }

  #point(path: readonly string[]): WatchPoint {
    const pointer = formatPointer(path)
    const known = this.#points.get(pointer)
    if (known !== undefined) return known
    const point = new WatchPoint(pointer, path)
    this.#points.set(pointer, point)
    this.#pointIndex.add(path, point)
    return point
  }

  #group(path: string[]): Group {
    const pointer = formatPointer(path)
    const known = this.#groups.get(pointer)
    if (known !== undefined) return known
    const group = new Group(pointer, path, this.#read().id)
    this.#groups.set(pointer, group)
    this.#groupIndex.add(path, group)
    return group
  }
}
