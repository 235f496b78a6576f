/** `db_data` → `db-data`: what manifests take as ids. */
export function idOf(text: string, otherwise = 'service'): string {
  const id = text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return id === '' ? otherwise : id
}

const RESERVED = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield effects chosen sdk mounts env subcontainer startWith main settings name'.split(
    ' ',
  ),
)

/** `db_data` → `dbData`: a name for TypeScript. */
export function identifierOf(text: string): string {
  const words = idOf(text).split('-')
  const joined = words.map((word, i) => (i === 0 ? word : capital(word))).join('')
  if (/^\d/.test(joined)) return `_${joined}`
  return RESERVED.has(joined) ? `${joined}Service` : joined
}

const ACRONYMS = new Set(
  'api db url uri id ip ui smtp imap http https ssl tls jwt ldap oidc s3 dns ssh tz sql cpu gpu mqtt vpn sso'.split(
    ' ',
  ),
)

/** `DB_PASSWORD` → `DB password`: what a person reads. */
export function labelOf(text: string): string {
  if (text === 'TZ') return 'Time zone'
  const words = idOf(text).split('-')
  const spoken = words.map((word) => (ACRONYMS.has(word) ? word.toUpperCase() : word)).join(' ')
  return capital(spoken)
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The name, or with a number behind it the first that is not taken yet. Takes it. */
export function unique(name: string, taken: Set<string>, separator = '-'): string {
  let free = name
  for (let n = 2; taken.has(free); n++) free = `${name}${separator}${n}`
  taken.add(free)
  return free
}
