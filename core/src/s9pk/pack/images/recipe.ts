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

const text = z.string().min(1)

/** A container image on disk; `tag` says which one where a file holds several. */
export const ContainerRecipe = z.union([
  text.transform((path) => ({ path, tag: undefined })),
  z.strictObject({ path: text, tag: text.optional() }),
])
export type ContainerRecipe = z.infer<typeof ContainerRecipe>

/** An image to be fetched; `insecure` speaks HTTP without TLS to a registry that is not on this machine. */
export const RegistryRecipe = z.union([
  text.transform((reference) => ({ reference, insecure: false })),
  z.strictObject({ reference: text, insecure: z.boolean().default(false) }),
])

const BuildArgument = z.union([z.strictObject({ env: text }), z.coerce.string()])
export const DockerfileRecipe = z.union([
  text.transform((file) => ({ file, context: undefined, target: undefined, args: {} })),
  z.strictObject({
    file: text.default('Dockerfile'),
    /** Directory whose files the Dockerfile may copy; default is the one it lies in. */
    context: text.optional(),
    target: text.optional(),
    args: z.record(z.string().regex(/^\w+$/), BuildArgument).default({}),
  }),
])
export type DockerfileRecipe = z.infer<typeof DockerfileRecipe>

/** Where the root file system comes from: at most one. `{arch}` in a path stands for the architecture. */
const SOURCES = {
  debian: DebianRecipe.optional(),
  /** A directory that is the root file system. */
  directory: text.optional(),
  /** A tar archive of the root file system, packed or not. */
  tar: text.optional(),
  squashfs: text.optional(),
  /** An OCI image layout (directory or archive) or what `docker save` wrote. */
  oci: ContainerRecipe.optional(),
  registry: RegistryRecipe.optional(),
  dockerfile: DockerfileRecipe.optional(),
}
const NAMES = Object.keys(SOURCES) as (keyof typeof SOURCES)[]

/** What is not given comes from the container image, where there is one. */
const ImageRecipe = z
  .strictObject({
    ...SOURCES,
    workdir: text.optional(),
    user: text.optional(),
    entrypoint: z.array(z.string()).nullish(),
    cmd: z.array(z.string()).nullish(),
    env: z
      .record(z.string().regex(/^[^=\n]+$/), z.coerce.string().regex(/^[^\n]*$/, 'must be one line'))
      .default({}),
  })
  .refine(
    (recipe) => NAMES.filter((name) => recipe[name] !== undefined).length < 2,
    `give only one of ${NAMES.join(', ')}`,
  )
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
