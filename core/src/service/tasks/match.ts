type Json = unknown

/**
 * Whether `value` holds everything that `partial` asks for (service-runtime.md §6.3): objects by
 * key, where null also matches a missing key; arrays by "some element matches"; the rest by equality.
 */
export function includes(value: Json, partial: Json): boolean {
  if (Array.isArray(partial)) {
    return Array.isArray(value) && partial.every((item) => value.some((other) => includes(other, item)))
  }
  if (isObject(partial)) {
    return (
      isObject(value) &&
      Object.entries(partial).every(([key, item]) =>
        item === null && own(value, key) === undefined ? true : includes(own(value, key), item),
      )
    )
  }
  return value === partial
}

/**
 * Whether two values say opposite things: some scalar that stands on both sides differs. A key that
 * one side lacks is no conflict.
 */
export function conflicts(left: Json, right: Json): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.some((item) => right.every((other) => conflicts(item, other)))
  }
  if (isObject(left) && isObject(right)) {
    return Object.keys(left).some(
      (key) => Object.hasOwn(right, key) && conflicts(own(left, key), own(right, key)),
    )
  }
  if (isContainer(left) || isContainer(right)) return true
  return left !== right
}

function own(value: Record<string, Json>, key: string): Json {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

const isContainer = (value: Json) => typeof value === 'object' && value !== null
const isObject = (value: Json): value is Record<string, Json> => isContainer(value) && !Array.isArray(value)
