import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CodedError } from '@startd/base/errors.ts'
import archives from '../../../../sdk/base/test/vectors/s9pk-archives.json' with { type: 'json' }
import signing from '../../../../sdk/base/test/vectors/signing.json' with { type: 'json' }
import { openS9pkFile } from '../file-source.ts'
import { findSigningKey } from '../key-files.ts'
import { newSeed } from '../keys.ts'
import { bytesContent } from '../write/content.ts'
import { writeArchive } from '../write/index.ts'
import { putFile, removeFiles, treeOfArchive } from '../write/source-tree.ts'
import {
  cat,
  commitment,
  diff,
  diffText,
  extract,
  fileTree,
  initKey,
  initWorkspace,
  manifest,
  pubkey,
  verify,
} from './index.ts'

const bytesOf = (name: string) =>
  Buffer.from(archives.vectors.find((vector) => vector.name === name)!.bytesHex, 'hex')

let world: string
let tiny: string
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 's9pk-cli-'))
  tiny = join(world, 'tiny.s9pk')
  await writeFile(tiny, bytesOf('s9pk-tiny-pack-order'))
})
afterEach(() => rm(world, { recursive: true }))

describe('inspect', () => {
  it('lists files, directories with a slash, and leaves out what this copy does not have', async () => {
    expect(await fileTree(tiny)).toEqual(
      expect.arrayContaining(['images/', 'images/aarch64/main.env', 'manifest.json']),
    )
    await writeFile(tiny, bytesOf('s9pk-tiny-filtered-x86_64'))
    const filtered = await fileTree(tiny)
    expect(filtered).toContain('images/x86_64/main.env')
    expect(filtered.some((name) => name.includes('aarch64'))).toBe(false)
  })

  it('shows one file, the manifest and the commitment', async () => {
    expect((await buffer(cat(tiny, 'LICENSE.md'))).toString()).toBe('MIT')
    await expect(buffer(cat(tiny, 'images'))).rejects.toMatchObject({ kind: 'NotFound' })
    expect(await manifest(tiny)).toMatchObject({ id: 'tiny' })
    expect(await commitment(tiny)).toEqual(archives.vectors[3]!.commitment)
  })

  it('says which file is not there', async () => {
    await expect(manifest(join(world, 'none.s9pk'))).rejects.toThrow(/none\.s9pk: there is no such file/)
  })
})

describe('verify', () => {
  it('checks every file and reports progress to the end', async () => {
    let last = [0, 0]
    const answer = await verify(tiny, { onProgress: (done, total) => (last = [done, total]) })
    expect(answer).toMatchObject({
      id: 'tiny',
      version: '1.0.0:0',
      files: 14,
      signer: signing.keyEncodings.publicSpkiPem,
    })
    expect(last).toEqual([answer.bytes, answer.bytes])
    await writeFile(tiny, bytesOf('s9pk-tiny-filtered-x86_64'))
    expect((await verify(tiny)).files).toBe(11)
  })

  it('refuses a changed file', async () => {
    const damaged = archives.negative.find(({ name }) => name === 'file-tampered')!
    await writeFile(tiny, Buffer.from(damaged.bytesHex!, 'hex'))
    await expect(verify(tiny)).rejects.toThrow(/LICENSE\.md in the package does not match its hash/)
  })
})

describe('diff', () => {
  it('takes a copy for one architecture as the same package', async () => {
    const filtered = join(world, 'filtered.s9pk')
    await writeFile(filtered, bytesOf('s9pk-tiny-filtered-x86_64'))
    const found = await diff(tiny, filtered)
    expect(found).toMatchObject({ same: true, signer: null, manifest: [], images: [], files: [] })
    expect(found.from.size).toBeGreaterThan(found.to.size)
  })

  it('tells what was added, removed and changed, also of what a copy lacks', async () => {
    const file = await openS9pkFile(tiny)
    const tree = treeOfArchive(file.s9pk.archive)
    removeFiles(tree, (path) => path.startsWith('images/aarch64') || path === 'instructions.md')
    putFile(tree, 'images/x86_64/main.squashfs', bytesContent(Buffer.alloc(512)))
    putFile(tree, 'assets/new.squashfs', bytesContent(Buffer.alloc(512)))
    const other = join(world, 'other.s9pk')
    await writeArchive(tree, other, { signer: { seed: newSeed() } })
    await file.close()
    const found = await diff(tiny, other)
    expect(found.signer).not.toBeNull()
    expect(found.images.map(({ image, arch, change }) => [image, arch, change])).toEqual([
      ['main', 'aarch64', 'removed'],
      ['main', 'x86_64', 'changed'],
    ])
    expect(found.files.map(({ path, change }) => [path, change])).toEqual([
      ['assets/new.squashfs', 'added'],
      ['images/aarch64/main.env', 'removed'],
      ['images/aarch64/main.json', 'removed'],
      ['instructions.md', 'removed'],
    ])
    await writeFile(tiny, bytesOf('s9pk-tiny-filtered-x86_64'))
    expect((await diff(tiny, other)).images).toContainEqual(
      expect.objectContaining({ arch: 'x86_64', change: 'changed' }),
    )
    expect(diffText(found)).toContain('~ main for x86_64')
  })
})

describe('extract', () => {
  it('writes all files into a new directory', async () => {
    const target = join(world, 'out')
    expect(await extract(tiny, target)).toHaveLength(14)
    expect(await readFile(join(target, 'images/x86_64/main.env'), 'utf8')).toBe('PATH=/bin\nARCH=x86_64')
    await expect(extract(tiny, target)).rejects.toThrow(CodedError)
  })

  it('leaves no directory behind when a file does not match', async () => {
    const damaged = archives.negative.find(({ name }) => name === 'file-tampered')!
    await writeFile(tiny, Buffer.from(damaged.bytesHex!, 'hex'))
    await expect(extract(tiny, join(world, 'out'))).rejects.toThrow(/does not match/)
    expect(await readdir(world)).toEqual(['tiny.s9pk'])
  })
})

describe('keys', () => {
  it('are made once and never overwritten', async () => {
    const path = join(world, 'keys', 'developer.key.pem')
    expect(await initKey(path)).toEqual({ path, created: true })
    const first = await pubkey(path)
    expect(await initKey(path)).toEqual({ path, created: false })
    expect(await pubkey(path)).toBe(first)
    expect(first).toMatch(/^-----BEGIN PUBLIC KEY-----\n[^]*\n-----END PUBLIC KEY-----\n$/)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('that everybody may read or change are refused, with the way out', async () => {
    const path = join(world, 'developer.key.pem')
    await initKey(path)
    for (const mode of [0o644, 0o602, 0o604]) {
      await chmod(path, mode)
      await expect(pubkey(path)).rejects.toThrow(`run: chmod 600 ${path}`)
    }
    await chmod(path, 0o640)
    expect(await pubkey(path)).toContain('PUBLIC KEY')
  })

  it('of the nearest workspace sign before the developer’s own', async () => {
    const developerKey = join(world, 'developer.key.pem')
    const project = join(world, 'workspace', 'packages', 'one')
    await mkdir(project, { recursive: true })
    await expect(findSigningKey(project, developerKey)).rejects.toThrow(/start-cli init-key/)
    await initKey(developerKey)
    expect(await findSigningKey(project, developerKey)).toMatchObject({
      kind: 'developer',
      path: developerKey,
    })
    const workspace = await initWorkspace(join(world, 'workspace'))
    expect(await findSigningKey(project, developerKey)).toMatchObject({ kind: 'build', path: workspace.path })
    expect(await initWorkspace(join(world, 'workspace'))).toMatchObject({ created: false })
    await expect(initWorkspace(project)).rejects.toThrow(/is a workspace already/)
  })
})
