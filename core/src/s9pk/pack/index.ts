import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { type Manifest, printManifest } from '@startd/base/manifest.ts'
import { type Commitment, expectedFiles, publicKeyOf, publicKeyPem } from '@startd/base/s9pk/index.ts'
import { openS9pkFile } from '../file-source.ts'
import { type Content, bytesContent, fileContent } from '../write/content.ts'
import { writeArchive } from '../write/index.ts'
import { layOut } from '../write/layout.ts'
import { signTree } from '../write/signing.ts'
import { type SourceTree, treeOf } from '../write/source-tree.ts'
import { gitHash, loadManifest, narrowArches } from './authored-manifest.ts'
import { directoryKey } from './cache/directory-key.ts'
import { HashCache } from './cache/hash-cache.ts'
import { recall } from './cache/known-content.ts'
import { pruneCache } from './cache/prune.ts'
import { dependencyFiles } from './dependencies.ts'
import { cachedSquashfs } from './images/cache.ts'
import { imageContents } from './images/index.ts'
import { readRecipes } from './images/recipe.ts'
import { type IngredientOptions, type Ingredients, findIngredients } from './ingredients.ts'
import { makeSquashfs } from './squashfs.ts'

export interface PackOptions extends IngredientOptions {
  /** Seed of the key that signs the package. */
  seed: Uint8Array
  /** Default `<project>/<id>.s9pk`. */
  output?: string
  /** Architectures to pack; empty or absent for all that the manifest names. */
  arch?: string[]
  /** Built file systems and known hashes are kept here; default `~/.cache/startd/images`. */
  cacheDir?: string
  /** The clock, in milliseconds. */
  now?: () => number
  onStep?: (text: string) => void
  onProgress?: (written: number, total: number) => void
  signal?: AbortSignal
}

export interface PackedS9pk {
  path: string
  size: number
  manifest: Manifest
  commitment: Commitment
  /** PEM of the key that signed it. */
  developerKey: string
  warnings: string[]
  /** This very package was there already, so nothing was written. */
  unchanged: boolean
}

/**
 * Makes a signed package out of a project directory (s9pk.md §9): code, icon, licence, instructions, assets
 * and the images of each architecture. The output appears only when it is complete.
 */
export async function packProject(directory: string, options: PackOptions): Promise<PackedS9pk> {
  const project = resolve(directory)
  const onStep = options.onStep ?? (() => undefined)
  const ingredients = await findIngredients(project, options)
  onStep('Reading the manifest')
  const authored = await loadManifest(ingredients.javascript, options.signal)
  const { manifest: narrowed, warnings } = narrowArches(authored.manifest, options.arch ?? [])
  const cacheDir = await imageCache(options.cacheDir)
  await using undo = new AsyncDisposableStack()
  const workDir = undo.adopt(await mkdtemp(join(cacheDir, 'pack-')), (path) =>
    rm(path, { recursive: true, force: true }),
  )

  const hashes = await HashCache.open(cacheDir, options.now)
  const files = await imagesOf(project, narrowed, { cacheDir, workDir }, options)
  const manifest = packedManifest(narrowed, await gitHash(project))
  await addDocuments(files, ingredients, manifest)
  const places = { cacheDir, workDir, hashes }
  await addSquashfs(files, 'javascript', ingredients.javascript, places, options)
  if (ingredients.assets) await addSquashfs(files, 'assets', ingredients.assets, places, options)
  for (const [id, source] of Object.entries(authored.dependencies)) {
    const found = await dependencyFiles(project, id, source)
    if (found.size === 0)
      warnings.push(`Dependency ${id} has no title and icon to show before it is installed.`)
    for (const [path, content] of found) files.set(path, content)
  }

  await recall(files, hashes)
  const tree = treeOf(files)
  expectedFiles(manifest, tree.root, null)
  const path = resolve(options.output ?? join(project, `${manifest.id}.s9pk`))
  const developerKey = publicKeyPem(publicKeyOf(options.seed))
  const present = await presentOutput(tree, path, hashes, options.seed)
  if (!present) onStep(`Writing ${path}`)
  let commitment
  try {
    commitment = present ?? (await write(tree, path, hashes, options))
  } finally {
    await hashes.save()
  }
  await pruneCache(cacheDir)
  const { size } = await stat(path)
  return { path, size, manifest, commitment, developerKey, warnings, unchanged: present !== null }
}

async function write(
  tree: SourceTree,
  path: string,
  hashes: HashCache,
  { seed, onProgress, signal }: PackOptions,
): Promise<Commitment> {
  const progress = onProgress ? { onProgress } : {}
  const commitment = await writeArchive(tree, path, { signer: { seed }, signal, ...progress })
  const signer = publicKeyPem(publicKeyOf(seed))
  hashes.putOutput(path, await stat(path, { bigint: true }), { signer, ...commitment })
  return commitment
}

/** What this tree commits to, if just that lies under `path` already. Nothing large is read. */
async function presentOutput(
  tree: SourceTree,
  path: string,
  hashes: HashCache,
  seed: Uint8Array,
): Promise<Commitment | null> {
  if ([...tree.contents.values()].some(({ hash }) => hash === null)) return null
  const info = await stat(path, { bigint: true }).catch(() => null)
  const output = info && hashes.output(path, info)
  if (!output || output.signer !== publicKeyPem(publicKeyOf(seed))) return null
  const { commitment } = signTree(tree, layOut(tree, 'priority'), { seed })
  if (output.rootSighash !== commitment.rootSighash) return null
  await using opened = await openS9pkFile(path, { commitment }).catch(() => null)
  return opened && commitment
}

/** Where built file systems are kept; made if it is not there. */
export async function imageCache(given: string | undefined): Promise<string> {
  const usual = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'startd/images')
  const path = resolve(given ?? usual)
  await mkdir(path, { recursive: true })
  return path
}

async function imagesOf(
  project: string,
  manifest: Manifest,
  places: { cacheDir: string; workDir: string },
  options: PackOptions,
): Promise<Map<string, Content>> {
  const recipes = await readRecipes(project)
  const unknown = Object.keys(recipes).find((id) => !Object.hasOwn(manifest.images, id))
  if (unknown)
    throw new CodedError('InvalidRequest', `images.yaml describes “${unknown}”, which is not in the manifest`)
  const files = new Map<string, Content>()
  for (const [id, config] of Object.entries(manifest.images)) {
    for (const arch of config.arch) {
      const onStep = options.onStep ?? (() => undefined)
      const job = {
        project,
        id,
        arch,
        config,
        recipe: recipes[id],
        ...places,
        onStep,
        signal: options.signal,
      }
      for (const [path, content] of await imageContents(job)) files.set(path, content)
    }
  }
  return files
}

function packedManifest(manifest: Manifest, hash: string | null): Manifest {
  const images = Object.entries(manifest.images).map(([id, image]) => [
    id,
    { ...image, source: 'packed' as const },
  ])
  return { ...manifest, gitHash: hash, images: Object.fromEntries(images) }
}

async function addDocuments(
  files: Map<string, Content>,
  ingredients: Ingredients,
  manifest: Manifest,
): Promise<void> {
  files.set('manifest.json', bytesContent(Buffer.from(printManifest(manifest))))
  files.set(`icon${extname(ingredients.icon)}`, await fileContent(ingredients.icon))
  files.set('LICENSE.md', await fileContent(ingredients.license))
  files.set('instructions.md', await fileContent(ingredients.instructions))
}

async function addSquashfs(
  files: Map<string, Content>,
  name: 'javascript' | 'assets',
  directory: string,
  { cacheDir, workDir, hashes }: { cacheDir: string; workDir: string; hashes: HashCache },
  options: PackOptions,
): Promise<void> {
  const key = await directoryKey(directory, 'root', hashes)
  const path = await cachedSquashfs({ cacheDir, workDir }, key, async (output) => {
    options.onStep?.(`Compressing ${name}`)
    await makeSquashfs(directory, output, { owner: 'root', signal: options.signal })
  })
  files.set(`${name}.squashfs`, await fileContent(path))
}
