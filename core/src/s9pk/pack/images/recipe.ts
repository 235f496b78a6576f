import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { CodedError } from '@startd/base/errors.ts'
import { ImageId } from '@startd/base/ids.ts'
import { errnoOf, fileError } from '../../file-error.ts'

export const DebianRecipe = z.strictObject({
  /** Release name such as bookworm. */
  suite: z.string().regex(/^[a-z][a-z0-9-]*$/),
  packages: z.array(z.string().regex(/^[a-z0-9][a-z0-9+.:=~-]*$/)).min(1),
  /**
   * How much comes besides the packages and what they need: `extract` unpacks only, without running install
   * scripts; `essential` adds what Debian takes for granted, `minbase` apt as well.
   */
  variant: z.enum(['extract', 'custom', 'essential', 'minbase']).default('essential'),
  /** A directory of the project whose contents are copied over the root. */
  files: z.string().optional(),
  /** Run one after another inside the finished root, each as program and arguments. */
  commands: z.array(z.array(z.string()).min(1)).default([]),
})
export type DebianRecipe = z.infer<typeof DebianRecipe>

const text = z.string()
const ImageRecipe = z
  .strictObject({
    debian: DebianRecipe.optional(),
    /** A directory of the project that is the root file system; `{arch}` stands for the architecture. */
    directory: text.optional(),
    workdir: text.default('/'),
    user: text.default('root'),
    entrypoint: z.array(text).nullable().default(null),
    cmd: z.array(text).nullable().default(null),
    env: z
      .record(z.string().regex(/^[^=\n]+$/), z.coerce.string().regex(/^[^\n]*$/, 'must be one line'))
      .default({}),
  })
  .refine((recipe) => !(recipe.debian && recipe.directory), 'give either debian or directory')
export type ImageRecipe = z.infer<typeof ImageRecipe>

export const PLAIN_IMAGE: ImageRecipe = ImageRecipe.parse({})

/** Reads `images.yaml` of a project: how each image is made. A project without the file has no recipes. */
export async function readRecipes(project: string): Promise<Record<string, ImageRecipe>> {
  const path = join(project, 'images.yaml')
  let source: string
  try {
    source = await readFile(path, 'utf8')
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return {}
    throw fileError(cause, `could not read ${path}`)
  }
  const result = z.record(ImageId, ImageRecipe).safeParse(parseYaml(path, source))
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new CodedError('Deserialization', `${path} is not valid (${problems.join('; ')})`)
}

function parseYaml(path: string, source: string): unknown {
  try {
    return parse(source)
  } catch (cause) {
    throw new CodedError(
      'Deserialization',
      `${path} is not YAML: ${cause instanceof Error ? cause.message : ''}`,
      { cause },
    )
  }
}
