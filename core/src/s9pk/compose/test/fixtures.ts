import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const FIXTURES = join(import.meta.dirname, 'fixtures')

/** Names of the compose projects that the tests convert. */
export async function fixtureNames(): Promise<string[]> {
  return (await readdir(FIXTURES)).sort()
}

/** A directory of its own, which goes with the test. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'compose-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A copy of a compose project, to be changed. */
export async function fixtureCopy(name: string): Promise<AsyncDisposable & { path: string; file: string }> {
  const directory = await temporaryDirectory()
  const path = join(directory.path, name)
  await cp(join(FIXTURES, name), path, { recursive: true })
  const file = (await readdir(path)).find((one) => /compose\.ya?ml$/.test(one)) ?? ''
  return { path, file: join(path, file), [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() }
}

/** A compose project of these files; the first is the compose file. */
export async function projectOf(
  files: Record<string, string>,
): Promise<AsyncDisposable & { path: string; file: string }> {
  const directory = await temporaryDirectory()
  const path = join(directory.path, 'project')
  await mkdir(path, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(path, name, '..'), { recursive: true })
    await writeFile(join(path, name), content)
  }
  const file = join(path, Object.keys(files)[0] ?? '')
  return { path, file, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() }
}
