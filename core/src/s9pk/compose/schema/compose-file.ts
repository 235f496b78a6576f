import { z } from 'zod'
import { flag, text } from './scalars.ts'

const External = z.union([flag, z.looseObject({ name: text.optional() })])

const Volume = z.looseObject({ external: External.optional(), name: text.optional() }).nullable()

/** A config or secret: where its content comes from. */
const Content = z.looseObject({
  file: text.optional(),
  content: text.optional(),
  environment: text.optional(),
  external: External.optional(),
})
export type Content = z.output<typeof Content>

/** The top of a compose file. Services are read one by one, after `extends` is resolved. */
export const ComposeFile = z.looseObject({
  version: text.optional(),
  name: text.optional(),
  services: z.record(z.string(), z.record(z.string(), z.unknown()).nullable()),
  volumes: z.record(text, Volume).nullish(),
  configs: z.record(text, Content).nullish(),
  secrets: z.record(text, Content).nullish(),
  networks: z.record(text, z.unknown()).nullish(),
})
export type ComposeFile = z.output<typeof ComposeFile>
