import { mkdir, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { localImage, squashLayers } from '../index.ts'
import { imageOf, writeLayout } from '../test/images.ts'
import { listing, type Made, tarOf } from '../test/layers.ts'
import { random } from '../test/random.ts'

let world: string
beforeEach(async () => {
  // Buildah takes no capital letters in paths.
  world = join(tmpdir(), `as-buildah-${randomUUID()}`)
  await mkdir(world)
})
afterEach(() => rm(world, { recursive: true }))

const NAMES = ['a', 'b', 'c', 'd']
const MOUNT_POINTS = ['/', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp']

/** Layers as engines write them: parents listed before children, whiteouts first, nothing twice. */
class Layers {
  readonly #next: (n: number) => number
  /** Directories by path, with what was last said of them. */
  readonly #directories = new Map<string, Made>([['', { path: './' }]])
  readonly #files = new Set<string>()
  #entries: Made[] = []
  #taken = new Set<string>()

  constructor(seed: number) {
    this.#next = random(seed)
  }

  layer(size: number): Buffer {
    this.#entries = []
    this.#taken = new Set([''])
    for (let i = 0; i < size / 6; i++) this.#hide()
    for (let i = 0; i < size; i++) this.#add(`${i}`)
    return tarOf(...this.#entries)
  }

  #hide(): void {
    const all = [...this.#directories.keys(), ...this.#files].filter((path) => path !== '')
    const path = all[this.#next(all.length)]
    if (path === undefined || [...this.#taken].some((taken) => below(taken, path))) return
    if (this.#directories.has(path) && this.#next(2) === 0) {
      this.#list(path)
      this.#entries.push({ path: `${path}/.wh..wh..opq` })
      this.#drop(path, false)
    } else {
      this.#list(parentOf(path))
      this.#entries.push({ path: path.replace(/[^/]*$/, '.wh.$&') })
      this.#taken.add(path)
      this.#drop(path, true)
    }
  }

  #add(content: string): void {
    const next = this.#next
    const directories = [...this.#directories.keys()].filter((path) => path.split('/').length < 5)
    const parent = directories[next(directories.length)] ?? ''
    const path = join(parent, NAMES[next(NAMES.length)] ?? 'a')
    if ([...this.#taken].some((taken) => below(taken, path))) return
    this.#list(parent)
    const attributes = { mode: 0o400 + next(0o377), uid: next(3) * 500 }
    const kind = next(10)
    this.#taken.add(path)
    if (kind < 4) {
      if (!this.#directories.has(path)) this.#drop(path, true)
      this.#directories.set(path, { path: `${path}/`, ...attributes })
      this.#entries.push({ path: `${path}/`, ...attributes })
      return
    }
    this.#drop(path, true)
    this.#files.add(path)
    const others = this.#entries.filter(({ content }) => content !== undefined)
    const other = others[next(Math.max(1, others.length))]
    if (kind === 4) this.#entries.push({ path, type: 'symlink', linkname: '/a' })
    else if (kind === 5 && other)
      this.#entries.push({ ...other, path, type: 'link', linkname: other.path, content: '' })
    else this.#entries.push({ path, ...attributes, content: content.repeat(1 + next(3)) })
  }

  /** Parents are in each layer that has something below them. */
  #list(path: string): void {
    if (this.#taken.has(path)) return
    this.#list(parentOf(path))
    this.#taken.add(path)
    this.#entries.push(this.#directories.get(path) ?? { path: `${path}/` })
  }

  #drop(path: string, whole: boolean): void {
    for (const known of [this.#directories, this.#files]) {
      for (const one of known.keys()) {
        if (one.startsWith(`${path}/`) || (whole && one === path)) known.delete(one)
      }
    }
  }
}

const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')))
const below = (path: string, top: string) => path === top || path.startsWith(`${top}/`)

/** What Buildah makes of an image, as a squashfs. */
async function unpackedByBuildah(layout: string): Promise<string> {
  await using undo = new AsyncDisposableStack()
  const buildah = async (...args: string[]) => (await execa('buildah', args)).stdout
  const id = await buildah('pull', '--quiet', `oci:${layout}`)
  undo.defer(async () => void (await buildah('rmi', '--force', id)))
  const container = await buildah('from', id)
  undo.defer(async () => void (await buildah('rm', container)))
  const output = join(world, 'theirs.squashfs')
  const directory = await buildah('mount', container)
  await execa('mksquashfs', [directory, output, '-noappend', '-quiet', '-no-progress'])
  return output
}

it.each([1, 2, 3, 4])('random layers become the tree that Buildah unpacks (%i)', async (seed) => {
  const layers = new Layers(seed)
  const layout = join(world, 'layout')
  const made = Array.from({ length: 6 }, () => layers.layer(24))
  await writeLayout(layout, { '': imageOf(made, { packings: ['gzip', 'zstd', 'plain'] }) })
  const image = await localImage(layout, { arch: 'x86_64', spool: () => join(world, 'spool') })
  const output = join(world, 'ours.squashfs')
  await squashLayers(await image.layers(), output, { what: 'it', whiteouts: true })
  const [ours, theirs] = await Promise.all([listing(output), unpackedByBuildah(layout).then(listing)])
  for (const point of MOUNT_POINTS) for (const tree of [ours, theirs]) delete tree[point]
  expect(Object.keys(ours).length).toBeGreaterThan(10)
  expect(ours).toEqual(theirs)
})
