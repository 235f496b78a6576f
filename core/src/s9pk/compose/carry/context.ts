import type { Conversion } from '../conversion.ts'
import type { Weight } from '../ledger.ts'
import type { Text } from '../model.ts'
import type { Service } from '../schema/service.ts'
import { textOf } from '../settings/texts.ts'
import type { Path } from '../source/place.ts'

/** One service while it is being carried over. */
export class ServiceContext {
  readonly conversion: Conversion
  readonly name: string
  readonly service: Service

  constructor(conversion: Conversion, name: string, service: Service) {
    this.conversion = conversion
    this.name = name
    this.service = service
  }

  /** The service as it stands in the file, without what it takes over from others. */
  get raw(): Record<string, unknown> {
    return this.conversion.file.services[this.name] ?? {}
  }

  path(...rest: (string | number)[]): Path {
    return ['services', this.name, ...rest]
  }

  use(...rest: (string | number)[]): void {
    this.conversion.ledger.use(this.path(...rest))
  }

  /** Uses a mapping of which only these keys are known. */
  useKeys(rest: Path, value: unknown, known: readonly string[]): void {
    this.conversion.ledger.useKeys(this.path(...rest), value, known)
  }

  list(weight: Weight, rest: Path, meaning: string): void {
    this.conversion.ledger.list(weight, this.path(...rest), meaning)
  }

  /** A text that must be known now. */
  fixed(rest: Path, raw: string): string {
    return this.conversion.fixed(this.path(...rest), raw)
  }

  /** The same, or null when a variable in it has no value: the server chooses. */
  fixedIfKnown(rest: Path, raw: string): string | null {
    const unknown = this.conversion.withoutValue(this.path(...rest), raw)
    if (unknown === null) return this.fixed(rest, raw)
    this.list('changed', rest, `\${${unknown}} has no value, and needs none: the server chooses.`)
    return null
  }

  /** A text whose variables become settings. */
  text(rest: Path, raw: string): Text {
    return textOf({ conversion: this.conversion, service: this.name, path: this.path(...rest) }, raw)
  }
}
