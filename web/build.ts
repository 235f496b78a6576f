import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { initialScript } from './initial-script.ts'

const WEB = import.meta.dirname
const ROOT = join(WEB, '..')
/** Where Angular's builder writes (angular.json). */
const BUILT = join(WEB, '.angular/www')
const STAMP = '.inputs'

/** Most script that may be loaded before the first page shows, gzipped. */
export const SCRIPT_LIMIT = 300_000

const INPUTS = [
  'web/projects/**/*',
  'web/*.{json,ts}',
  'sdk/base/src/**/*.ts',
  'patch-db/{client,src}/**/*.ts',
  'package-lock.json',
]
/** A compressed copy that saves less than this share is not worth a file (rpc.md §3.1). */
const WORTH = 0.3

/**
 * Builds the web pages into `outDir`, with compressed siblings. Does nothing where `outDir` was built from
 * the same inputs. Throws with the builder's words when it fails, and when the first page loads too much script.
 */
export async function buildWeb({ outDir }: { outDir: string }): Promise<void> {
  const inputs = await hashInputs()
  const stamp = await readFile(join(outDir, STAMP), 'utf8').catch(() => null)
  if (stamp === inputs) return
  await runBuilder()
  const script = await initialScript(BUILT)
  console.log(`Web pages: ${(script / 1000).toFixed(1)} kB of script for the first page (gzip -9)`)
  if (script > SCRIPT_LIMIT) {
    throw new Error(
      `The first page loads ${script} bytes of gzipped script; the limit is ${SCRIPT_LIMIT}. Load more of it lazily.`,
    )
  }
  await rm(outDir, { recursive: true, force: true })
  await mkdir(outDir, { recursive: true })
  await cp(BUILT, outDir, { recursive: true })
  await compressAll(outDir)
  await writeFile(join(outDir, STAMP), inputs)
}

async function hashInputs(): Promise<string> {
  const hash = createHash('sha256')
  const files: string[] = []
  for await (const entry of glob(INPUTS, { cwd: ROOT, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name))
  }
  for (const file of files.sort()) hash.update(`${relative(ROOT, file)}\0`).update(await readFile(file))
  return hash.digest('hex')
}

async function runBuilder(): Promise<void> {
  const ng = join(ROOT, 'node_modules/@angular/cli/bin/ng.js')
  const builder = spawn(process.execPath, [ng, 'build', 'admin'], {
    cwd: WEB,
    env: { ...process.env, NG_CLI_ANALYTICS: 'false', NO_COLOR: '1', CI: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  for (const output of [builder.stdout, builder.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => said.push(text))
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    builder.once('error', reject).once('close', resolve)
  })
  if (code !== 0) throw new Error(`The web pages could not be built:\n${said.join('')}`)
}

async function compressAll(directory: string): Promise<void> {
  for await (const file of glob('**/*.{js,css,html,svg,txt}', { cwd: directory })) {
    const path = join(directory, file)
    const content = await readFile(path)
    const copies = {
      gz: await promisify(gzip)(content, { level: 9 }),
      br: await promisify(brotliCompress)(content, {
        params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
      }),
    }
    for (const [suffix, copy] of Object.entries(copies)) {
      if (copy.length < content.length * (1 - WORTH)) await writeFile(`${path}.${suffix}`, copy)
    }
  }
}
