import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, copyFile, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Helper } from './helper.ts'
import type { ImageStore } from './image-store.ts'
import { ID_BASE, RUN_ROOT, type Instance } from './instance.ts'
import { isMountPoint } from './mount-table.ts'

/** What all containers of an instance stand on, below `instance.run`. */
export interface Foundation {
  /** Directory where the shared root file system is mounted with the containers' ids. */
  readonly base: string
  /** Directory with the runtime's bundle, copied by content. */
  readonly runtime: string
}

/** Makes what is missing of the foundation, and drops what an older one has left and nothing uses. */
export async function layFoundation(
  instance: Instance,
  helper: Helper,
  images: ImageStore,
  from: { rootfs: string; runtime: string },
): Promise<Foundation> {
  await openRunDirectory(instance, helper)
  await images.collect()
  const base = await mountBase(instance, images, from.rootfs)
  const runtime = await copyRuntime(instance, from.runtime)
  await collect(instance, helper, { base, runtime })
  return { base, runtime }
}

async function openRunDirectory(instance: Instance, helper: Helper): Promise<void> {
  const source = join(instance.dataDir, 'run')
  for (const name of ['', 'base', 'c', 'lxc', 'runtime']) {
    const directory = join(source, name)
    await mkdir(directory, { recursive: true })
    // Only the containers' root may pass, on its way to its own root file system.
    await chown(directory, 0, ID_BASE)
    await chmod(directory, 0o710)
  }
  await mkdir(RUN_ROOT, { recursive: true })
  await chmod(RUN_ROOT, 0o755)
  if (await isMountPoint(instance.run)) return
  await helper.bind({ root: source, path: '.' }, [{ root: RUN_ROOT, path: instance.id }])
}

async function mountBase(instance: Instance, images: ImageStore, rootfs: string): Promise<string> {
  const { size, mtimeMs } = await stat(rootfs)
  const path = join('base', shortHash(`${rootfs} ${size} ${mtimeMs} ${images.mode}`))
  const base = join(instance.run, path)
  if (await isMountPoint(base)) return base
  await images.mount({ file: rootfs, offset: 0, size }, [{ root: instance.run, path }], true)
  return base
}

/** A copy, so that an upgrade never changes files under a runtime that is still reading them. */
async function copyRuntime(instance: Instance, runtime: string): Promise<string> {
  const entries = await readdir(runtime, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  const hash = createHash('sha256')
  for (const name of names.sort()) hash.update(`${name}\0`).update(await readFile(join(runtime, name)))
  const target = join(instance.run, 'runtime', hash.digest('hex').slice(0, 16))
  if (await exists(target)) return target
  const draft = `${target}.${randomBytes(4).toString('hex')}`
  await mkdir(draft)
  for (const name of names) {
    await copyFile(join(runtime, name), join(draft, name))
    await chmod(join(draft, name), 0o644)
  }
  await chmod(draft, 0o755)
  await rename(draft, target)
  return target
}

/** Root file systems and runtimes of earlier versions go when no container stands on them any more. */
async function collect(instance: Instance, helper: Helper, keep: Foundation): Promise<void> {
  const guids = await readdir(instance.lxcPath)
  const configs = await Promise.all(
    guids.map((guid) => readFile(join(instance.lxcPath, guid, 'config'), 'utf8').catch(() => '')),
  )
  const inUse = [await readFile('/proc/self/mountinfo', 'utf8'), ...configs].join('\n')
  for (const name of await readdir(join(instance.run, 'base'))) {
    const base = join(instance.run, 'base', name)
    if (base === keep.base || inUse.includes(`lowerdir=${base}`)) continue
    await helper.unmount({ root: instance.run, path: join('base', name) })
    await rmdir(base)
  }
  for (const name of await readdir(join(instance.run, 'runtime'))) {
    const runtime = join(instance.run, 'runtime', name)
    if (runtime === keep.runtime || inUse.includes(runtime)) continue
    await rm(runtime, { recursive: true, force: true })
  }
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
