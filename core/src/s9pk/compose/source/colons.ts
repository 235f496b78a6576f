/** Splits at colons; those inside of `${…}` and `[…]` (an IPv6 address) do not separate. */
export function splitColons(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const char of text) {
    if (char === '{' || char === '[') depth++
    if (char === '}' || char === ']') depth--
    if (char === ':' && depth === 0) parts.push('')
    else parts[parts.length - 1] += char
  }
  return parts
}
