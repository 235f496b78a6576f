import { z } from 'zod'

/** Texts and numbers (which the reader leaves as texts), and yes or no. */
export const text = z.string()
export const word = z.union([z.string(), z.boolean()]).transform(String)
export const whole = z.string().regex(/^-?\d+$/, 'must be a whole number')
export const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', 'yes', 'no', 'on', 'off']).transform((value) => /^(true|yes|on)$/.test(value)),
])
export const texts = z.array(word)
export const textOrTexts = z.union([text, texts]).transform((value) => [value].flat())

const unset = z.null()

/** `{ NAME: value }` or `- NAME=value`; null: the name alone, whose value comes from outside. */
export const pairs = z
  .union([z.record(text, z.union([word, unset])), texts])
  .transform((given): Map<string, string | null> => {
    if (!Array.isArray(given)) return new Map(Object.entries(given))
    return new Map(
      given.map((line) => {
        const at = line.indexOf('=')
        return at < 0 ? [line, null] : [line.slice(0, at), line.slice(at + 1)]
      }),
    )
  })

/** A shell line, a list of words, or nothing at all. */
export const command = z.union([text, texts, unset])

export const anything = z.unknown()
