import type { UniqueBy } from './spec.ts'

/** Places of entries that repeat an earlier one, by the rule of the list (sdk.md §7.1). */
export function repeats(items: readonly unknown[], rule: UniqueBy): number[] {
  if (rule === null) return []
  return items.flatMap((item, at) =>
    items.slice(0, at).some((earlier) => same(earlier, item, rule)) ? [at] : [],
  )
}

function same(a: unknown, b: unknown, rule: UniqueBy): boolean {
  if (rule === null) return false
  if (typeof rule === 'string') {
    const [left, right] = [a, b].map((one) => (one as Record<string, unknown> | null)?.[rule])
    return left !== null && left !== undefined && left === right
  }
  if ('any' in rule) return rule.any.some((part) => same(a, b, part))
  return rule.all.length > 0 && rule.all.every((part) => same(a, b, part))
}
