import type { Conversion } from '../conversion.ts'
import type { Text } from '../model.ts'
import type { Path } from '../source/place.ts'
import { type Reference, type Template, fillIn, references } from '../source/template.ts'
import { isForeign, isSecret, isWiring } from './classify.ts'
import { joined, settingText } from './registry.ts'

interface Where {
  conversion: Conversion
  service: string
  path: Path
}

/** A text of the compose file as a text of the package: its variables become settings. */
export function textOf(where: Where, raw: string): Text {
  const template = where.conversion.template(where.path, raw)
  return joined(fromTemplate(where, template))
}

function fromTemplate(where: Where, template: Template): Text {
  return template.flatMap((piece): Text =>
    typeof piece === 'string' ? withoutSpelledSecrets(where, piece) : fromReference(where, piece),
  )
}

function fromReference(where: Where, reference: Reference): Text {
  const { conversion, service, path } = where
  const { name, fallback, alternate, required } = reference
  const { settings, values } = conversion
  const given = values.get(name) || null
  const use = { service, variable: name }
  const dynamic = fallback !== null && references(fallback).length > 0
  const otherwise = fallback && !dynamic ? fillIn(fallback, values).text : null
  const sample = given ?? otherwise
  if (alternate) {
    const setting = isSecret(name, given)
      ? settings.foreign(use)
      : settings.field(use, given, { optional: true })
    return [{ setting: setting.key, instead: fromTemplate(where, alternate) }]
  }
  const known = settings.get(name)
  if (!known && isWiring(name, sample, conversion.serviceNames) && !dynamic && !isSecret(name, sample)) {
    const text = sample ?? conversion.id
    conversion.ledger.list(
      'changed',
      path,
      `\${${name}} is fixed to “${text}”: it only connects the parts of the service.`,
    )
    return [text]
  }
  if (isSecret(name, sample) && otherwise !== '') {
    if (isForeign(name)) return settingText(settings.foreign(use, { required }))
    if (given !== null) conversion.ledger.list('changed', path, `${name}: ${NOT_TAKEN}`)
    return settingText(settings.drawn(use, sample ?? ''))
  }
  if (isSecret(name, sample)) return settingText(settings.foreign(use))
  const value = sample === '' ? null : sample
  const setting = settings.field(use, value, { required, optional: value === null })
  if (value !== null && setting.default !== value && setting.default !== null) {
    const meaning = `\${${name}} has different defaults in this file; “${setting.default}” is used everywhere.`
    conversion.ledger.list('changed', path, meaning)
  }
  if (fallback && dynamic && given === null)
    return [{ setting: setting.key, orElse: joined(fromTemplate(where, fallback)) }]
  return settingText(setting)
}

/** Said of every secret that has a value. */
const NOT_TAKEN = 'the secret in this file is not taken over; every install draws one of its own.'
const NOT_TAKEN_BUT_ASKED = 'the secret in this file is not taken over; the form asks for it.'

const LOGIN = /^([a-z][a-z0-9+.-]*:\/\/[^:@/\s]*:)([^@/\s]+)(@.*)$/s

/** A password inside an address, or one that is known from elsewhere after `:` or a blank. */
function withoutSpelledSecrets(where: Where, text: string): Text {
  const { conversion, service, path } = where
  const [, before, password, after] = LOGIN.exec(text) ?? []
  if (before === undefined || password === undefined || after === undefined) return [text]
  const last = path.at(-1)
  const variable = typeof last === 'string' ? `${last.replace(/_?(URL|URI|DSN)$/i, '')}_PASSWORD` : 'PASSWORD'
  const setting = conversion.settings.spelled({ service, variable }, password)
  conversion.ledger.list('changed', path, `The password in the address: ${NOT_TAKEN}`)
  return [before, { setting: setting.key }, after]
}

/** Value of an environment variable that is written without variables. */
export function literalText(where: Where, name: string, value: string, infrastructure: boolean): Text {
  const { conversion, service, path } = where
  const { settings, ledger, serviceNames } = conversion
  if (isSecret(name, value)) {
    if (value === '')
      return infrastructure ? [''] : settingText(settings.foreign({ service, variable: name }))
    ledger.list('changed', path, `${name}: ${isForeign(name) ? NOT_TAKEN_BUT_ASKED : NOT_TAKEN}`)
    return settingText(settings.spelled({ service, variable: name }, value))
  }
  const login = withoutSpelledSecrets(where, value)
  if (login.length > 1) return login
  const inner = isWiring(name, value, serviceNames) || conversion.fixedVariables.has(name)
  if (infrastructure || inner) return [value]
  const known = settings.get(name)
  const variable =
    known && (known.default ?? '') !== value ? settings.ownName({ service, variable: name }) : name
  const given = value === '' ? null : value
  return settingText(settings.field({ service, variable }, given, { optional: given === null }))
}
