import { styleText, stripVTControlCharacters } from 'node:util'

/** What a piece of text means, which a terminal may show as a colour. */
export type Tone = 'plain' | 'good' | 'bad' | 'busy' | 'quiet' | 'head' | 'name'

const COLOURS: Record<Tone, Parameters<typeof styleText>[0] | null> = {
  plain: null,
  good: 'green',
  bad: 'red',
  busy: 'yellow',
  quiet: 'dim',
  head: 'bold',
  name: 'cyan',
}

/** Where text goes to, and what that place can show. */
export interface Terminal {
  /** Columns; infinite where lines may be as long as they are. */
  readonly width: number
  paint(text: string, tone: Tone): string
}

/** The place that a stream leads to: colours and a width only where it is a terminal (and `NO_COLOR` is not set). */
export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  return {
    width: stream.isTTY ? Math.max(20, stream.columns || 80) : Infinity,
    paint: (text, tone) => {
      const colour = COLOURS[tone]
      return colour === null || text === '' ? text : styleText(colour, text, { stream })
    },
  }
}

/** Lines as long as they are and without colours, as a file gets them. */
export const PLAIN: Terminal = { width: Infinity, paint: (text) => text }

/**
 * One line of text from elsewhere: what could move the cursor, change the terminal or start a new line is taken out
 * (services and other people choose names and messages).
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}

/** As `oneLine`, for a text whose lines matter. */
export function manyLines(text: string): string {
  return text.split(/\r?\n/).map(oneLine).join('\n')
}

const SEGMENTS = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** Two columns wide: East Asian wide and full-width forms (UAX 11), and emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|\ufe0f/u

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of SEGMENTS.segment(text))
    width += /^\p{Mark}|^\u200b/u.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1
  return width
}

/** A text that takes at most `width` columns; what is missing shows as `…`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let used = 1
  for (const { segment } of SEGMENTS.segment(text)) {
    used += widthOf(segment)
    if (used > width) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

export function pad(text: string, width: number, right = false): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? space + text : text + space
}
