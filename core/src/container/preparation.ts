import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usesCgroupV2 } from './cgroup.ts'
import type { ContainerOptions } from './contract.ts'
import type { Foundation } from './foundation.ts'
import type { Helper } from './helper.ts'
import { ID_BASE, type Instance, type Places } from './instance.ts'
import { lxcConfig } from './lxc-config.ts'
import { hosts } from './subcontainers.ts'

export interface Ground {
  readonly instance: Instance
  readonly helper: Helper
  readonly foundation: Foundation
  readonly hostAddress: string
}

/** Directories, root file system and LXC configuration of a new container. */
export async function prepareContainer(
  options: ContainerOptions,
  places: Places,
  ground: Ground,
): Promise<void> {
  const { instance, helper, foundation, hostAddress } = ground
  await makeDirectories(places)
  await writeOwnFiles(options, places, hostAddress)
  await helper.overlay([foundation.base], places.upper, places.work, { root: places.home, path: 'rootfs' })
  const config = lxcConfig({
    options,
    places,
    instance,
    hostAddress,
    runtime: foundation.runtime,
    devices: await deviceNodes(options.devices ?? []),
    cgroupV2: await usesCgroupV2(),
  })
  await mkdir(join(instance.lxcPath, options.guid), { mode: 0o700 })
  await writeFile(join(instance.lxcPath, options.guid, 'config'), config)
}

async function makeDirectories(places: Places): Promise<void> {
  const { home, rootfs, upper, work, rpc, overlays, members } = places
  await mkdir(home, { recursive: true })
  for (const path of [rootfs, upper, work, rpc, overlays, members]) await mkdir(path)
  await chown(home, 0, ID_BASE)
  await chmod(home, 0o710)
  await give(rpc, 0o755)
}

/** Files that differ from container to container, put into the writable layer before it is mounted. */
async function writeOwnFiles(
  options: ContainerOptions,
  { upper }: Places,
  hostAddress: string,
): Promise<void> {
  await give(upper, 0o755)
  for (const name of ['etc', 'etc/default']) {
    await mkdir(join(upper, name))
    await give(join(upper, name), 0o755)
  }
  const files = {
    'etc/hostname': `${options.guid}\n`,
    'etc/hosts': hosts(options.guid),
    'etc/machine-id': `${randomBytes(16).toString('hex')}\n`,
    'etc/resolv.conf': `nameserver ${hostAddress}\n`,
    'etc/default/locale': `LANG=${options.lang}\n`,
  }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(upper, name), text)
    await give(join(upper, name), 0o644)
  }
}

/** To the container's root, with exactly this mode whatever the daemon's umask is. */
async function give(path: string, mode: number): Promise<void> {
  await chmod(path, mode)
  await chown(path, ID_BASE, ID_BASE)
}

/** The device nodes of these paths that exist; of a directory, all below it. */
async function deviceNodes(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const info = await stat(path).catch(() => null)
      if (info?.isCharacterDevice() || info?.isBlockDevice()) return [path]
      if (!info?.isDirectory()) return []
      return deviceNodes((await readdir(path)).map((name) => join(path, name)))
    }),
  )
  return found.flat()
}
