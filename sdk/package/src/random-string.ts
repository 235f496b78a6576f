import { randomInt } from 'node:crypto'
import type { RandomString } from '@startd/base/input-spec.ts'

/** The text itself, or a random one as described. */
export function getDefaultString(value: string | RandomString): string {
  if (typeof value === 'string') return value
  const characters = charactersOf(value.charset)
  return Array.from({ length: value.len }, () => characters[randomInt(characters.length)]).join('')
}

/** Single characters and ranges, separated by commas: `a-z,A-Z,0-9,_`. */
export function charactersOf(charset: string): string[] {
  const characters: string[] = []
  for (let i = 0; i < charset.length; i++) {
    const start = charset[i] ?? ''
    const end = charset[i + 2]
    if (charset[i + 1] === '-' && end !== undefined && end !== ',') {
      if (start > end) throw new Error(`the range ${start}-${end} ends before it starts`)
      for (let code = start.charCodeAt(0); code <= end.charCodeAt(0); code++)
        characters.push(String.fromCharCode(code))
      i += 2
    } else characters.push(start)
    // A comma separates; it is a member only where a character is expected.
    if (charset[i + 1] === ',') i++
  }
  if (characters.length === 0) throw new Error('a character set needs characters')
  return characters
}
