import fc from 'fast-check'
import { z } from 'zod'

/** What the parameters of the contract say of themselves, in the words of JSON Schema. */
interface Schema {
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  prefixItems?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  propertyNames?: Schema
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
}

/** Texts that mean something to a language, a file system, a shell or a terminal. */
export const LOADED_TEXTS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '/private',
  '/private/password',
  '/__proto__/polluted',
  '/constructor/prototype/polluted',
  '../../../../etc/passwd',
  '-rf',
  '--help',
  '$(id)',
  "'; --",
  '\u0000',
  'a\nb\r\nc: d',
  '\u001b[2J',
  '\u202e',
  '\ud800',
  '%2e%2e%2f%00',
  '1e999',
  ' ',
  '',
]

/** Length of long texts, where longer ones are allowed still. */
const LONG = 65_536

/** Names that every object has, and that are names of packages, hosts and actions as well. */
const LOADED_IDS = ['constructor', 'a', '0', 'no-such-thing']

const URLS = ['http://127.0.0.1:1/x.s9pk', 'https://[::1]:1/', 'file:///etc/passwd', 'data:,x', 'http://0/']

/** What a caller may send: values that fit the schema, with edges and loaded texts among them. */
export function valuesOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  return of(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema)
}

function of(schema: Schema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map(of))
  switch (schema.type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return integers(schema)
    case 'number':
      return fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    case 'string':
      return texts(schema)
    case 'array':
      return arrays(schema)
    case 'object':
      return objects(schema)
    default:
      // Any JSON, and what refers to itself.
      return fc.jsonValue({ maxDepth: 3 })
  }
}

function integers({
  minimum = Number.MIN_SAFE_INTEGER,
  maximum = Number.MAX_SAFE_INTEGER,
}: Schema): fc.Arbitrary<number> {
  const near = fc.integer({ min: Math.max(minimum, -1), max: Math.min(maximum, 60) })
  return fc.oneof(near, fc.constantFrom(minimum, maximum), fc.maxSafeInteger().filter(fits))
  function fits(value: number): boolean {
    return value >= minimum && value <= maximum
  }
}

function texts({ pattern, format, minLength = 0, maxLength = 4096 }: Schema): fc.Arbitrary<string> {
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength
  if (format === 'uri') return fc.constantFrom(...URLS)
  if (pattern !== undefined) {
    const grammar = new RegExp(pattern)
    const known = LOADED_IDS.filter((id) => grammar.test(id) && fits(id))
    const matching = fc.stringMatching(grammar, { maxLength: 64 })
    return known.length > 0 ? fc.oneof(matching, fc.constantFrom(...known)) : matching
  }
  const short = { minLength, maxLength: Math.min(maxLength, minLength + 40) }
  return fc.oneof(
    fc.string(short),
    fc.string({ ...short, unit: 'binary' }),
    fc.constantFrom(...LOADED_TEXTS.filter(fits)),
    fc.constantFrom('é', '/', '9').map((sign) => sign.repeat(Math.min(maxLength, LONG))),
  )
}

function arrays({ items = {}, prefixItems, minItems = 0, maxItems = 5 }: Schema): fc.Arbitrary<unknown> {
  if (prefixItems) return fc.tuple(...prefixItems.map(of))
  return fc.array(of(items), { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 5)) })
}

function objects(schema: Schema): fc.Arbitrary<unknown> {
  const { properties, required = [], additionalProperties, propertyNames } = schema
  if (properties) {
    const members = Object.entries(properties).map(([key, member]) => [key, of(member)] as const)
    return fc.record(Object.fromEntries(members), { requiredKeys: required })
  }
  const values = of(typeof additionalProperties === 'object' ? additionalProperties : {})
  const keys = propertyNames ? of({ type: 'string', ...propertyNames }) : fc.string({ maxLength: 12 })
  return fc.dictionary(keys as fc.Arbitrary<string>, values, { maxKeys: 4 })
}
