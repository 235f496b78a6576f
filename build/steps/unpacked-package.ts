import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { CACHE } from './paths.ts'
import { fail, step } from './say.ts'

/**
 * Programs that tests run out of Debian packages which are not installed, because installing them would start a
 * service on this machine: each with its package.
 */
const PROGRAMS = { 'docker-registry': 'usr/bin/docker-registry' } as const

export type UnpackedProgram = keyof typeof PROGRAMS

/**
 * Fetches a Debian package and unpacks it into the cache, where it is not there yet; nothing of it is installed.
 * Answers with the path of its program.
 */
export async function unpackedProgram(name: UnpackedProgram): Promise<string> {
  const place = join(CACHE, 'unpacked', name)
  const program = join(place, PROGRAMS[name])
  if (existsSync(program)) return program
  await step(`Fetching ${name}, which the tests run without installing it`, () => fetchPackage(name, place))
  return program
}

async function fetchPackage(name: UnpackedProgram, place: string): Promise<void> {
  await mkdir(dirname(place), { recursive: true })
  await using undo = new AsyncDisposableStack()
  const directory = undo.adopt(await mkdtemp(`${place}.`), (path) =>
    rm(path, { recursive: true, force: true }),
  )
  // Without its own user apt complains that this user may not write here.
  const download = ['-qq', '-o', 'APT::Sandbox::User=root', 'download', name]
  const options = { cwd: directory, reject: false, all: true } as const
  let result = await execa('apt-get', download, options)
  if (result.failed) {
    await execa('apt-get', ['update', '-qq'], { reject: false })
    result = await execa('apt-get', download, options)
  }
  const archive = (await readdir(directory)).find((file) => file.endsWith('.deb'))
  if (result.failed || archive === undefined) fail(`apt-get could not fetch ${name}:\n${String(result.all)}`)
  const tree = join(directory, 'tree')
  await execa('dpkg-deb', ['-x', archive, tree], { cwd: directory })
  // Whoever fetched it at the same time was first.
  await rename(tree, place).catch((error: unknown) => {
    if (!existsSync(place)) throw error
  })
}
