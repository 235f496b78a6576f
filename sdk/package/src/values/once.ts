/** A function that runs once and afterwards gives the first answer. */
export function once<T>(fn: () => T): () => T {
  let result: { value: T } | null = null
  return () => (result ??= { value: fn() }).value
}
