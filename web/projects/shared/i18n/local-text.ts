/** The text of a package in the page’s language: exact, then the same language, then English, then the first. */
export function localText(value: string | Record<string, string>, locale = 'en_US'): string {
  if (typeof value === 'string') return value
  const language = locale.slice(0, 2)
  const key =
    [locale, 'en_US'].find((one) => one in value) ??
    Object.keys(value).find((one) => one.startsWith(language)) ??
    Object.keys(value)[0]
  return key === undefined ? '' : (value[key] ?? '')
}
