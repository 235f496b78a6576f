import { join } from 'node:path'
import { execa } from 'execa'
import { z } from 'zod'
import { CodedError } from '@startd/base/errors.ts'
import { PackageId } from '@startd/base/ids.ts'
import {
  DependencyInfo,
  type Manifest,
  Manifest as ManifestSchema,
  parseManifest,
} from '@startd/base/manifest.ts'
import { LocaleString } from '@startd/base/service-schemas.ts'

/** Longest time that loading a package's code may take. */
const LOAD_TIMEOUT_MS = 60_000
/** Prints on its own descriptor, because the package may print what it likes on the usual ones. */
const LOADER = `
  const loaded = require(process.argv[1])
  const manifest = loaded.manifest ?? loaded.default?.manifest
  if (!manifest) throw new Error('index.js exports no manifest')
  require('node:fs').writeSync(3, JSON.stringify(manifest))
  process.exit(0)`

/** Where the packer finds title and icon of a dependency; the packed manifest no longer has it. */
const DependencySource = DependencyInfo.extend({
  metadata: z.object({ title: LocaleString, icon: z.string() }).optional(),
  s9pk: z.string().nullish(),
})
export type DependencySource = z.infer<typeof DependencySource>

export interface AuthoredManifest {
  manifest: Manifest
  dependencies: Record<string, DependencySource>
}

/** Runs the package's bundle in a Node process of its own and takes the manifest that it exports. */
export async function loadManifest(javascript: string, signal?: AbortSignal): Promise<AuthoredManifest> {
  const result = await execa(process.execPath, ['-e', LOADER, join(javascript, 'index.js')], {
    reject: false,
    timeout: LOAD_TIMEOUT_MS,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { NODE_OPTIONS: '' },
    ...(signal && { cancelSignal: signal }),
  })
  if (result.timedOut) {
    throw new CodedError(
      'Javascript',
      `${javascript}/index.js did not finish loading within ${LOAD_TIMEOUT_MS / 1000} seconds`,
    )
  }
  const printed = result.stdio[3]
  if (result.failed || typeof printed !== 'string') {
    const said = String(result.stderr).trim().split('\n').slice(0, 12).join('\n')
    throw new CodedError('Javascript', `${javascript}/index.js could not be loaded:\n${said}`, {
      cause: result,
    })
  }
  return readAuthored(JSON.parse(printed))
}

function readAuthored(value: unknown): AuthoredManifest {
  const manifest = parseManifest(value)
  const sources = z
    .looseObject({ dependencies: z.record(PackageId, DependencySource).default({}) })
    .safeParse(value)
  if (!sources.success) {
    throw new CodedError(
      'Deserialization',
      `the dependencies of the manifest are not valid: ${sources.error.message}`,
    )
  }
  return { manifest, dependencies: sources.data.dependencies }
}

/**
 * Narrows a manifest to the architectures asked for (s9pk.md §9.2). An image that has none of them keeps the
 * one that can be emulated.
 */
export function narrowArches(
  manifest: Manifest,
  wanted: string[],
): { manifest: Manifest; warnings: string[] } {
  if (wanted.length === 0) return { manifest, warnings: [] }
  const supported = manifest.hardwareRequirements.arch
  const arches = supported ? wanted.filter((arch) => supported.includes(arch)) : wanted
  if (arches.length === 0) {
    throw new CodedError(
      'InvalidRequest',
      `this package supports ${supported?.join(', ')}, not ${wanted.join(', ')}`,
    )
  }
  const warnings: string[] = []
  const images = Object.entries(manifest.images).map(([id, image]) => {
    const arch = image.arch.filter((one) => arches.includes(one))
    if (arch.length > 0) return [id, { ...image, arch }]
    if (image.emulateMissingAs === null) {
      throw new CodedError(
        'InvalidRequest',
        `image ${id} is for ${image.arch.join(', ')} only and must not be emulated`,
      )
    }
    warnings.push(
      `Image ${id} is not made for ${arches.join(', ')}; ${image.emulateMissingAs} will be emulated.`,
    )
    return [id, { ...image, arch: [image.emulateMissingAs] }]
  })
  const hardwareRequirements = { ...manifest.hardwareRequirements, arch: arches }
  return {
    manifest: ManifestSchema.parse({ ...manifest, images: Object.fromEntries(images), hardwareRequirements }),
    warnings,
  }
}

/** The commit of the project, marked when files were changed since; null outside a repository. */
export async function gitHash(project: string): Promise<string | null> {
  const git = (...args: string[]) =>
    execa('git', ['-C', project, ...args], { reject: false, stdin: 'ignore' })
  const head = await git('rev-parse', 'HEAD')
  if (head.failed) return null
  // Unlike “diff-index” this looks into files of which only the times have changed, as in a copied project.
  const changes = await git('status', '--porcelain', '--untracked-files=no')
  return changes.failed || changes.stdout !== '' ? `${head.stdout}-modified` : head.stdout
}
