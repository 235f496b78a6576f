import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** The package that is written against the published SDK pins the same version for us. */
const PROJECT = join(import.meta.dirname, '../../../container-runtime/test/real-sdk-package')
const CACHE = join(import.meta.dirname, '../../../.cache/published-sdk')
const FILES = ['package.json', 'package-lock.json', '.npmrc']

/**
 * Loads modules of the published SDK, by their paths in it. It is installed beside the workspace, kept by the hash of
 * its lock file; the first time needs the npm registry and some 10 seconds.
 */
export async function publishedSdk(): Promise<NodeJS.Require> {
  const hash = createHash('sha256')
  for (const name of FILES) hash.update(await readFile(join(PROJECT, name)))
  const target = join(CACHE, hash.digest('hex').slice(0, 24))
  if (!(await exists(join(target, 'node_modules')))) await install(target)
  return createRequire(join(target, 'package.json'))
}

async function install(target: string): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const work = await mkdtemp(join(CACHE, 'install-'))
  try {
    for (const name of FILES) await cp(join(PROJECT, name), join(work, name))
    const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: work,
      env: { ...process.env, PATH: path },
    })
    await rename(work, target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
