import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pack as packTool } from '../cli/pack.ts'
import { createKeyFile } from '../key-files.ts'
import { newSeed } from '../keys.ts'
import { type PackOptions, packProject } from './index.ts'
import { MANIFEST, projectFiles, writeFiles } from './test/project.ts'
import { makeSquashfs } from './squashfs.ts'

const seed = newSeed()
let world: string
let project: string
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'repack-test-'))
  project = join(world, 'project')
})
afterEach(() => rm(world, { recursive: true }))

const cache = (name = 'cache') => join(world, name)
/** A clock by which all files are old enough to be trusted. */
const later = () => Date.now() + 10_000
const pack = (directory = project, options: Partial<PackOptions> = {}) =>
  packProject(directory, { seed, cacheDir: cache(), now: later, ...options })

describe('the same inputs', () => {
  it('give the same package whatever their times, their order, their place and the umask', async () => {
    await writeFiles(project, projectFiles())
    await chmod(join(project, 'assets/two/run'), 0o755)
    await chmod(join(project, 'rootfs/etc/motd'), 0o644)
    const first = await pack(project, { cacheDir: cache('one') })

    // A file system in memory lists the files in another order.
    const other = await mkdtemp('/dev/shm/repack-test-')
    const before = process.umask(0o077)
    try {
      await writeFiles(other, Object.fromEntries(Object.entries(projectFiles()).reverse()))
      await chmod(join(other, 'assets/two/run'), 0o700)
      // Of an image the rights count, because they are those of its users.
      for (const name of ['', 'etc']) await chmod(join(other, 'rootfs', name), 0o755)
      await chmod(join(other, 'rootfs/etc/motd'), 0o644)
      for (const name of ['assets/one/hello.txt', 'icon.svg']) await utimes(join(other, name), 1, 1)
      process.chdir(other)
      const second = await packProject('.', { seed, cacheDir: cache('two') })
      expect(second.commitment).toEqual(first.commitment)
      expect(await readFile(second.path)).toEqual(await readFile(first.path))
    } finally {
      process.umask(before)
      process.chdir(import.meta.dirname)
      await rm(other, { recursive: true })
    }
  })
})

describe('the bundle of a project', () => {
  const seedFile = () => join(world, 'key.pem')
  const run = () => packTool(project, { cacheDir: cache(), developerKey: seedFile() })
  const code = (title: string) => `export const manifest = ${JSON.stringify({ ...MANIFEST, title })}`

  it('is made anew where it was made here, and left alone where another tool made it', async () => {
    await createKeyFile(seedFile())
    const { 'javascript/index.js': foreign = '', ...files } = projectFiles()
    await writeFiles(project, { ...files, 'startos/index.ts': code('One') })
    expect((await run()).manifest.title).toBe('One')
    await writeFiles(project, { 'startos/index.ts': code('Two') })
    expect((await run()).manifest.title).toBe('Two')
    await writeFiles(project, { 'startos/index.ts': 'not ( code' })
    await expect(run()).rejects.toMatchObject({
      kind: 'Javascript',
      details: expect.stringContaining('index.ts'),
    })
    await rm(join(project, 'javascript'), { recursive: true, force: true })
    await writeFiles(project, { 'javascript/index.js': foreign })
    expect((await run()).manifest.title).toBe('Tiny')
  })
})

describe('packing again', () => {
  const size = 3_000_000
  beforeEach(async () => {
    await writeFiles(project, projectFiles())
    await rm(join(project, 'images.yaml'))
    await writeFiles(project, { 'content/random': randomBytes(size), 'images/x86_64/main.env': '' })
    await makeSquashfs(join(project, 'content'), join(project, 'images/x86_64/main.squashfs'), {
      owner: 'root',
    })
  })

  it('writes nothing while nothing has changed', async () => {
    const first = await pack()
    const { ino, mtimeMs } = await stat(first.path)
    const steps: string[] = []
    const second = await pack(project, { onStep: (text) => steps.push(text) })
    expect(second).toEqual({ ...first, unchanged: true })
    expect(await stat(first.path)).toMatchObject({ ino, mtimeMs })
    expect(steps).toEqual(['Reading the manifest'])
  })

  it('makes only what has changed', async () => {
    const first = await pack()
    await writeFile(join(project, 'assets/one/hello.txt'), 'changed')
    const steps: string[] = []
    const second = await pack(project, { onStep: (text) => steps.push(text) })
    expect(second.unchanged).toBe(false)
    expect(second.commitment).not.toEqual(first.commitment)
    expect(steps.slice(1)).toEqual(['Compressing assets', `Writing ${first.path}`])
  })

  it('writes anew when the package was changed, is gone, or is to be signed by another key', async () => {
    const first = await pack()
    await writeFile(first.path, 'x', { flag: 'a' })
    expect(await pack()).toEqual(first)
    await rm(first.path)
    expect(await pack()).toEqual(first)
    const other = await pack(project, { seed: newSeed() })
    expect(other.unchanged).toBe(false)
    expect(other.developerKey).not.toBe(first.developerKey)
  })

  it('notices a change that keeps length and time of modification', async () => {
    const image = join(project, 'images/x86_64/main.squashfs')
    const first = await pack()
    const { atime, mtime } = await stat(image)
    const bytes = await readFile(image)
    bytes[1_000_000]! ^= 1
    await writeFile(image, bytes)
    await utimes(image, atime, mtime)
    const second = await pack()
    expect(second.unchanged).toBe(false)
    expect(second.commitment).not.toEqual(first.commitment)
  })

  it('does not trust a file that was changed a moment ago', async () => {
    const now = Date.now
    await pack(project, { now })
    expect((await pack(project, { now })).unchanged).toBe(false)
  })

  it('works without the cache, and with a damaged one', async () => {
    const first = await pack()
    await writeFile(join(cache(), 'hashes.json'), '{"hashes":')
    expect(await pack()).toEqual(first)
    await rm(cache(), { recursive: true })
    expect(await pack()).toEqual(first)
    expect(
      (await readdir(cache())).filter((name) => !/^hashes\.json$|^image-.*\.squashfs$/.test(name)),
    ).toEqual([])
  })
})
