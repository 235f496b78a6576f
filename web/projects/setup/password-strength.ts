/**
 * A rough measure from 0 (very weak) to 4 (strong), from length and variety: it guides, it does not decide.
 * Repeats and runs such as “aaaa” or “1234” add nothing.
 */
export function passwordStrength(password: string): 0 | 1 | 2 | 3 | 4 {
  const characters = [...password]
  const fresh = characters.filter((one, at) => {
    const before = characters[at - 1]
    const step = before === undefined ? null : (one.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0)
    return step === null || Math.abs(step) > 1
  })
  const bits = fresh.length * Math.log2(alphabetOf(password)) * Math.min(1, new Set(fresh).size / 6)
  if (bits < 28) return 0
  if (bits < 45) return 1
  if (bits < 60) return 2
  return bits < 80 ? 3 : 4
}

function alphabetOf(password: string): number {
  const kinds: [RegExp, number][] = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/[0-9]/, 10],
    [/[^a-zA-Z0-9]/, 24],
  ]
  return Math.max(
    2,
    kinds.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0),
  )
}
