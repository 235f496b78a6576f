/**
 * Text for a manual page: every character means itself. A line that would start with a control character gets a
 * zero-width one in front (groff(7), “Escape sequences”); dashes are those that can be copied into a shell.
 */
export function escape(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replace(/[\u0080-\u{10ffff}]/gu, (letter) => `\\[u${code(letter)}]`)
    .replace(/^\./gm, '\\&.')
}

/** `date` as YYYY-MM-DD. */
export function header(name: string, version: string, date: string): string {
  return `.TH "${escape(name.toUpperCase())}" "1" "${date}" "startd ${escape(version)}" "startd manual"\n`
}

/** A section with its heading; nothing where there is nothing to say. */
export function section(name: string, body: string): string {
  return body === '' ? '' : `.SH ${name}\n${body}`
}

/** A line of text. */
export function paragraph(text: string): string {
  return text === '' ? '' : `${escape(oneLine(text))}\n`
}

/** A term, and its meaning below it. */
export function tagged(term: string, meaning: string): string {
  return `.TP\n.B ${escape(oneLine(term))}\n${escape(oneLine(meaning === '' ? term : meaning))}\n`
}

/** Lines as they are typed. */
export function literal(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `.nf\n${lines.map((line) => `${escape(line)}\n`).join('')}.fi\n`
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}

function code(letter: string): string {
  return (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}
