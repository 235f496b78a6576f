import { arrayIndex } from './pointer.ts'

type Branch<T> = { readonly items: Set<T>; readonly children: Map<string, Branch<T>> }

/** Items filed by path; finds those at, above or below a changed path without looking at the others. */
export class PointerIndex<T> {
  readonly #root: Branch<T> = branch()

  add(path: readonly string[], item: T): void {
    let at = this.#root
    for (const segment of path) {
      let next = at.children.get(segment)
      if (next === undefined) at.children.set(segment, (next = branch()))
      at = next
    }
    at.items.add(item)
  }

  delete(path: readonly string[], item: T): void {
    const trail: Branch<T>[] = [this.#root]
    for (const segment of path) {
      const next = trail.at(-1)?.children.get(segment)
      if (next === undefined) return
      trail.push(next)
    }
    trail.at(-1)?.items.delete(item)
    for (let i = trail.length - 1; i > 0; i--) {
      const node = trail[i]
      if (node === undefined || node.items.size > 0 || node.children.size > 0) return
      trail[i - 1]?.children.delete(path[i - 1] as string)
    }
  }

  /** Collects into `found` whatever a change at `path` may concern (all elements, where it may shift an array). */
  collect(path: readonly string[], found: Set<T>): void {
    let at = this.#root
    for (const item of at.items) found.add(item)
    for (const [i, segment] of path.entries()) {
      const isLast = i === path.length - 1
      if (isLast && (segment === '-' || arrayIndex(segment) >= 0)) break
      const next = at.children.get(segment)
      if (next === undefined) return
      at = next
      for (const item of at.items) found.add(item)
    }
    collectBelow(at, found)
  }
}

function branch<T>(): Branch<T> {
  return { items: new Set(), children: new Map() }
}

function collectBelow<T>(node: Branch<T>, found: Set<T>): void {
  for (const child of node.children.values()) {
    for (const item of child.items) found.add(item)
    collectBelow(child, found)
  }
}
