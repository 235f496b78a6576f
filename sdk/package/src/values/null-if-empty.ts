/** `null` for a record without members, so that an absent section is stored as absent. */
export function nullIfEmpty<T extends object>(value: T): T | null {
  return Object.keys(value).length === 0 ? null : value
}
