import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CodedError } from '@startd/base/errors.ts'
import { defaultsOf, squashLayers } from '../index.ts'
import { imageOf, indexOf } from '../test/images.ts'
import { contentIn, listing, tarOf } from '../test/layers.ts'
import { type TestRegistry, startRegistry } from '../test/registry.ts'
import { registryImage } from './index.ts'

let registry: TestRegistry
let world: string

const base = tarOf(
  { path: 'bin/' },
  { path: 'bin/app', mode: 0o755, content: 'old' },
  { path: 'etc/gone', content: 'x' },
  { path: 'opt/a/b', content: 'b' },
)
const upper = tarOf(
  { path: 'etc/.wh.gone' },
  { path: 'opt/a/.wh..wh..opq' },
  { path: 'opt/a/new', content: 'new' },
  { path: 'bin/app', mode: 0o755, content: 'new' },
  { path: 'bin/alias', type: 'link', linkname: 'bin/app' },
)
const CONFIG = {
  User: 'web:www',
  Env: ['PATH=/bin', 'MODE=a=b'],
  Entrypoint: ['/bin/app'],
  Cmd: ['serve'],
  WorkingDir: '/opt',
  ExposedPorts: { '8080/tcp': {} },
  Volumes: { '/data': {} },
  Labels: { maintainer: 'us' },
}
const amd = imageOf([base, upper], { config: CONFIG, packings: ['gzip', 'zstd'] })
const arm = imageOf([base, tarOf({ path: 'arm', content: 'arm' })], { architecture: 'arm64', variant: 'v8' })
const many = indexOf(
  imageOf([base], { architecture: 'arm', variant: 'v7' }),
  imageOf([tarOf({ path: 'v3' })], { variant: 'v3' }),
  amd,
  arm,
)

beforeAll(async () => {
  registry = await startRegistry()
  await registry.push('library/app', '1.0', many)
  await registry.push('single', 'latest', arm)
  await registry.push('nested/deep', 'latest', indexOf(many))
})
afterAll(() => registry[Symbol.asyncDispose]())
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'pull-test-'))
})
afterEach(() => rm(world, { recursive: true }))

const pull = (name: string, arch = 'x86_64', steps: string[] = []) =>
  registryImage(`${registry.host}/${name}`, {
    arch,
    cacheDir: join(world, 'blobs'),
    onStep: (step) => steps.push(step),
    credentials: null,
  })

async function rootfs(name: string, arch?: string): Promise<string> {
  const image = await pull(name, arch)
  const output = join(world, 'root.squashfs')
  await rm(output, { force: true })
  await squashLayers(await image.layers(), output, { what: name, whiteouts: true })
  return output
}

describe('an image from a registry', () => {
  it('becomes the root file system that its layers describe', async () => {
    const squashfs = await rootfs('library/app:1.0')
    expect(await listing(squashfs)).toEqual({
      '/': 'drwxr-xr-x 0/0',
      bin: 'drwxr-xr-x 0/0',
      'bin/alias': '-rwxr-xr-x 0/0 3',
      'bin/app': '-rwxr-xr-x 0/0 3',
      dev: 'drwxr-xr-x 0/0',
      etc: 'drwxr-xr-x 0/0',
      opt: 'drwxr-xr-x 0/0',
      'opt/a': 'drwxr-xr-x 0/0',
      'opt/a/new': '-rw-r--r-- 0/0 3',
      proc: 'drwxr-xr-x 0/0',
      run: 'drwxr-xr-x 0/0',
      sys: 'drwxr-xr-x 0/0',
      tmp: 'drwxrwxrwt 0/0',
    })
    expect(await contentIn(squashfs, 'bin/alias')).toBe('new')
  })

  it('brings what it says of how it is run', async () => {
    expect(defaultsOf((await pull('library/app:1.0')).configuration)).toEqual({
      user: 'web:www',
      env: ['PATH=/bin', 'MODE=a=b'],
      entrypoint: ['/bin/app'],
      cmd: ['serve'],
      workdir: '/opt',
      exposedPorts: ['8080/tcp'],
      volumes: ['/data'],
      labels: { maintainer: 'us' },
    })
    const plain = defaultsOf((await pull('single', 'aarch64')).configuration)
    expect(plain).toMatchObject({ user: 'root', workdir: '/', entrypoint: null, cmd: null, env: [] })
  })

  it('is the one for the architecture that is asked for', async () => {
    expect(await contentIn(await rootfs('library/app:1.0', 'aarch64'), 'arm')).toBe('arm')
    expect((await pull('library/app:1.0', 'armv7l')).configuration.variant).toBe('v7')
    expect((await pull('nested/deep', 'aarch64')).configuration.architecture).toBe('arm64')
    await expect(pull('library/app:1.0', 'riscv64')).rejects.toMatchObject({
      kind: 'NotFound',
      details: `image ${registry.host}/library/app:1.0 has no image for linux/riscv64; it has linux/arm/v7, linux/amd64/v3, linux/amd64, linux/arm64/v8`,
    })
    await expect(pull('single:latest', 'x86_64')).rejects.toThrow(
      /is for linux\/arm64\/v8, not for linux\/amd64/,
    )
  })

  it('is fetched once, and by digest without asking again', async () => {
    const name = `library/app@${many.root.digest}`
    const steps: string[] = []
    await (await pull(name, 'x86_64', steps)).layers()
    expect(steps).toEqual([
      expect.stringContaining('Asking for'),
      expect.stringMatching(/Fetching 2 layers of .* MB\)/),
    ])
    const kept = await readdir(join(world, 'blobs/sha256'))
    expect(kept.sort()).toEqual(
      [many, amd]
        .flatMap(({ root }) => [root.digest.slice(7)])
        .concat([...amd.blobs.keys()].map((digest) => digest.slice(7)))
        .filter((digest, i, all) => all.indexOf(digest) === i)
        .sort(),
    )
    const again: string[] = []
    await (await pull(name, 'x86_64', again)).layers()
    expect(again).toEqual([])
  })

  it('that is not there is said so', async () => {
    await expect(pull('library/app:2.0')).rejects.toMatchObject({ kind: 'NotFound' })
    await expect(pull('nothing')).rejects.toThrow(/has no nothing:latest/)
    await expect(pull('Not/Valid')).rejects.toBeInstanceOf(CodedError)
  })
})
