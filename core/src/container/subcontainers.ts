import { createHash } from 'node:crypto'
import { chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import type { ContainerParts } from './container.ts'
import type { Target } from './helper.ts'
import { ID_BASE } from './instance.ts'
import { isMountPoint } from './mount-table.ts'

const INSIDE = '/media/startos/subcontainers'
const GUID = /^[A-Za-z0-9-]{1,64}$/

/** Writable layers over images, one for each subcontainer of a container. */
export class Subcontainers {
  readonly #parts: ContainerParts
  readonly #hostname: string

  constructor(parts: ContainerParts, hostname: string) {
    this.#parts = parts
    this.#hostname = hostname
  }

  /**
   * Where the host keeps its own sight of an image that is shown inside at `inside`. Layers are built on that one,
   * because the container's root may rename and link whatever lies on the way to the other.
   */
  memberTarget(inside: string): Target {
    const name = createHash('sha256')
      .update(join('/', inside, '.'))
      .digest('hex')
      .slice(0, 16)
    return { root: this.#parts.places.members, path: name }
  }

  async create(image: string, guid: string): Promise<string> {
    const { helper, places } = this.#parts
    const home = this.#home(guid)
    const member = this.memberTarget(image)
    const lower = join(member.root, member.path)
    if (!(await isMountPoint(lower))) throw new CodedError('NotFound', `image ${image} not found in s9pk`)
    const [upper, work] = [join(home, 'upper'), join(home, 'work')]
    await mkdir(join(upper, 'etc'), { recursive: true })
    await mkdir(work)
    await writeFile(join(upper, 'etc/hostname'), `${this.#hostname}\n`)
    await writeFile(join(upper, 'etc/hosts'), hosts(this.#hostname))
    for (const path of ['', 'etc', 'etc/hostname', 'etc/hosts'])
      await chown(join(upper, path), ID_BASE, ID_BASE)
    const inside = join(INSIDE, guid)
    await helper.overlay([lower], upper, work, { root: places.rootfs, path: inside })
    return inside
  }

  /** Inside the container: ends the subcontainer's processes. */
  killCommand(guid: string): string[] {
    this.#home(guid)
    return ['/usr/bin/start-container', 'subcontainer', 'kill', join(INSIDE, guid)]
  }

  async remove(guid: string): Promise<void> {
    const { helper, places } = this.#parts
    const home = this.#home(guid)
    await helper.unmount({ root: places.rootfs, path: join(INSIDE, guid) })
    await helper.removeDirectory(places.rootfs, INSIDE, guid)
    await rm(home, { recursive: true, force: true })
  }

  async list(): Promise<string[]> {
    return readdir(this.#parts.places.overlays).catch(() => [])
  }

  #home(guid: string): string {
    if (!GUID.test(guid)) throw new CodedError('InvalidId', `not a subcontainer id: ${guid}`)
    return join(this.#parts.places.overlays, guid)
  }
}

export function hosts(hostname: string): string {
  const lines = [
    ['127.0.0.1', 'localhost'],
    ['127.0.1.1', hostname],
    ['::1', 'localhost ip6-localhost ip6-loopback'],
  ]
  return lines.map((line) => `${line.join('\t')}\n`).join('')
}
