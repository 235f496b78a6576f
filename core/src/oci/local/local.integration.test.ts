import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../digest.ts'
import { localImage, squashLayers } from '../index.ts'
import { imageOf, indexOf, layoutArchive, savedArchive, writeLayout } from '../test/images.ts'
import { contentIn, gzipped, listing, tarOf } from '../test/layers.ts'

let world: string
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'local-test-'))
})
afterEach(() => rm(world, { recursive: true }))

const layers = [
  tarOf({ path: 'a', content: 'old' }),
  tarOf({ path: 'a', content: 'new' }),
  tarOf({ path: 'b', content: 'b' }),
]
const amd = imageOf(layers, { packings: ['plain', 'gzip', 'zstd'] })
const arm = imageOf([tarOf({ path: 'a', content: 'arm' })], { architecture: 'arm64' })

const open = (name: string, arch = 'x86_64', tag?: string) =>
  localImage(join(world, name), { arch, tag, spool: () => join(world, 'spool.tar') })

/** What `a` holds in the root file system of an image. */
async function contentOfA(name: string, arch?: string, tag?: string): Promise<string> {
  const image = await open(name, arch, tag)
  const output = join(world, 'root.squashfs')
  await rm(output, { force: true })
  await squashLayers(await image.layers(), output, { what: name, whiteouts: true })
  return contentIn(output, 'a')
}

describe('an OCI image layout', () => {
  it('is read as a directory or as an archive, packed or not', async () => {
    await writeLayout(join(world, 'layout'), { '': indexOf(amd, arm) })
    expect(await contentOfA('layout')).toBe('new')
    expect(await contentOfA('layout', 'aarch64')).toBe('arm')
    const archive = layoutArchive(indexOf(amd, arm))
    await writeFile(join(world, 'plain.tar'), archive)
    await writeFile(join(world, 'packed.tar.gz'), gzipped(archive))
    await writeFile(join(world, 'packed.tar.zst'), zstdCompressSync(archive))
    const { stdout } = await execa('xz', ['-0', '-c'], { input: archive, encoding: 'buffer' })
    await writeFile(join(world, 'packed.tar.xz'), stdout)
    expect(await contentOfA('plain.tar')).toBe('new')
    for (const name of ['packed.tar.gz', 'packed.tar.zst', 'packed.tar.xz']) {
      expect(await contentOfA(name, 'aarch64')).toBe('arm')
      await rm(join(world, 'spool.tar'))
    }
  })

  it('with several images needs to be told which', async () => {
    const other = imageOf([tarOf({ path: 'a', content: 'other' })])
    await writeLayout(join(world, 'layout'), { one: amd, two: other })
    await expect(open('layout')).rejects.toThrow(/holds 2 images; say which one with “tag”: one, two/)
    expect(await contentOfA('layout', 'x86_64', 'two')).toBe('other')
    await expect(open('layout', 'x86_64', 'three')).rejects.toThrow(/has no image three; it has one, two/)
    await writeLayout(join(world, 'platforms'), { one: amd, two: arm })
    expect(await contentOfA('platforms', 'aarch64')).toBe('arm')
  })

  it('whose blobs were changed or are missing is refused', async () => {
    await writeLayout(join(world, 'layout'), { '': amd })
    const blob = join(world, 'layout/blobs/sha256', digestOf(layers[0]!).slice(7))
    await writeFile(blob, Buffer.alloc(layers[0]!.length))
    await expect(contentOfA('layout')).rejects.toThrow(/layer 1 of .* does not match its digest/)
    await rm(blob)
    await expect(contentOfA('layout')).rejects.toMatchObject({ kind: 'NotFound' })
  })

  it('whose layers are in another order than its configuration says is refused', async () => {
    const [manifest] = [...amd.blobs.values()].filter((bytes) => bytes.includes('"layers":['))
    const value = JSON.parse(manifest!.toString()) as { layers: unknown[] }
    const turned = Buffer.from(JSON.stringify({ ...value, layers: value.layers.toReversed() }))
    const blobs = new Map(amd.blobs).set(digestOf(turned), turned)
    const root = { ...amd.root, digest: digestOf(turned), size: turned.length }
    await writeLayout(join(world, 'layout'), { '': { root, blobs } })
    await expect(contentOfA('layout')).rejects.toThrow(/layer 1 of .*, unpacked, does not match its digest/)
  })
})

it('an image without layers, written by a program in Go, holds what every image gets', async () => {
  const blobs = new Map<string, Buffer>()
  const add = (value: object) => {
    const bytes = Buffer.from(JSON.stringify(value))
    blobs.set(digestOf(bytes), bytes)
    return { digest: digestOf(bytes), size: bytes.length }
  }
  const config = add({ architecture: 'amd64', config: null, rootfs: { type: 'layers', diff_ids: null } })
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const root = { mediaType, ...add({ schemaVersion: 2, config, layers: null, annotations: null }) }
  await writeLayout(join(world, 'layout'), { '': { root, blobs } })
  const image = await open('layout')
  const output = join(world, 'root.squashfs')
  await squashLayers(await image.layers(), output, { what: 'it', whiteouts: true })
  expect(Object.keys(await listing(output))).toEqual(['/', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp'])
})

describe('what docker save wrote', () => {
  it('is read, with layers that are links to others', async () => {
    const twice = imageOf([layers[0]!, layers[1]!, layers[0]!])
    await writeFile(join(world, 'saved.tar'), savedArchive(twice, 'app:1'))
    expect(await contentOfA('saved.tar')).toBe('old')
    expect(await contentOfA('saved.tar', 'x86_64', 'app:1')).toBe('old')
    await expect(open('saved.tar', 'x86_64', 'app:2')).rejects.toThrow(/has no image app:2: app:1/)
    await expect(open('saved.tar', 'aarch64')).rejects.toThrow(/is for linux\/amd64, not for linux\/arm64/)
  })

  it('cannot name files beside the archive', async () => {
    const config = 'c.json'
    const manifest = [{ Config: config, RepoTags: ['x:1'], Layers: ['../../../../etc/passwd'] }]
    const bytes = tarOf(
      { path: config, content: imageOf([layers[0]!]).configuration },
      { path: 'etc/passwd', type: 'symlink', linkname: '/etc/passwd' },
      { path: 'manifest.json', content: JSON.stringify(manifest) },
    )
    await writeFile(join(world, 'evil.tar'), bytes)
    await expect(contentOfA('evil.tar')).rejects.toMatchObject({ kind: 'NotFound' })
  })
})

it('anything else is no image, and nothing is left behind', async () => {
  await mkdir(join(world, 'empty'))
  await expect(open('empty')).rejects.toThrow(/neither index\.json .* nor manifest\.json/)
  await writeFile(join(world, 'text'), 'hello '.repeat(500))
  await expect(open('text')).rejects.toThrow(/text is not a valid tar archive/)
  await writeFile(join(world, 'cut.tar.gz'), gzipped(layoutArchive(amd)).subarray(0, 900))
  await expect(open('cut.tar.gz')).rejects.toThrow(/cut\.tar\.gz is cut off/)
  await writeFile(join(world, 'damaged.tar.gz'), gzipped(layoutArchive(amd)).fill(7, 200, 300))
  await expect(open('damaged.tar.gz')).rejects.toThrow(/is damaged and cannot be unpacked/)
  await writeFile(join(world, 'cut.tar.xz'), Buffer.from('fd377a585a000004e6d6b446', 'hex'))
  await expect(open('cut.tar.xz')).rejects.toThrow(
    /cut\.tar\.xz cannot be unpacked: xz: .*Unexpected end of input/,
  )
  await expect(open('missing')).rejects.toMatchObject({ kind: 'NotFound' })
  expect(await readdir(world)).not.toContain('spool.tar')
})
