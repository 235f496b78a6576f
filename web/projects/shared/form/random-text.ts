import type { RandomString } from './spec.ts'

/** A random text of `len` characters out of `charset`, a list such as “a-z,A-Z,0-9,_”; never guessable. */
export function randomText({ charset, len }: RandomString): string {
  const alphabet = expand(charset)
  if (alphabet.length === 0) return ''
  return Array.from({ length: len }, () => alphabet[randomBelow(alphabet.length)]).join('')
}

/** The characters of a charset; a comma or dash counts where it cannot be punctuation (sdk.md §7.1). */
export function expand(charset: string): string[] {
  const found = new Set<string>()
  const characters = [...charset]
  for (let at = 0; at < characters.length;) {
    const [from = '', dash, to] = characters.slice(at, at + 3)
    if (dash === '-' && to !== undefined && to !== ',') {
      for (let code = from.codePointAt(0) ?? 0; code <= (to.codePointAt(0) ?? 0); code++) {
        found.add(String.fromCodePoint(code))
      }
      at += 3
    } else {
      found.add(from)
      at += 1
    }
    if (characters[at] === ',') at += 1
  }
  return [...found]
}

/** Uniform: values of the last, incomplete block are thrown away. */
function randomBelow(limit: number): number {
  const block = new Uint32Array(1)
  const usable = 2 ** 32 - (2 ** 32 % limit)
  do crypto.getRandomValues(block)
  while ((block[0] ?? 0) >= usable)
  return (block[0] ?? 0) % limit
}
