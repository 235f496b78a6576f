import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import type { IdmapMode } from './contract.ts'
import { NoIdmap, type Helper, type Target } from './helper.ts'
import { PLAIN_MAP } from './id-map.ts'
import { mountTable } from './mount-table.ts'

/** A squashfs that is a byte range of a file (an s9pk section), or a whole file. */
export interface Member {
  readonly file: string
  readonly offset: number
  readonly size: number
}

/**
 * Shows squashfs images with the container's owner ids. Linux 6.2 and later map the ids of a squashfs mount;
 * before that, the image is unpacked once below the data directory and that copy is mapped.
 */
export class ImageStore {
  readonly #helper: Helper
  readonly #unpackedDir: string
  readonly #log: (line: string) => void
  #mode: IdmapMode
  readonly #unpacking = new Map<string, Promise<string>>()

  constructor(helper: Helper, dataDir: string, mode: IdmapMode, log: (line: string) => void) {
    this.#helper = helper
    this.#unpackedDir = join(dataDir, 'unpacked')
    this.#mode = mode
    this.#log = log
  }

  get mode(): IdmapMode {
    return this.#mode
  }

  /** Mounts a member, read-only, at every target. */
  async mount(member: Member, targets: readonly Target[], mapped: boolean): Promise<void> {
    const { file, offset, size } = member
    if (!mapped) return this.#helper.squashfs(file, offset, size, targets, [])
    if (this.#mode !== 'unpack') {
      try {
        return await this.#helper.squashfs(file, offset, size, targets, PLAIN_MAP)
      } catch (error) {
        if (!(error instanceof NoIdmap) || this.#mode === 'mount') throw this.#explain(error)
        this.#log(
          'This kernel cannot map the owners of a squashfs (Linux 6.2 and later can): unpacking images instead',
        )
        this.#mode = 'unpack'
      }
    }
    const source = { root: await this.#unpacked(member), path: '.' }
    try {
      await this.#helper.bind(source, targets, { map: PLAIN_MAP, readonly: true })
    } catch (error) {
      throw this.#explain(error)
    }
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof NoIdmap)) return error
    return new CodedError(
      'Lxc',
      'this machine cannot give files to a container: the kernel must be Linux 5.12 or newer with the data directory on ' +
        'ext4, xfs or btrfs, or Linux 6.2 or newer (on Debian 12: apt-get install -t bookworm-backports linux-image-amd64)',
      { cause: error },
    )
  }

  /** The member as a directory; made once, and shared by everything that mounts the same bytes. */
  async #unpacked(member: Member): Promise<string> {
    const { dev, ino, mtimeNs } = await stat(member.file, { bigint: true })
    const name = `${dev} ${ino} ${mtimeNs} ${member.offset} ${member.size}`
    const key = createHash('sha256').update(name).digest('hex').slice(0, 32)
    let work = this.#unpacking.get(key)
    if (!work) {
      work = this.#unpack(member, key).finally(() => this.#unpacking.delete(key))
      this.#unpacking.set(key, work)
    }
    return work
  }

  async #unpack(member: Member, key: string): Promise<string> {
    const home = join(this.#unpackedDir, key)
    const tree = join(home, 'tree')
    if (await exists(tree)) return tree
    const draft = join(this.#unpackedDir, `.draft-${randomUUID()}`)
    await mkdir(draft, { recursive: true, mode: 0o700 })
    try {
      const into = join(draft, 'tree')
      await execa('unsquashfs', [
        '-quiet',
        '-no-progress',
        '-offset',
        String(member.offset),
        '-dest',
        into,
        member.file,
      ])
      await writeFile(join(draft, 'source.json'), JSON.stringify(member))
      await rename(draft, home)
    } catch (cause) {
      await rm(draft, { recursive: true, force: true })
      throw new CodedError('Filesystem', `an image of ${member.file} could not be unpacked`, { cause })
    }
    return tree
  }

  /** Drops unpacked images whose archive is gone and which nobody shows. */
  async collect(): Promise<void> {
    const mounted = (await mountTable()).map(({ root }) => root)
    for (const key of await readdir(this.#unpackedDir).catch(() => [])) {
      const home = join(this.#unpackedDir, key)
      if (mounted.some((root) => root.endsWith(`/${key}/tree`))) continue
      if (!key.startsWith('.draft-') && (await exists(await sourceOf(home)))) continue
      await rm(home, { recursive: true, force: true })
    }
  }
}

async function sourceOf(home: string): Promise<string> {
  const parsed: unknown = JSON.parse(await readFile(join(home, 'source.json'), 'utf8').catch(() => 'null'))
  return parsed !== null && typeof parsed === 'object' && 'file' in parsed ? String(parsed.file) : ''
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
