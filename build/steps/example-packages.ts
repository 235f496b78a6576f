import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { access, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { join, relative } from 'node:path'
import { createKeyFile, packProject, readPrivateKey } from '../../core/src/s9pk/index.ts'
import { bundlePackage } from '../../sdk/package/build.ts'
import { CACHE, ROOT } from './paths.ts'

const EXAMPLES = join(ROOT, 'sdk/examples')
/** Code whose change makes another package out of the same project. */
const PACKER = join(ROOT, 'core/src/s9pk')
const GENERATED = /(^|\/)javascript(\/|$)|\.s9pk$|(^|\/)node_modules(\/|$)/
const MACHINES: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64', riscv64: 'riscv64' }

export interface ExamplePackage {
  name: string
  /** The signed package. */
  path: string
  /** It was there already, made from the same content. */
  cached: boolean
  /** Bytes of its code. */
  bundleSize: number
}

/** Names of the example packages. */
export async function exampleNames(): Promise<string[]> {
  const entries = await readdir(EXAMPLES, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(EXAMPLES, entry.name, 'startos')))
    .map(({ name }) => name)
    .sort()
}

/** Bundles, packs and signs one example for this machine's processor; does nothing when nothing has changed. */
export async function buildExample(
  name: string,
  onStep: (text: string) => void = () => {},
): Promise<ExamplePackage> {
  const directory = join(EXAMPLES, name)
  const bundle = await bundlePackage(directory)
  const path = join(directory, `${name}.s9pk`)
  const record = join(CACHE, 'examples', `${name}.sha256`)
  const digest = await contentDigest([directory, PACKER], bundle.path)
  const result = { name, path, bundleSize: bundle.size }
  if ((await isThere(path)) && (await readFile(record, 'utf8').catch(() => '')) === digest) {
    return { ...result, cached: true }
  }
  await packProject(directory, {
    seed: await exampleKey(),
    output: path,
    arch: [MACHINES[arch()] ?? arch()],
    cacheDir: join(CACHE, 'images'),
    onStep,
  })
  await mkdir(join(CACHE, 'examples'), { recursive: true })
  await writeFile(record, digest)
  return { ...result, cached: false }
}

/** The key that signs the examples on this machine; made on first use. */
async function exampleKey(): Promise<Uint8Array> {
  const path = join(CACHE, 'examples', 'developer.key.pem')
  await createKeyFile(path)
  return readPrivateKey(await readFile(path, 'utf8'))
}

async function contentDigest(directories: string[], bundle: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(bundle))
  for (const directory of directories) {
    for (const file of await filesBelow(directory)) {
      hash
        .update(relative(directory, file))
        .update('\0')
        .update(await readFile(file))
    }
  }
  return hash.digest('hex')
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !GENERATED.test(relative(directory, path)))
    .sort()
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
