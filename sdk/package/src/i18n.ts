type Params = Record<string, string | number | Date>

/** Texts of one language by the number that the default dictionary gives each. */
export type Dictionary = Record<number, string>

/**
 * Gives the function that translates texts. The language is that of the system (`LANG`): the same
 * locale, else the same language, else the text itself. `${name}` is replaced by parameters.
 */
export function setupI18n<Text extends string>(
  defaults: Record<Text, number>,
  translations: Record<string, Dictionary>,
  defaultLanguage: string,
): (text: Text, params?: Params) => string {
  const locale = (process.env.LANG ?? defaultLanguage).replace(/\.UTF-8$/i, '')
  const dictionary = choose(locale, defaultLanguage, translations)
  return (text, params = {}) => {
    const translated = dictionary?.[defaults[text]] ?? text
    return Object.entries(params).reduce(
      (result, [name, value]) => result.replace(`\${${name}}`, () => show(value, locale)),
      translated,
    )
  }
}

function choose(
  locale: string,
  defaultLanguage: string,
  translations: Record<string, Dictionary>,
): Dictionary | undefined {
  if (locale === defaultLanguage) return undefined
  const exact = translations[locale]
  if (exact) return exact
  const language = languageOf(locale)
  if (language === languageOf(defaultLanguage)) return undefined
  const key = Object.keys(translations).find((candidate) => languageOf(candidate) === language)
  return key === undefined ? undefined : translations[key]
}

function languageOf(locale: string): string {
  return locale.split(/[_-]/)[0] ?? locale
}

function show(value: string | number | Date, locale: string): string {
  if (typeof value === 'string') return value
  const tag = languageOf(locale) === 'C' ? 'en' : locale.replace('_', '-')
  return typeof value === 'number'
    ? new Intl.NumberFormat(tag).format(value)
    : new Intl.DateTimeFormat(tag).format(value)
}
