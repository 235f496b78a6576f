import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CodedError } from '@startd/base/errors.ts'
import { openS9pkFile } from '../file-source.ts'
import { newSeed } from '../keys.ts'
import { receiveS9pk } from '../receive/index.ts'
import { type PackOptions, packProject } from './index.ts'
import { MANIFEST } from './test/project.ts'

const execute = promisify(execFile)
const seed = newSeed()
let world: string
let project: string

const manifest = {
  ...MANIFEST,
  images: { main: { source: 'packed', arch: ['x86_64', 'aarch64'], emulateMissingAs: null } },
  dependencies: {
    other: { description: null, optional: true, metadata: { title: 'Other', icon: './icon.svg' } },
  },
  hardwareRequirements: { device: [], ram: null, arch: ['x86_64', 'aarch64'] },
}

beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'pack-test-'))
  project = join(world, 'project')
  await write(
    'javascript/index.js',
    `console.log('noise'); exports.manifest = ${JSON.stringify(manifest)}; setInterval(() => {}, 1000)`,
  )
  await write('icon.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await write('LICENSE', 'MIT')
  await write('instructions.md', '# Hi')
  await write('assets/hello.txt', 'hello')
  await write('rootfs/etc/motd', 'welcome')
  await write('rootfs/bin/run', '#!/bin/sh\n')
  await chmod(join(project, 'rootfs/bin/run'), 0o755)
  await write(
    'images.yaml',
    'main:\n  directory: rootfs\n  cmd: [/bin/run]\n  env: { MODE: fast, PORT: 80 }\n',
  )
})
afterEach(() => rm(world, { recursive: true }))

async function write(name: string, text: string) {
  const path = join(project, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, text)
}
const pack = (options: Partial<PackOptions> = {}) =>
  packProject(project, { seed, cacheDir: join(world, 'cache'), ...options })

/** Directories in the cache that only a packing needs. */
async function unfinished() {
  const entries = await readdir(join(world, 'cache'), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory())
}

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('a packed project', () => {
  it('is a package that verifies, with all its parts', async () => {
    const packed = await pack()
    expect(packed.path).toBe(join(project, 'tiny.s9pk'))
    await using file = await openS9pkFile(packed.path, { commitment: packed.commitment })
    await file.s9pk.verify()
    expect(file.s9pk.manifest).toMatchObject({
      id: 'tiny',
      gitHash: null,
      images: { main: { source: 'packed' } },
    })
    expect(file.s9pk.members().map(({ path }) => path)).toEqual([
      'LICENSE.md',
      'assets.squashfs',
      'dependencies/other/icon.svg',
      'dependencies/other/metadata.json',
      'icon.svg',
      'images/aarch64/main.env',
      'images/aarch64/main.json',
      'images/aarch64/main.squashfs',
      'images/x86_64/main.env',
      'images/x86_64/main.json',
      'images/x86_64/main.squashfs',
      'instructions.md',
      'javascript.squashfs',
      'manifest.json',
    ])
    const text = async (path: string) => Buffer.from(await file.s9pk.readFile(path)).toString()
    expect(await text('images/x86_64/main.json')).toBe(
      '{"workdir":"/","user":"root","entrypoint":null,"cmd":["/bin/run"]}',
    )
    expect((await text('images/x86_64/main.env')).split('\n').slice(1)).toEqual(['MODE=fast', 'PORT=80'])
    expect(await file.s9pk.dependencyMetadata('other')).toMatchObject({ title: 'Other' })
    expect(await unfinished()).toEqual([])
  })

  it('has the same root hash each time', async () => {
    const first = await pack({ output: join(world, 'one.s9pk') })
    const second = await pack({ output: join(world, 'two.s9pk') })
    expect(second.commitment).toEqual(first.commitment)
    expect(await readFile(second.path)).toEqual(await readFile(first.path))
  })

  it('holds squashfs members that are readable in place', async () => {
    const packed = await pack()
    await using file = await openS9pkFile(packed.path)
    const { offset, size } = file.s9pk.member('images/x86_64/main.squashfs')
    expect(size % 4096).toBe(0)
    const { stdout } = await execute('unsquashfs', ['-o', `${offset}`, '-cat', packed.path, 'etc/motd'])
    expect(stdout).toBe('welcome')
  })

  it('can be narrowed to one architecture', async () => {
    const { manifest: narrowed, path } = await pack({ arch: ['x86_64'] })
    expect(narrowed).toMatchObject({
      images: { main: { arch: ['x86_64'] } },
      hardwareRequirements: { arch: ['x86_64'] },
    })
    await using file = await openS9pkFile(path)
    expect(file.s9pk.file('images/aarch64')).toBeNull()
    await expect(pack({ arch: ['riscv64'] })).rejects.toThrow(/supports aarch64, x86_64, not riscv64/)
  })

  it('is received in chunks of any size, and refused with nothing left when a byte is flipped', async () => {
    const { path, commitment } = await pack()
    const bytes = await readFile(path)
    const archive = join(world, 'archive')
    for (const size of [977, 4096, 65_537, bytes.length]) {
      const received = await receiveS9pk(inChunks(bytes, size), archive, { arch: 'x86_64', commitment })
      expect(await readFile(received.path)).toEqual(bytes)
      await rm(received.path)
    }
    for (let i = 0; i < 25; i++) {
      const damaged = Buffer.from(bytes)
      damaged[Math.floor((bytes.length * i) / 25)]! ^= 1
      await expect(receiveS9pk(inChunks(damaged, 5000), archive, { arch: 'x86_64' })).rejects.toThrow(
        CodedError,
      )
    }
    const left = await readdir(archive, { recursive: true, withFileTypes: true })
    expect(left.filter((entry) => entry.isFile())).toEqual([])
  })

  it('may have an image made of Debian packages, built once', async () => {
    await write('overlay/srv/page', 'hi')
    const recipe = { suite: 'bookworm', packages: ['busybox-static'], variant: 'extract', files: 'overlay' }
    const commands = [['/bin/busybox', '--install', '-s', '/bin']]
    await write('images.yaml', JSON.stringify({ main: { debian: { ...recipe, commands } } }))
    const steps: string[] = []
    const onStep = (step: string) => steps.push(step)
    const first = await pack({ arch: ['x86_64'], onStep })
    expect(first.size).toBeLessThan(3_000_000)
    expect(steps.some((step) => step.startsWith('Building a root file system'))).toBe(true)
    steps.length = 0
    const second = await pack({ arch: ['x86_64'], onStep })
    expect(second.commitment).toEqual(first.commitment)
    expect(steps.some((step) => step.startsWith('Building'))).toBe(false)
    await using file = await openS9pkFile(second.path)
    const { offset } = file.s9pk.member('images/x86_64/main.squashfs')
    const { stdout } = await execute('unsquashfs', ['-o', `${offset}`, '-lls', second.path])
    for (const name of ['bin/sh -> /bin/busybox', 'srv/page', 'etc/passwd']) expect(stdout).toContain(name)
  })
})

describe('a project that cannot be packed', () => {
  const refusal = async (options: Partial<PackOptions> = {}) => {
    const error = await pack(options).catch((thrown: unknown) => thrown)
    if (!(error instanceof CodedError)) throw new Error('was packed or failed otherwise', { cause: error })
    expect(await stat(join(project, 'tiny.s9pk')).catch(() => null)).toBeNull()
    return `${error.kind}: ${error.details}`
  }

  it('is told what is missing and where it belongs', async () => {
    await rm(join(project, 'icon.svg'))
    expect(await refusal()).toMatch(/NotFound: .* has no icon\.svg/)
    await write('icon.svg', '<svg/>')
    await write('Icon.png', 'x')
    expect(await refusal()).toMatch(/InvalidRequest: .*more than one icon/)
    await rm(join(project, 'Icon.png'))
    await rm(join(project, 'instructions.md'))
    expect(await refusal()).toMatch(/instructions\.md; write a few lines/)
    await write('instructions.md', '')
    await rm(join(project, 'images.yaml'))
    expect(await refusal()).toMatch(/image main has no .*main\.squashfs; put its root file system there/)
  })

  it('is told when its code fails', async () => {
    await write('javascript/index.js', 'throw new Error("broken at load")')
    expect(await refusal()).toMatch(/Javascript: [^]*broken at load/)
    await write('javascript/index.js', 'exports.other = 1')
    expect(await refusal()).toMatch(/exports no manifest/)
    await write(
      'javascript/index.js',
      `exports.manifest = ${JSON.stringify({ ...manifest, id: 'Not An Id' })}`,
    )
    expect(await refusal()).toMatch(/Deserialization: .*id: use lower-case/)
  })

  it('is told when an image recipe is wrong', async () => {
    await write('images.yaml', 'main: { debian: { suite: bookworm, packages: [] } }')
    expect(await refusal()).toMatch(/images\.yaml is not valid \(main\.debian\.packages/)
    await write('images.yaml', 'other: { directory: rootfs }')
    expect(await refusal()).toMatch(/“other”, which is not in the manifest/)
    await write(
      'images.yaml',
      'main: { debian: { suite: bookworm, packages: [no-such-package-anywhere], variant: extract } }',
    )
    expect(await refusal({ arch: ['x86_64'] })).toMatch(
      /Pack: mmdebstrap failed:[^]*no-such-package-anywhere/,
    )
    expect(await unfinished()).toEqual([])
  })
})
