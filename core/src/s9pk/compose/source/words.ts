/** Splits a command line as a shell would, without running anything: quotes, escapes, blanks. */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? ''
    if (quote === "'") {
      if (char === "'") quote = null
      else word += char
    } else if (char === '\\' && (quote === null || /["\\$`\n]/.test(line[at + 1] ?? ''))) {
      at++
      if (line[at] !== '\n') word = (word ?? '') + (line[at] ?? '')
    } else if (quote === '"') {
      if (char === '"') quote = null
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + char
  }
  if (word !== null) words.push(word)
  return words
}
