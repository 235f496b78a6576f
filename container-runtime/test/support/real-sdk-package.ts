import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const REAL_SDK_PACKAGE = join(import.meta.dirname, '../real-sdk-package')
const CACHE = join(import.meta.dirname, '../../../.cache/real-sdk-package')
const SOURCES = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'startos']

/**
 * The directory with `index.js`, bundled from the package's sources with the published SDK, in the way that
 * the SDK's own build does it: check types, then ncc. Kept by the hash of the sources; the first build needs
 * the npm registry and some 20 seconds.
 */
export async function realSdkBundle(): Promise<string> {
  const target = join(CACHE, await sourceHash())
  if (await exists(join(target, 'index.js'))) return target
  await mkdir(CACHE, { recursive: true })
  // As in an author's project: bundles below are CommonJS, whatever the project around them is.
  await writeFile(join(CACHE, 'package.json'), '{}')
  const work = await mkdtemp(join(CACHE, 'build-'))
  try {
    for (const name of SOURCES) await cp(join(REAL_SDK_PACKAGE, name), join(work, name), { recursive: true })
    await npm(work, 'ci')
    await npm(work, 'run', 'check')
    await npm(work, 'run', 'build')
    await rm(target, { recursive: true, force: true })
    await rename(join(work, 'javascript'), target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return target
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  try {
    await run('npm', [...args, '--no-audit', '--no-fund'], { cwd, env: { ...process.env, PATH: path } })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`npm ${args.join(' ')} failed: ${stdout}${stderr}`, { cause: error })
  }
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of SOURCES) {
    const path = join(REAL_SDK_PACKAGE, name)
    const files = (await stat(path)).isDirectory()
      ? (await readdir(path, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
      : [path]
    for (const file of files)
      hash.update(`${file.slice(REAL_SDK_PACKAGE.length)}\0`).update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 24)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
