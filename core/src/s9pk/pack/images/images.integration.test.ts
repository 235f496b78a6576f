import { copyFile, link, mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { machine, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import type { ImageConfig } from '@startd/base/manifest.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buffer, text } from 'node:stream/consumers'
import { imageOf, indexOf, layoutArchive, writeLayout } from '../../../oci/test/images.ts'
import { contentIn, gzipped, listing, tarOf, xattrsIn } from '../../../oci/test/layers.ts'
import { type TestRegistry, startRegistry } from '../../../oci/test/registry.ts'
import { imageContents } from './index.ts'
import { readRecipes } from './recipe.ts'

let world: string
let project: string
let steps: string[]
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'images-test-'))
  project = join(world, 'project')
  steps = []
  await mkdir(project)
})
afterEach(() => rm(world, { recursive: true }))

const ARCH = machine()
// Engines cannot run containers everywhere where tests run; a plain chroot will do for a test.
process.env['BUILDAH_ISOLATION'] = 'chroot'
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const rootfs = tarOf(
  { path: 'etc/' },
  { path: 'etc/motd', content: 'welcome' },
  { path: 'bin/su', mode: 0o4755 },
)
const image = imageOf([rootfs, tarOf({ path: 'etc/.wh.motd' }, { path: 'etc/new', content: 'new' })], {
  architecture: ARCH === 'aarch64' ? 'arm64' : 'amd64',
  config: {
    User: 'web',
    Env: ['PATH=/opt', 'A=1', 'LINES=a\nb'],
    Entrypoint: ['/entry'],
    Cmd: ['serve'],
    ExposedPorts: { '80/tcp': {} },
  },
})

interface Packed {
  squashfs: string
  json: string
  env: string
}

/** The members of the only image of the project. */
async function pack(recipe?: object, source: ImageConfig['source'] = 'packed'): Promise<Packed> {
  if (recipe) await writeFile(join(project, 'images.yaml'), JSON.stringify({ main: recipe }))
  const recipes = await readRecipes(project)
  const cacheDir = join(world, 'cache')
  await mkdir(cacheDir, { recursive: true })
  const workDir = await mkdtemp(join(cacheDir, 'pack-'))
  const config = { source, arch: [ARCH], emulateMissingAs: null, nvidiaContainer: false }
  const job = { project, id: 'main', arch: ARCH, config, recipe: recipes['main'], cacheDir, workDir }
  try {
    const files = await imageContents({ ...job, onStep: (step) => steps.push(step) })
    const member = (kind: string) => files.get(`images/${ARCH}/main.${kind}`)!.read()
    const squashfs = join(world, 'member.squashfs')
    await writeFile(squashfs, await buffer(member('squashfs')))
    return { squashfs, json: await text(member('json')), env: await text(member('env')) }
  } finally {
    await rm(workDir, { recursive: true })
  }
}

async function refusal(...given: Parameters<typeof pack>): Promise<string> {
  const error = await pack(...given).catch((thrown: unknown) => thrown)
  if (!(error instanceof CodedError)) throw new Error('was packed or failed otherwise', { cause: error })
  expect((await readdir(join(world, 'cache'))).filter((name) => name !== 'blobs')).toEqual([])
  return `${error.kind}: ${error.details}`
}

describe('a root file system', () => {
  it('may be a tar archive, and is not made twice', async () => {
    await writeFile(join(project, `root-${ARCH}.tar.gz`), gzipped(rootfs))
    const { squashfs, json, env } = await pack({ tar: 'root-{arch}.tar.gz', cmd: ['/bin/sh'], env: { B: 2 } })
    expect(await listing(squashfs)).toMatchObject({
      'bin/su': '-rwsr-xr-x 0/0 0',
      'etc/motd': '-rw-r--r-- 0/0 7',
    })
    expect(json).toBe('{"workdir":"/","user":"root","entrypoint":null,"cmd":["/bin/sh"]}')
    expect(env).toBe(`${PATH}\nB=2`)
    expect(steps).toEqual([`Compressing image main for ${ARCH}`])
    const first = await readFile(squashfs)
    await pack()
    expect(steps).toHaveLength(1)
    expect((await readFile(squashfs)).equals(first)).toBe(true)
  })

  it('may be a directory, with its owners and capabilities', async () => {
    const root = join(project, 'root')
    await mkdir(root)
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex').toString('latin1')
    const xattrs = new Map([['security.capability', capability]])
    const server = { path: 'bin/server', mode: 0o755, uid: 1000, gid: 50, content: 'server', xattrs }
    await execa('tar', ['-C', root, '--xattrs', '--xattrs-include=*', '-xf', '-'], { input: tarOf(server) })
    await link(join(root, 'bin/server'), join(root, 'bin/alias'))
    const { squashfs } = await pack({ directory: 'root' })
    expect(await listing(squashfs)).toMatchObject({
      'bin/server': expect.stringMatching(/^-rwxr-xr-x 1000\/50/) as string,
    })
    const out = join(world, 'out')
    await execa('unsquashfs', ['-quiet', '-no-progress', '-d', out, squashfs])
    expect(await xattrsIn(out, 'bin/alias')).toEqual(xattrs)
    await utimes(join(root, 'bin/server'), 1, 1)
    await pack()
    expect(steps).toHaveLength(1)
    await writeFile(join(root, 'new'), '')
    expect(await listing((await pack()).squashfs)).toHaveProperty('new')
  })

  it('may be a squashfs, which is filled up to whole sectors', async () => {
    await mkdir(join(world, 'root'))
    await writeFile(join(world, 'root/file'), 'content')
    const args = [join(world, 'root'), join(project, 'root.squashfs'), '-nopad', '-quiet', '-no-progress']
    await execa('mksquashfs', args)
    const given = await readFile(join(project, 'root.squashfs'))
    expect(given.length % 512).not.toBe(0)
    const { squashfs } = await pack({ squashfs: 'root.squashfs' })
    expect((await readFile(squashfs)).length % 512).toBe(0)
    expect(await contentIn(squashfs, 'file')).toBe('content')
    await writeFile(join(project, 'root.squashfs'), given.subarray(0, -10))
    expect(await refusal()).toMatch(/Pack: .*root\.squashfs is cut off/)
    await writeFile(join(project, 'root.squashfs'), 'hsqs')
    expect(await refusal()).toMatch(/is not a squashfs file system/)
  })

  it('is refused when it is damaged or missing, with nothing left in the cache', async () => {
    await writeFile(join(project, 'root.tar'), rootfs.subarray(0, 1800))
    expect(await refusal({ tar: 'root.tar' })).toMatch(
      /Deserialization: .*root\.tar is cut off after 1800 bytes/,
    )
    expect(await refusal({ tar: 'none.tar' })).toMatch(/NotFound: there is no .*none\.tar for image main/)
    expect(await refusal({ tar: 'root.tar', oci: 'x' })).toMatch(/give only one of debian, directory, tar/)
  })
})

describe('a container image on disk', () => {
  it('brings its own settings, which the recipe may change', async () => {
    await writeLayout(join(project, 'layout'), { v1: image })
    const { squashfs, json, env } = await pack({ oci: 'layout' })
    expect(await listing(squashfs)).toMatchObject({ 'etc/new': '-rw-r--r-- 0/0 3' })
    expect(await listing(squashfs)).not.toHaveProperty('etc/motd')
    expect(json).toBe('{"workdir":"/","user":"web","entrypoint":["/entry"],"cmd":["serve"]}')
    expect(env).toBe('PATH=/opt\nA=1')
    expect(steps.slice(1)).toEqual([
      'Image main: leaving out LINES, whose value has several lines',
      'Image main says that it listens on 80/tcp',
    ])
    await writeFile(join(project, 'image.tar'), layoutArchive(image))
    const changed = await pack({
      oci: { path: 'image.tar', tag: image.root.digest },
      entrypoint: ['/other'],
      env: { A: 3 },
    })
    expect(changed.json).toBe('{"workdir":"/","user":"web","entrypoint":["/other"],"cmd":null}')
    expect(changed.env).toBe('PATH=/opt\nA=3')
    expect((await readFile(changed.squashfs)).equals(await readFile(squashfs))).toBe(true)
  })
})

describe('an image of a registry', () => {
  let registry: TestRegistry
  beforeAll(async () => {
    registry = await startRegistry()
    await registry.push('app', '1.0', indexOf(image))
  })
  afterAll(() => registry[Symbol.asyncDispose]())

  it('is fetched for a recipe, or for what the manifest of a package of StartOS says', async () => {
    const first = await pack({ registry: `${registry.host}/app:1.0` })
    expect(first.json).toContain('"user":"web"')
    const bytes = await readFile(first.squashfs)
    await rm(join(project, 'images.yaml'))
    const second = await pack(undefined, { dockerTag: `${registry.host}/app:1.0` })
    expect((await readFile(second.squashfs)).equals(bytes)).toBe(true)
    expect(steps.filter((step) => step.startsWith('Fetching'))).toHaveLength(1)
  })

  it('may be one that was only built here', async () => {
    await copyFile('/usr/bin/busybox', join(project, 'busybox'))
    await writeFile(join(project, 'Dockerfile'), 'FROM scratch\nCOPY busybox /only-here\n')
    const name = `${registry.host}/built:1`
    await execa('buildah', ['build', '--quiet', '--tag', name, project])
    try {
      expect(await listing((await pack({ registry: name })).squashfs)).toHaveProperty('only-here')
      // Building the same again for a package leaves the author's image alone.
      await pack({ dockerfile: 'Dockerfile' })
      await execa('buildah', ['inspect', '--type', 'image', name])
    } finally {
      await execa('buildah', ['rmi', name])
    }
  })

  it('that is not there is refused', async () => {
    expect(await refusal(undefined, { dockerTag: `${registry.host}/app:2.0` })).toMatch(
      /NotFound: .* has no app:2\.0/,
    )
    expect(await refusal({ registry: { reference: 'Not/An/Image' } })).toMatch(
      /InvalidRequest: .*no image name/,
    )
  })
})

describe('a Dockerfile', () => {
  const DOCKERFILE = [
    'FROM scratch AS base',
    'ARG ARCH',
    'ARG GREETING=none',
    'COPY busybox /bin/busybox',
    'RUN ["/bin/busybox", "sh", "-c", "echo $GREETING on $ARCH > /greeting"]',
    'USER 1000:1000',
    'ENTRYPOINT ["/bin/busybox"]',
    'FROM base',
    'COPY Dockerfile /last',
  ].join('\n')

  beforeEach(async () => {
    await copyFile('/usr/bin/busybox', join(project, 'busybox'))
    await writeFile(join(project, 'Dockerfile'), DOCKERFILE)
  })

  it('is built by the engine that is here', async () => {
    const { squashfs, json } = await pack({ dockerfile: { target: 'base', args: { GREETING: 'hello' } } })
    expect(await contentIn(squashfs, 'greeting')).toBe(`hello on ${ARCH}\n`)
    expect(await listing(squashfs)).not.toHaveProperty('last')
    expect(json).toBe('{"workdir":"/","user":"1000:1000","entrypoint":["/bin/busybox"],"cmd":null}')
    expect(steps[0]).toMatch(/^Building .*Dockerfile for .* with (docker|podman|buildah)$/)
    await rm(join(project, 'images.yaml'))
    const build = { workdir: null, dockerfile: null, buildArgs: { GREETING: { env: 'NOT_SET' } } }
    const whole = await pack(undefined, { dockerBuild: build })
    expect(await contentIn(whole.squashfs, 'greeting')).toBe(`none on ${ARCH}\n`)
    expect(await listing(whole.squashfs)).toHaveProperty('last')
  })

  it('that is wrong says why, in the words of the engine', async () => {
    await writeFile(join(project, 'Dockerfile'), 'FROM scratch\nCOPY nothing /\n')
    expect(await refusal({ dockerfile: 'Dockerfile' })).toMatch(/Docker: \w+ build failed:[^]*nothing/)
  })

  it('without an engine says what to install', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = '/nowhere'
    try {
      expect(await refusal({ dockerfile: 'Dockerfile' })).toMatch(
        /Pack: a Dockerfile needs docker, podman or buildah to be built\. On Debian: apt-get install buildah/,
      )
    } finally {
      process.env['PATH'] = path
    }
  })
})
