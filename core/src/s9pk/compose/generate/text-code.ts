import type { ProjectPlan, Setting, Text, TextPart } from '../model.ts'
import { fixedText, joined } from '../settings/index.ts'
import { quoted } from './code.ts'

/** Prints texts that are made from the settings, as expressions over `chosen`. */
export class TextCode {
  readonly #settings: Map<string, Setting>

  constructor({ settings }: Pick<ProjectPlan, 'settings'>) {
    this.#settings = new Map(settings.map((setting) => [setting.key, setting]))
  }

  /** An expression that is a string. */
  print(text: Text): string {
    const fixed = fixedText(text)
    if (fixed !== null) return quoted(fixed)
    const parts = joined(text)
    const [only] = parts
    if (parts.length === 1 && only !== undefined && typeof only !== 'string') return this.#part(only, true)
    return `\`${parts.map((part) => (typeof part === 'string' ? inTemplate(part) : `\${${this.#part(part, false)}}`)).join('')}\``
  }

  /** Whether the text needs the settings. */
  isMade(text: Text): boolean {
    return fixedText(text) === null
  }

  #part(part: Exclude<TextPart, string>, mustBeString: boolean): string {
    const setting = this.#settings.get(part.setting)
    if (!setting) throw new Error(`there is no setting ${part.setting}`)
    const value = `chosen.${setting.key}`
    if (part.instead) return `${value} ? ${grouped(this.print(part.instead))} : ''`
    const nullable = isNullable(setting)
    if (part.orElse) {
      const isText = setting.kind === 'text' || setting.kind === 'secret'
      const other = grouped(this.print(part.orElse))
      return isText
        ? `${value} || ${other}`
        : mustBeString
          ? `String(${value} ?? ${other})`
          : `${value} ?? ${other}`
    }
    if (setting.kind === 'toggle') {
      const [on, off] = setting.words ?? ['true', 'false']
      if (on === 'true' && off === 'false') return mustBeString ? `String(${value})` : value
      return `${value} ? ${quoted(on)} : ${quoted(off)}`
    }
    const present = nullable ? `${value} ?? ''` : value
    if (setting.kind === 'number' && mustBeString) return `String(${present})`
    return present
  }
}

/** Whether a setting may be empty. */
export function isNullable(setting: Setting): boolean {
  return (
    setting.generator === null && setting.kind !== 'toggle' && (setting.default === null || setting.required)
  )
}

/** Operators inside of others are set in brackets. */
function grouped(expression: string): string {
  return /^(['"`]|chosen\.\w+$|String\()/.test(expression) ? expression : `(${expression})`
}

function inTemplate(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('`', '\\`')
    .replaceAll('${', '\\${')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
}
