import { isDeepStrictEqual } from 'node:util'
import {
  type Directory,
  type Entry,
  type S9pk,
  base64,
  publicKeyPem,
  sameBytes,
  walk,
} from '@startd/base/s9pk/index.ts'
import { openS9pkFile } from '../file-source.ts'

export type Change = 'added' | 'removed' | 'changed'

/** A file as its table of contents tells it; `hash` is base64. */
export interface FileState {
  size: number
  hash: string
}

export interface FileChange {
  path: string
  change: Change
  from: FileState | null
  to: FileState | null
}

export interface ImageChange extends Omit<FileChange, 'path'> {
  image: string
  arch: string
}

/** A value of the manifest, by its path such as `description.short`. */
export interface FieldChange {
  field: string
  from: unknown
  to: unknown
}

export interface PackageDiff {
  /** The same signed contents, whatever the order in the file and the signer. */
  same: boolean
  from: Side
  to: Side
  /** The public keys, when they are not the same one. */
  signer: { from: string; to: string } | null
  manifest: FieldChange[]
  images: ImageChange[]
  files: FileChange[]
}

export interface Side {
  path: string
  id: string
  version: string
  size: number
  rootSighash: string
}

const IMAGE = /^images\/([^/]+)\/([^/]+)\.squashfs$/

/**
 * `s9pk diff`: what differs between two packages, by their tables of contents and manifests alone. Files that a copy
 * was stored without still count as part of it.
 */
export async function diff(from: string, to: string): Promise<PackageDiff> {
  await using a = await openS9pkFile(from)
  await using b = await openS9pkFile(to)
  const changes = [...compare('', directoryEntry(a.s9pk), directoryEntry(b.s9pk))]
  const images = changes.flatMap(({ path, ...change }) => {
    const [, arch, image] = IMAGE.exec(path) ?? []
    return arch && image ? [{ image, arch, ...change }] : []
  })
  return {
    same: sameBytes(a.s9pk.root, b.s9pk.root),
    from: sideOf(a.path, a.size, a.s9pk),
    to: sideOf(b.path, b.size, b.s9pk),
    signer: sameBytes(a.s9pk.signer, b.s9pk.signer)
      ? null
      : { from: publicKeyPem(a.s9pk.signer), to: publicKeyPem(b.s9pk.signer) },
    manifest: [...compareFields('', a.s9pk.manifest, b.s9pk.manifest)],
    images,
    files: changes.filter(({ path }) => !IMAGE.test(path)),
  }
}

function sideOf(path: string, size: number, { manifest, commitment }: S9pk): Side {
  return { path, size, id: manifest.id, version: manifest.version, rootSighash: commitment.rootSighash }
}

function directoryEntry({ archive, root }: S9pk): Entry {
  return { kind: 'directory', hash: root, size: 0, position: 0, tableSize: 0, contents: archive.root }
}

/** Goes only into directories whose hashes differ. */
function* compare(path: string, a: Entry | null, b: Entry | null): Generator<FileChange> {
  if (a && b && sameBytes(a.hash, b.hash)) return
  if (a?.kind === 'directory' && b?.kind === 'directory') {
    for (const name of namesOf(a.contents, b.contents)) {
      const inside = path === '' ? name : `${path}/${name}`
      yield* compare(inside, a.contents.get(name) ?? null, b.contents.get(name) ?? null)
    }
    return
  }
  yield* all(path, a, b)
}

/** Every file of a directory that only one side has, or the one thing that was changed. */
function* all(path: string, a: Entry | null, b: Entry | null): Generator<FileChange> {
  const [from, to] = [filesIn(path, a), filesIn(path, b)]
  for (const name of [...new Set([...from.keys(), ...to.keys()])].sort()) {
    const [before, after] = [from.get(name) ?? null, to.get(name) ?? null]
    yield { path: name, change: !before ? 'added' : !after ? 'removed' : 'changed', from: before, to: after }
  }
}

function filesIn(path: string, entry: Entry | null): Map<string, FileState> {
  if (entry === null) return new Map()
  if (entry.kind !== 'directory') return new Map([[path, stateOf(entry)]])
  const inside = [...walk(entry.contents, `${path}/`)].filter(([, { kind }]) => kind !== 'directory')
  return new Map(inside.map(([name, one]) => [name, stateOf(one)]))
}

function stateOf({ size, hash }: Entry): FileState {
  return { size, hash: base64(hash) }
}

function namesOf(a: Directory, b: Directory): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort()
}

function* compareFields(path: string, a: unknown, b: unknown): Generator<FieldChange> {
  if (isDeepStrictEqual(a, b)) return
  if (!isMap(a) || !isMap(b)) {
    yield { field: path, from: a ?? null, to: b ?? null }
    return
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    yield* compareFields(path === '' ? key : `${path}.${key}`, a[key], b[key])
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
