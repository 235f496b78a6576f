import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { CodedError } from '@startd/base/errors.ts'
import type * as Yaml from 'yaml'
import { z } from 'zod'
import { FORMATS } from './format.ts'

const MAX_SIZE = 64 * 1024
const MAX_SERVERS = 200

/** Stands for the server of this machine, so no saved server may be called so. */
export const LOCAL = 'local'
export const ServerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a name has a-z, 0-9 and dashes only')
  .refine((name) => name !== LOCAL, `“${LOCAL}” always means the server on this machine`)

const path = z.string().min(1).max(4096)
const address = z.string().min(1).max(4096)
/** One certificate file or several. */
const paths = z.union([path.transform((one) => [one]), z.array(path).max(100)])

const SavedServer = z.strictObject({
  host: address,
  'root-ca': paths.optional(),
  insecure: z.boolean().optional(),
  'cookie-path': path.optional(),
})
export type SavedServer = z.output<typeof SavedServer>

const fields = {
  /** Name of the server that is meant unless told otherwise. */
  server: z.union([ServerName, z.literal(LOCAL)]).optional(),
  servers: z
    .record(ServerName, SavedServer)
    .refine((all) => Object.keys(all).length <= MAX_SERVERS, `at most ${MAX_SERVERS} servers`)
    .optional(),
  host: address.optional(),
  'root-ca': paths.optional(),
  insecure: z.boolean().optional(),
  'cookie-path': path.optional(),
  data: path.optional(),
  format: z.enum(FORMATS).optional(),
  timeout: z.union([z.string().max(32), z.number()]).optional(),
}

/** Our own file: what is spelled wrongly is an error. */
const Own = z.strictObject(fields)
/** A file that published clients share: what we do not know is theirs, and `host` may name several addresses. */
const Shared = z.object({
  ...fields,
  host: z
    .union([address, z.record(z.string().max(64), address).transform((names) => names['default'])])
    .optional(),
})
export type ConfigFile = z.output<typeof Own>

/** Reads a configuration file; null where there is none. Throws what is wrong with it, and in which line. */
export async function readConfig(file: string, kind: 'own' | 'shared'): Promise<ConfigFile | null> {
  const info = await stat(file).catch(() => null)
  if (info === null) return null
  if (info.size > MAX_SIZE)
    throw new CodedError(
      'Deserialization',
      `${file} is larger than ${MAX_SIZE / 1024} KiB; that is no configuration`,
    )
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CodedError('Filesystem', `${file} cannot be read`, { cause })
  })
  return parseConfig(text, file, kind)
}

/** As `readConfig`, of a text; `name` says in errors where it comes from. */
export function parseConfig(text: string, name: string, kind: 'own' | 'shared' = 'own'): ConfigFile {
  const { LineCounter, parseDocument } = yaml()
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const refuse = (at: number | undefined, message: string): never => {
    const place = at === undefined ? '' : `, line ${lines.linePos(at).line}`
    throw new CodedError('Deserialization', `${name}${place}: ${message}`)
  }
  const [broken] = document.errors
  if (broken) refuse(broken.pos[0], broken.message)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 20 })
  } catch (error) {
    refuse(undefined, error instanceof Error ? error.message : String(error))
  }
  const parsed = (kind === 'own' ? Own : Shared).safeParse(value ?? {})
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const where = (issue?.path ?? []).map(String)
  const reason = issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message
  if (unknown !== undefined)
    return refuse(placeOf(document, [...where, unknown]), `there is no setting called “${unknown}”`)
  return refuse(placeOf(document, where), `${where.join('.') || 'the file'}: ${reason ?? 'not valid'}`)
}

/** Where in the text a setting stands; of a missing one the place of what it is missing in. */
function placeOf(document: Yaml.Document.Parsed, path: readonly string[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    if (!yaml().isMap(parent)) continue
    const pair = parent.items.find(({ key }) => String((key as Yaml.Scalar).value) === path[length - 1])
    if (pair) return (pair.key as Yaml.Scalar).range?.[0]
  }
  return document.contents?.range[0]
}

/** Loaded where it is needed: without a file there is nothing to parse. */
export function yaml(): typeof Yaml {
  return createRequire(import.meta.url)('yaml') as typeof Yaml
}
