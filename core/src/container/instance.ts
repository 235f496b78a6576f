import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** First host id of every container: 0 inside is this outside, for 65 536 ids. */
export const ID_BASE = 100_000
export const ID_COUNT = 65_536

/**
 * One data directory's names on the machine. Containers reach what they need through `run`, a bind mount of
 * `<data>/run`: the container's root may not pass through the user's home, and socket paths stay short.
 */
export interface Instance {
  readonly id: string
  readonly dataDir: string
  readonly run: string
  readonly lxcPath: string
  readonly bridge: string
  readonly table: string
  readonly cgroup: string
}

/** Where all instances of the machine meet; a tmpfs, so a reboot forgets it. */
export const RUN_ROOT = '/run/startd'

/** Reads, or chooses once, the identity of a data directory. */
export async function openInstance(dataDir: string): Promise<Instance> {
  await mkdir(dataDir, { recursive: true })
  const real = await realpath(dataDir)
  // Services own files in here by the ids that they have inside: a set-user-id file of "root" must be out of reach.
  await chmod(real, 0o700)
  const file = join(real, 'instance')
  const known = (await readFile(file, 'utf8').catch(() => '')).trim()
  const id = /^[0-9a-f]{8}$/.test(known) ? known : createHash('sha256').update(real).digest('hex').slice(0, 8)
  if (id !== known) await writeFile(file, `${id}\n`)
  return {
    id,
    dataDir: real,
    run: join(RUN_ROOT, id),
    lxcPath: join(RUN_ROOT, id, 'lxc'),
    bridge: `sd${id}`,
    table: `startd_${id}`,
    cgroup: `startd-${id}`,
  }
}

/** Ids of the instances that are up on this machine besides this one. */
export async function otherInstances(id: string): Promise<string[]> {
  const names = await readdir(RUN_ROOT).catch(() => [])
  return names.filter((name) => /^[0-9a-f]{8}$/.test(name) && name !== id)
}

/** Paths of one container, below `instance.run`. */
export interface Places {
  readonly home: string
  readonly rootfs: string
  readonly upper: string
  readonly work: string
  readonly rpc: string
  readonly overlays: string
  readonly members: string
  readonly state: string
  readonly socket: string
  readonly lxcLog: string
}

export function placesOf(instance: Instance, guid: string): Places {
  const home = join(instance.run, 'c', guid)
  const at = (name: string): string => join(home, name)
  return {
    home,
    rootfs: at('rootfs'),
    upper: at('upper'),
    work: at('work'),
    rpc: at('rpc'),
    overlays: at('overlays'),
    members: at('members'),
    state: at('state.json'),
    socket: at('s'),
    lxcLog: at('lxc.log'),
  }
}
