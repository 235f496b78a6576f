import type { ChildProcess } from 'node:child_process'
import type { Effects } from '../effects.ts'
import type { ImageIdOf, SDKManifest } from '../manifest/types.ts'
import type { CommandType } from './command.ts'
import { RunningSubContainer } from './eager.ts'
import type { Mounts } from './mounts.ts'
import type { ExecOutcome } from './process.ts'
import type {
  FileContent,
  ImageChoice,
  SpawnOptions,
  SubContainerEager,
  SubContainerLazy,
  WriteOptions,
} from './subcontainer.ts'

type Exec = SubContainerEager['exec']

/** A subcontainer that is made when it is first used; after a failure the next use tries again. */
export class LazySubContainer implements SubContainerLazy {
  readonly lazy = true
  readonly make: () => Promise<SubContainerEager>
  readonly imageId: string
  readonly name: string | null
  made: Promise<SubContainerEager> | null = null
  holds = 0
  detached = false

  constructor(make: () => Promise<SubContainerEager>, imageId: string, name: string | null) {
    this.make = make
    this.imageId = imageId
    this.name = name
  }

  get rootfs(): Promise<string> {
    return this.eager().then(({ rootfs }) => rootfs)
  }

  get guid(): Promise<string> {
    return this.eager().then(({ guid }) => guid)
  }

  eager(): Promise<SubContainerEager> {
    this.made ??= this.make().then(
      (made) => {
        if (this.detached) made.detach()
        return made
      },
      (error: unknown) => {
        this.made = null
        throw error
      },
    )
    return this.made
  }

  async subpath(path: string): Promise<string> {
    return (await this.eager()).subpath(path)
  }

  async exec(...args: Parameters<Exec>): Promise<ExecOutcome> {
    return (await this.eager()).exec(...args)
  }

  async execFail(...args: Parameters<Exec>): Promise<ExecOutcome> {
    return (await this.eager()).execFail(...args)
  }

  async spawn(command: CommandType, options?: SpawnOptions): Promise<ChildProcess> {
    return (await this.eager()).spawn(command, options)
  }

  async launch(command: CommandType, options?: SpawnOptions): Promise<ChildProcess> {
    return (await this.eager()).launch(command, options)
  }

  async writeFile(path: string, data: FileContent, options?: WriteOptions): Promise<void> {
    return (await this.eager()).writeFile(path, data, options)
  }

  async mount(mounts: Mounts): Promise<void> {
    return (await this.eager()).mount(mounts)
  }

  hold(): () => Promise<void> {
    const released = this.eager().then((made) => made.hold())
    // The failure to make it belongs to whoever uses it next.
    released.catch(() => undefined)
    return async () => (await released.catch(() => null))?.()
  }

  async destroy(): Promise<void> {
    const made = await this.made?.catch(() => null)
    this.made = null
    await made?.destroy()
  }

  detach(): void {
    this.detached = true
    this.made?.then((made) => made.detach()).catch(() => undefined)
  }
}

/** Ways to get a subcontainer of one of the package's images. */
export interface SubContainers<M extends SDKManifest> {
  /** Made when first used. */
  of(
    effects: Effects,
    image: ImageChoice<ImageIdOf<M>>,
    mounts: Mounts<M> | null,
    name: string,
  ): SubContainerLazy
  /** Made now. */
  eager(
    effects: Effects,
    image: ImageChoice<ImageIdOf<M>>,
    mounts: Mounts<M> | null,
    name: string,
  ): Promise<SubContainerEager>
  /** Made now, and destroyed when `use` is done. */
  withTemp<T>(
    effects: Effects,
    image: ImageChoice<ImageIdOf<M>>,
    mounts: Mounts<M> | null,
    name: string,
    use: (subcontainer: SubContainerEager) => Promise<T>,
  ): Promise<T>
}

export const SubContainer: SubContainers<SDKManifest> = {
  of: (effects, image, mounts, name) =>
    new LazySubContainer(() => RunningSubContainer.create(effects, image, mounts, name), image.imageId, name),
  eager: (effects, image, mounts, name) => RunningSubContainer.create(effects, image, mounts, name),
  async withTemp(effects, image, mounts, name, use) {
    const temporary = await RunningSubContainer.create(effects, image, mounts, name)
    try {
      return await use(temporary)
    } finally {
      await temporary.destroy()
    }
  },
}
