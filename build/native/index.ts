import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

export interface NativeOptions {
  cacheDir: string
  log: (line: string) => void
}

const SOURCES = import.meta.dirname

/**
 * Compiles the native helper (`start-container`) unless these very sources have been compiled before,
 * and answers the program's path. Needs the Debian packages tcc and libc6-dev.
 */
export async function buildNative({ cacheDir, log }: NativeOptions): Promise<string> {
  const files = (await readdir(SOURCES)).filter((name) => /\.[ch]$/.test(name)).sort()
  const hash = createHash('sha256')
  for (const name of files)
    hash
      .update(name)
      .update('\0')
      .update(await readFile(join(SOURCES, name)))
  const version = await projectVersion()
  const key = hash.update(version).digest('hex').slice(0, 16)
  const target = join(cacheDir, 'native', key, 'start-container')
  if (await exists(target)) return target
  log('Compiling the native helper')
  await mkdir(join(target, '..'), { recursive: true })
  const draft = `${target}.${process.pid}`
  const units = files.filter((name) => name.endsWith('.c')).map((name) => join(SOURCES, name))
  await execa('tcc', ['-O2', `-DVERSION="${version}"`, '-w', '-o', draft, ...units])
  await rename(draft, target)
  return target
}

async function projectVersion(): Promise<string> {
  const parsed: unknown = JSON.parse(await readFile(join(SOURCES, '../../package.json'), 'utf8'))
  return parsed !== null && typeof parsed === 'object' && 'version' in parsed ? String(parsed.version) : '0'
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
