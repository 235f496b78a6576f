import type { Setting, Text } from '../model.ts'
import { identifierOf, labelOf, unique } from '../names.ts'
import { generatorFor, isForeign, shapeOf } from './classify.ts'

interface Use {
  service: string
  /** Name of the variable that the setting is called after. */
  variable: string
}

/** All values of a package that are not fixed: chosen by its owner, or drawn when it is installed. */
export class Settings {
  readonly #all = new Map<string, Setting>()
  readonly #keys = new Set<string>()
  /** Which setting stands for a password that the compose file spells out. */
  readonly #samples = new Map<string, Setting>()

  get list(): Setting[] {
    return [...this.#all.values()]
  }

  get(variable: string): Setting | undefined {
    return this.#all.get(variable)
  }

  /** A field of the form. The same variable gives the same field, whichever service uses it. */
  field(
    use: Use,
    value: string | null,
    details: { required?: string | null; optional?: boolean } = {},
  ): Setting {
    const known = this.#all.get(use.variable)
    if (known) {
      known.default ??= value
      known.services.add(use.service)
      return known
    }
    const shape =
      details.optional && value === null ? ({ kind: 'text', words: null } as const) : shapeOf(value)
    const required = details.required !== undefined && details.required !== null && value === null
    return this.#add(use, {
      ...shape,
      generator: null,
      required,
      default: value,
      note: required ? details.required || null : null,
    })
  }

  /** A field for a secret that its owner brings: shown as dots, never with the value of the compose file. */
  foreign(use: Use, details: { required?: string | null } = {}): Setting {
    const known = this.#all.get(use.variable)
    if (known) {
      known.services.add(use.service)
      return known
    }
    return this.#add(use, {
      kind: 'secret',
      words: null,
      generator: null,
      required: details.required !== undefined && details.required !== null,
      default: null,
      note: details.required || null,
    })
  }

  /** A secret that is drawn when the service is installed. */
  drawn(use: Use, sample: string): Setting {
    const known = this.#all.get(use.variable)
    if (known) {
      known.services.add(use.service)
      return known
    }
    const setting = this.#add(use, {
      kind: 'secret',
      words: null,
      generator: generatorFor(use.variable, sample),
      required: false,
      default: null,
      note: null,
    })
    if (sample !== '' && !this.#samples.has(sample)) this.#samples.set(sample, setting)
    return setting
  }

  /** A secret that the compose file spells out: the same text in several places is the same secret. */
  spelled(use: Use, sample: string): Setting {
    const same = this.#samples.get(sample)
    if (same) {
      same.services.add(use.service)
      return same
    }
    const taken = this.#all.get(use.variable)
    const variable = taken ? this.ownName(use) : use.variable
    if (isForeign(use.variable)) return this.foreign({ ...use, variable })
    return this.drawn({ ...use, variable }, sample)
  }

  /** The setting of a secret whose text is known. */
  sample(text: string): Setting | undefined {
    return this.#samples.get(text)
  }

  /** A variable that another service has with another value is called after its service too. */
  ownName({ service, variable }: Use): string {
    return `${service.replaceAll(/\W/g, '_').toUpperCase()}_${variable}`
  }

  #add({ service, variable }: Use, rest: Omit<Setting, 'key' | 'variable' | 'label' | 'services'>): Setting {
    const key = unique(identifierOf(variable), this.#keys, '')
    const setting: Setting = {
      key,
      variable,
      label: labelOf(variable),
      services: new Set([service]),
      ...rest,
    }
    this.#all.set(variable, setting)
    return setting
  }
}

/** The text of a setting. */
export function settingText(setting: Setting): Text {
  return [{ setting: setting.key }]
}

/** Joins neighbouring fixed pieces. */
export function joined(parts: Text): Text {
  const result: (typeof parts)[number][] = []
  for (const part of parts) {
    const last = result.at(-1)
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part
    else if (part !== '') result.push(part)
  }
  return result
}

/** The text, if nothing in it depends on the settings. */
export function fixedText(text: Text): string | null {
  const whole = joined(text)
  if (whole.length === 0) return ''
  return whole.length === 1 && typeof whole[0] === 'string' ? whole[0] : null
}
