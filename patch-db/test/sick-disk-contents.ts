import { isDeepStrictEqual } from 'node:util'

/** Which calls fail; a disk without an ailment does as it is told. `half`: writes stop half-way before they fail. */
export type Ailment = { readonly calls: readonly Call[]; readonly error: number; readonly half?: boolean }
export type Call = 'write' | 'sync' | 'truncate' | 'rename' | 'syncDirectory'

const PAGE = 4096

/** Names and contents of a directory. */
export type Files = [string, Buffer][]

type Inode = { cached: Buffer; durable: Buffer; dirty: Set<number> }

/**
 * Files of one directory as Linux treats them: what is written stands in a cache until it is synced; a sync that
 * fails forgets which pages were still to be written, and the next one succeeds without them. A name is durable when
 * the directory was synced. `afterPowerCut` answers what is really on disk.
 */
export class SickDisk {
  ailment: Ailment | null = null
  /** What each moment since `record` would have left behind, had the program been killed then, or the power cut. */
  history: Files[] | undefined
  #names = new Map<string, bigint>()
  #durableNames = new Map<string, bigint>()
  readonly #inodes = new Map<bigint, Inode>()

  names(): [string, bigint][] {
    return [...this.#names]
  }

  lookup(name: string): bigint | undefined {
    return this.#names.get(name)
  }

  create(name: string): bigint {
    const id = BigInt(this.#inodes.size + 2)
    this.#inodes.set(id, { cached: Buffer.alloc(0), durable: Buffer.alloc(0), dirty: new Set() })
    this.#names.set(name, id)
    return id
  }

  size(id: bigint): number {
    return this.#inode(id).cached.length
  }

  read(id: bigint, offset: number, size: number): Buffer {
    return this.#inode(id).cached.subarray(offset, offset + size)
  }

  /** Bytes written, or a negative error number; so for all that follow. */
  write(id: bigint, offset: number, data: Buffer): number {
    const failed = this.#fails('write')
    if (failed < 0 && this.ailment?.half !== true) return failed
    const some = failed < 0 ? data.subarray(0, data.length >> 1) : data
    if (some.length === 0) return failed
    const inode = this.#inode(id)
    if (offset + some.length > inode.cached.length) this.#resize(inode, offset + some.length)
    some.copy(inode.cached, offset)
    for (let page = Math.floor(offset / PAGE); page * PAGE < offset + some.length; page++)
      inode.dirty.add(page)
    return some.length
  }

  truncate(id: bigint, size: number): number {
    const failed = this.#fails('truncate')
    if (failed === 0) this.#resize(this.#inode(id), size)
    return failed
  }

  sync(id: bigint): number {
    const inode = this.#inode(id)
    const failed = this.#fails('sync')
    if (failed === 0) {
      const before = inode.durable
      inode.durable = Buffer.alloc(inode.cached.length)
      before.copy(inode.durable)
      for (const page of inode.dirty) {
        const at = page * PAGE
        if (at >= inode.cached.length) continue
        inode.cached.copy(inode.durable, at, at, Math.min(at + PAGE, inode.cached.length))
      }
    }
    inode.dirty.clear()
    return failed
  }

  rename(from: string, to: string): number {
    const failed = this.#fails('rename')
    if (failed < 0) return failed
    this.#names.set(to, this.#names.get(from) as bigint)
    this.#names.delete(from)
    return 0
  }

  unlink(name: string): number {
    return this.#names.delete(name) ? 0 : -1
  }

  syncDirectory(): number {
    const failed = this.#fails('syncDirectory')
    if (failed === 0) this.#durableNames = new Map(this.#names)
    return failed
  }

  afterKill(): Files {
    return [...this.#names].map(([name, id]) => [name, this.#inode(id).cached])
  }

  afterPowerCut(): Files {
    return [...this.#durableNames].map(([name, id]) => [name, this.#inode(id).durable])
  }

  /** To be called after every call that may have changed something. */
  remember(): void {
    const states = [this.afterKill(), this.afterPowerCut()]
    const last = this.history?.slice(-2) ?? []
    if (!isDeepStrictEqual(last, states)) this.mark()
  }

  /** Begins a stretch of the history with what stands now; answers how much came before. */
  mark(): number {
    const before = this.history?.length ?? 0
    this.history?.push(this.afterKill().map(copied), this.afterPowerCut().map(copied))
    return before
  }

  #fails(call: Call): number {
    return this.ailment?.calls.includes(call) === true ? -this.ailment.error : 0
  }

  #resize(inode: Inode, size: number): void {
    const next = Buffer.alloc(size)
    inode.cached.copy(next)
    inode.cached = next
  }

  #inode(id: bigint): Inode {
    const inode = this.#inodes.get(id)
    if (inode === undefined) throw new Error(`no inode ${id}`)
    return inode
  }
}

function copied([name, bytes]: [string, Buffer]): [string, Buffer] {
  return [name, Buffer.from(bytes)]
}
