/** Methods of arrays that only read. */
const NAMES = ['map', 'forEach', 'filter', 'find', 'findIndex', 'some', 'every'] as const
type Name = (typeof NAMES)[number]
type Visit = (item: unknown, index: number, list: unknown[]) => unknown

/**
 * Reading methods for drafts of arrays, on all elements at once: done through the proxy, each element would cost two
 * or three traps more. They see what is written to the array meanwhile, as those of any array do. `elementsOf`
 * answers the elements behind a draft, all of them writable.
 */
export function arrayReaders(
  elementsOf: (draft: unknown[]) => unknown[],
): ReadonlyMap<string | symbol, unknown> {
  return new Map<string | symbol, unknown>([
    ...NAMES.map((name) => [name, reader(name, elementsOf)] as const),
    [Symbol.iterator, iterator(elementsOf)],
  ])
}

function reader(name: Name, elementsOf: (draft: unknown[]) => unknown[]) {
  const method = Array.prototype[name] as (visit: (item: unknown, index: number) => unknown) => unknown
  return function (this: unknown[], visit: Visit, receiver?: unknown): unknown {
    return method.call(elementsOf(this), (item, index) => visit.call(receiver, item, index, this))
  }
}

function iterator(elementsOf: (draft: unknown[]) => unknown[]) {
  return function (this: unknown[]): Iterator<unknown> {
    return elementsOf(this)[Symbol.iterator]()
  }
}
