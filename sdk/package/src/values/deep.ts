/** A copy of the type in which everything may be missing. */
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? DeepPartial<Item>[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T

/** A copy of the type that cannot be changed. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T

export type PlainObject = Record<string, unknown>

export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Structural equality of plain objects and arrays; anything else by identity. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => deepEqual(item, b[i]))
  }
  if (!isPlainObject(a) || !isPlainObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && deepEqual(a[key], b[key]))
}

/**
 * Later objects laid over earlier ones, key by key; arrays and scalars are replaced as a whole, and an
 * explicit `undefined` takes the key away.
 */
export function deepMerge(...values: unknown[]): unknown {
  return values.reduce((base, over) => {
    if (over === undefined) return base
    if (!isPlainObject(base) || !isPlainObject(over)) return over
    const merged: PlainObject = { ...base }
    for (const [key, value] of Object.entries(over)) {
      if (key === '__proto__') continue
      if (value === undefined) delete merged[key]
      else merged[key] = deepMerge(merged[key], value)
    }
    return merged
  })
}

/** The value with every `undefined` turned into `null`, as the effect wire wants it. */
export function undefinedToNull<T>(value: T): T {
  if (value === undefined) return null as T
  if (Array.isArray(value)) return value.map((item: unknown) => undefinedToNull(item)) as T
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, undefinedToNull(item)])) as T
}
